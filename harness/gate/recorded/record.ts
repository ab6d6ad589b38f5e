import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { readEveryCompression } from '../../clients/kafka-compression.ts';
import type { KafkaRecord } from '../../history/event.ts';
import { readAsFar } from '../../history/read-history.ts';
import type { AddressBook } from '../../kernel/address-book.ts';
import { GateError } from '../error.ts';
import { Registry } from '../sources/registry.ts';
import { deleteGroup } from './groups.ts';
import { fingerprintOf, RECORDED_FOLDER, type RecordedLine } from './recorded.ts';

/** Enough messages per kind: a stream with only such kinds adds nothing. */
const PER_KIND_MAX = 3;
const DEADLINE_MS = 30_000;

/** What was added to the corpus. */
export interface Recorded {
  readonly topic: string;
  readonly added: number;
}

/**
 * Grows the corpus of real messages by those that a run's witness saw: the history tells which,
 * and the broker, which still runs, has their bytes.
 */
export async function recordRun(
  historyFile: string,
  { kafka, registry }: Pick<AddressBook, 'kafka' | 'registry'>,
  repository: string,
): Promise<Recorded[]> {
  const wanted = wantedOf(historyFile);
  if (wanted.size === 0) {
    throw new GateError(`${historyFile} has no Kafka record that could be decoded`, {
      file: historyFile,
      fix: 'record a run of sagaproof verify',
    });
  }
  const values = await fetchValues(kafka.bootstrap, [...wanted.values()]);
  const schemas = new Registry(registry.url);
  const byTopic = Map.groupBy(wanted, ([, { topic }]) => topic);
  const recorded: Recorded[] = [];
  for (const [topic, records] of byTopic) {
    const lines: RecordedLine[] = [];
    for (const [place, { key, headers, schemaId }] of records) {
      const value = values.get(place);
      if (value === undefined || schemaId === undefined) continue;
      const schema: unknown = JSON.parse(await schemas.schema(schemaId));
      const fingerprint = fingerprintOf(schema);
      lines.push({ kind: 'schema', fingerprint, schema });
      const eventType = headers['eventType'] ?? 'unknown';
      lines.push({
        kind: 'message',
        topic,
        eventType,
        fingerprint,
        ...(key !== null && { key }),
        headers,
        value,
      });
    }
    recorded.push({ topic, added: append(repository, topic, lines) });
  }
  return recorded;
}

const keyOf = (topic: string, partition: number, offset: string): string =>
  `${topic}/${partition}/${offset}`;

/**
 * Records of each kind, by where they are: whole streams, since what comes in the middle of one
 * means nothing to a consumer that has not had its beginning.
 */
function wantedOf(historyFile: string): Map<string, KafkaRecord> {
  if (!existsSync(historyFile)) {
    throw new GateError(
      `there is no ${historyFile}; name the folder of a run, such as runs/latest`,
    );
  }
  const records = readAsFar(historyFile).filter((event) => event.type === 'kafka');
  const streams = Map.groupBy(records, ({ topic, key }) => `${topic} ${key}`);
  const kinds = new Map<string, number>();
  const isEnough = (kind: string) => (kinds.get(kind) ?? 0) >= PER_KIND_MAX;
  const wanted = new Map<string, KafkaRecord>();
  for (const stream of streams.values()) {
    const isWhole = stream.every((one) => one.value !== undefined && one.schemaId !== undefined);
    const its = stream.map(({ topic, headers, schemaId }) =>
      [topic, headers['eventType'], schemaId].join(' '),
    );
    if (!isWhole || its.every(isEnough)) continue;
    for (const kind of its) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    for (const one of stream) wanted.set(keyOf(one.topic, one.partition, one.offset), one);
  }
  return wanted;
}

/** The bytes of records, in base64, by where they are. */
async function fetchValues(
  bootstrap: string,
  records: readonly KafkaRecord[],
): Promise<Map<string, string>> {
  const groupId = `sagaproof-gate-record-${randomUUID()}`;
  readEveryCompression();
  const kafka = new Kafka({
    clientId: groupId,
    brokers: [bootstrap],
    logLevel: logLevel.NOTHING,
    retry: { retries: 3 },
  });
  const left = new Set(records.map((it) => keyOf(it.topic, it.partition, it.offset)));
  const values = new Map<string, string>();
  const consumer = kafka.consumer({ groupId });
  const done = Promise.withResolvers<void>();
  const deadline = setTimeout(() => done.resolve(), DEADLINE_MS);
  try {
    await consumer.connect();
    const topics = [...new Set(records.map(({ topic }) => topic))];
    await consumer.subscribe({ topics, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ topic, partition, message }) => {
        const key = keyOf(topic, partition, message.offset);
        if (!left.delete(key)) return;
        if (message.value !== null) values.set(key, message.value.toString('base64'));
        if (left.size === 0) done.resolve();
      },
    });
    await done.promise;
  } catch (error) {
    throw new GateError(`Kafka at ${bootstrap} does not answer (${(error as Error).message})`, {
      code: 'stack-unavailable',
      fix: 'check the stack of the run with sagaproof status',
    });
  } finally {
    clearTimeout(deadline);
    await consumer.disconnect();
    await deleteGroup(kafka, groupId);
  }
  if (values.size === 0) {
    throw new GateError(
      `Kafka at ${bootstrap} has none of the run's records: they are of another stack, or have expired`,
      { code: 'stack-unavailable' },
    );
  }
  return values;
}

/** Appends new lines to the file; returns the number of new messages. */
function append(repository: string, topic: string, lines: readonly RecordedLine[]): number {
  const folder = join(repository, RECORDED_FOLDER);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${topic}.jsonl`);
  const known = new Set(existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []);
  let added = 0;
  for (const line of lines) {
    const text = JSON.stringify(line);
    if (known.has(text)) continue;
    known.add(text);
    appendFileSync(file, `${text}\n`);
    if (line.kind === 'message') added += 1;
  }
  return added;
}
