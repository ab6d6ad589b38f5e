import type { Message, RecordMetadata } from '../../pacts/interaction.ts';
import type { Expected, Place, Protocol } from './protocol.ts';
import type { SeenRecord, StateContext } from './state.ts';

/** A registry on a busy machine takes its time. */
const LOOKUP_MS = 15_000;

/** Asynchronous messages that stand for records: what really crossed the broker answers. */
export const kafkaProtocol: Protocol = { capture };

/**
 * The record that a contract speaks of: about this interaction's names and of the type that its
 * header names, on whatever topic and with whatever key, so that a wrong one is seen as wrong.
 */
async function capture(
  { names, stack }: StateContext,
  place: Place,
  { description, metadata }: Expected,
): Promise<Message> {
  const wanted = metadata as unknown as RecordMetadata;
  const eventType = wanted['header:eventType'];
  const tap = place.tap();
  const record = await tap.nth(
    // Of several with this type the one that has so many of them before it.
    typesIn(wanted.after).filter((type) => type === eventType).length,
    description,
    names,
    ({ topic, headers }) => headers['eventType'] === eventType && !topic.endsWith('.dlq'),
  );
  if (record.value === undefined) {
    throw new Error(`${description}: its value cannot be decoded: ${record.undecodable}`);
  }
  // So a contract can say that a header names the very message.
  names.bind('messageId', String(record.value['messageId']));
  const headers = Object.entries(record.headers).map(([name, text]) => [`header:${name}`, text]);
  return {
    contents: record.value,
    metadata: {
      protocol: 'kafka',
      contentType: 'application/json',
      topic: record.topic,
      key: record.key ?? '',
      subject: await subjectOf(stack.addressBook.registry.url, record, wanted.subject),
      ...Object.fromEntries(headers),
      ...(wanted.after === undefined ? {} : { after: before(tap.about(names), record) }),
    },
  };
}

const BETWEEN = ', ';

const typesIn = (after = ''): string[] => (after === '' ? [] : after.split(BETWEEN));

/** Types of the records that the same key had earlier on the same topic. */
function before(records: readonly SeenRecord[], { topic, key, offset }: SeenRecord): string {
  return records
    .filter((one) => one.topic === topic && one.key === key)
    .filter((one) => BigInt(one.offset) < BigInt(offset))
    .map(({ headers }) => headers['eventType'] ?? '')
    .join(BETWEEN);
}

/**
 * The subject that a record's schema belongs to: the one that is expected when it is among those
 * that have this schema, else the first of them.
 */
async function subjectOf(
  registry: string,
  { schemaId }: SeenRecord,
  expected: string,
): Promise<string> {
  const url = `${registry}/schemas/ids/${schemaId}/versions`;
  if (belongs.has(`${url} ${expected}`)) return expected;
  const response = await fetch(url, { signal: AbortSignal.timeout(LOOKUP_MS) });
  if (!response.ok) return `schema ${schemaId}, of which the registry knows no subject`;
  const versions = (await response.json()) as ReadonlyArray<{ readonly subject: string }>;
  const subjects = versions.map(({ subject }) => subject);
  if (!subjects.includes(expected)) return subjects[0] ?? '';
  belongs.add(`${url} ${expected}`);
  return expected;
}

/** Ids of schemas and the subjects that have them: an id never comes to mean something else. */
const belongs = new Set<string>();
