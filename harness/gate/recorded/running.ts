import { randomUUID } from 'node:crypto';
import type { AddressBook } from '../../kernel/address-book.ts';
import { topicsOf } from '../comparison.ts';
import { readGateConfig, schemaFileOf } from '../config.ts';
import { GateError } from '../error.ts';
import type { Finding } from '../finding.ts';
import { Registry } from '../sources/registry.ts';
import type { Tree } from '../sources/tree.ts';
import { decode, encode } from './avro-values.ts';
import { type Play, play, type Reception } from './play.ts';
import {
  fingerprintOf,
  type RecordedMessage,
  recordedMessages,
  WIRE_PREFIX_BYTES,
} from './recorded.ts';

/** The version to check, and the stack whose consumers run. */
export interface Running {
  readonly head: Tree;
  readonly addresses: Pick<AddressBook, 'kafka' | 'registry'>;
  /** A consumer that reads nothing for this long has stopped. */
  readonly standstillMs?: number;
  /** Receives a summary of what was replayed, and to which consumers. */
  readonly onPlayed?: (what: string) => void;
}

/** A recorded message, and the schema that it is encoded with for this replay. */
interface Written {
  readonly message: RecordedMessage;
  readonly schema: string;
  readonly file: string;
  readonly key: string;
  readonly value: Buffer;
  readonly messageId: string;
  readonly consumers: readonly string[];
}

/**
 * Replays recorded messages to running consumers, as recorded and, where a schema has changed,
 * re-encoded with it. Each message gets a new identity, so that no consumer skips it as a
 * duplicate. A consumer that rejects a re-encoded message, or does not get past it, breaks. If it
 * does not accept the message as recorded either, the result is unknown: it may lack earlier
 * messages.
 */
export async function checkRunning(running: Running): Promise<Finding[]> {
  const messages = messagesOf(running.head);
  if (messages.length === 0) {
    throw new GateError(
      'contracts/corpus has no message with a consumer, so nothing can be replayed',
      { fix: 'record messages: sagaproof gate record <run folder>' },
    );
  }
  const asRecorded = await received(running, messages);
  const reencoded = messages.flatMap((one) => {
    const written = reencode(running.head, one);
    return written === undefined ? [] : [written];
  });
  const asChanged = await received(running, reencoded);
  const consumers = [...new Set(messages.flatMap((one) => one.consumers))];
  running.onPlayed?.(
    `${messages.length} recorded messages were replayed to ${consumers.join(', ')}, and ${reencoded.length} of them again, re-encoded with changed schemas`,
  );
  const refused = new Set(
    asRecorded.flatMap(({ written, consumer, reception }) =>
      reception.outcome === 'read' ? [] : [identity(written, consumer)],
    ),
  );
  const fair = asChanged.filter(
    ({ written, consumer }) => !refused.has(identity(written, consumer)),
  );
  return [
    ...findingsOf(fair, `re-encoded with the schema of ${running.head.label}`, 'breaks'),
    ...findingsOf(asRecorded, 'as recorded', 'unknown'),
  ];
}

const identity = ({ message: { file, line } }: Written, consumer: string): string =>
  `${file}:${line} ${consumer}`;

/** Every recorded message that has a consumer, unchanged, under a new identity. */
function messagesOf(head: Tree): Written[] {
  const config = readGateConfig(head);
  const table = new Map(topicsOf(head).topics.map((topic) => [topic.name, topic]));
  return recordedMessages(head).flatMap((message) => {
    const topic = table.get(message.topic);
    if (topic === undefined || topic.consumers.length === 0) return [];
    const schema = message.writerSchema;
    const file = schemaFileOf(head, config, message.topic) ?? `${message.topic}.avsc`;
    const decoded = decode(schema, schema, message.value);
    if ('error' in decoded) {
      throw new GateError(
        `${message.file}:${message.line} does not match its schema: ${decoded.error}`,
        { file: `${message.file}:${message.line}` },
      );
    }
    const { consumers } = topic;
    const value = decoded.value as Record<string, unknown>;
    const key = message.key ?? String(value[topic.key] ?? randomUUID());
    return [{ message, schema, file, key, consumers, ...encoded(schema, value) }];
  });
}

function reencode(head: Tree, written: Written): Written | undefined {
  const schema = head.read(written.file);
  if (schema === undefined || isSame(schema, written.schema)) return undefined;
  const decoded = decode(schema, written.schema, written.message.value);
  // The rules report what the new schema cannot express at all.
  if ('error' in decoded) return undefined;
  return { ...written, schema, ...encoded(schema, decoded.value as Record<string, unknown>) };
}

const isSame = (a: string, b: string): boolean =>
  fingerprintOf(JSON.parse(a)) === fingerprintOf(JSON.parse(b));

function encoded(
  schema: string,
  value: Readonly<Record<string, unknown>>,
): Pick<Written, 'value' | 'messageId'> {
  const messageId = randomUUID();
  const own = 'messageId' in value ? { ...value, messageId } : value;
  return { messageId, value: encode(schema, own) };
}

interface Received {
  readonly written: Written;
  readonly consumer: string;
  readonly reception: Reception;
}

async function received(
  { addresses: { kafka, registry }, standstillMs }: Running,
  all: readonly Written[],
): Promise<Received[]> {
  if (all.length === 0) return [];
  const ids = await registeredIds(new Registry(registry.url), all);
  const plays = all.map((written): Play => {
    const { message, key, value, messageId, consumers } = written;
    const prefix = Buffer.alloc(WIRE_PREFIX_BYTES);
    prefix.writeUInt32BE(ids.get(written.schema) ?? 0, 1);
    return {
      topic: message.topic,
      key,
      value: Buffer.concat([prefix, value]),
      headers: { ...message.headers, id: messageId, eventType: message.eventType },
      consumers,
    };
  });
  const receptions = await play(kafka.bootstrap, plays, standstillMs);
  return all.flatMap((written, index) =>
    [...(receptions[index] ?? [])].map(([consumer, reception]) => ({
      written,
      consumer,
      reception,
    })),
  );
}

/** Registers schemas under separate subjects, where no mode refuses them; consumers read by id. */
async function registeredIds(
  registry: Registry,
  all: readonly Written[],
): Promise<ReadonlyMap<string, number>> {
  const ids = new Map<string, number>();
  for (const { schema, message } of all) {
    if (ids.has(schema)) continue;
    const fingerprint = fingerprintOf(JSON.parse(schema));
    const subject = `sagaproof-gate-${message.topic}-${fingerprint}`;
    ids.set(schema, await registry.register(subject, schema));
  }
  return ids;
}

/** One finding per consumer and outcome, with the first message that shows it. */
function findingsOf(
  all: readonly Received[],
  how: string,
  certainty: Finding['certainty'],
): Finding[] {
  const kinds = Map.groupBy(all, ({ written, consumer, reception }) =>
    [written.message.topic, consumer, reception.outcome].join(' '),
  );
  return [...kinds.values()].flatMap(([first, ...others]) => {
    if (first === undefined || first.reception.outcome === 'read') return [];
    const more = others.length === 0 ? '' : `, and ${others.length} more`;
    const { written, consumer, reception } = first;
    return [{ ...findingOf(written.message, consumer, reception, `${how}${more}`), certainty }];
  });
}

function findingOf(
  { topic, eventType, file, line }: RecordedMessage,
  consumer: string,
  reception: Exclude<Reception, { readonly outcome: 'read' }>,
  how: string,
): Omit<Finding, 'certainty'> {
  const about = {
    format: 'recorded',
    subject: `${topic} at the running ${consumer}`,
    file,
    line,
    causes: [],
    breaks: [`the running ${consumer}`],
  } as const;
  const message = `${eventType} at ${file}:${line} ${how}`;
  const fix = `read its log (sagaproof logs ${consumer}), then change the schema so that it can read it, or first deploy a ${consumer} that can`;
  const fails = `cannot read ${topic}`;
  switch (reception.outcome) {
    case 'put-aside': {
      const what = `it sent ${message} to the dead-letter topic: ${reception.cause}`;
      return { ...about, rule: 'recorded/consumer-put-aside', fails, what, fix };
    }
    case 'stuck': {
      const what = `it does not get past ${message}`;
      return { ...about, rule: 'recorded/consumer-stuck', fails, what, fix };
    }
    case 'absent':
      return {
        ...about,
        rule: 'recorded/consumer-absent',
        fails: `was not checked for ${topic}`,
        what: 'the broker has no consumer group for it',
        fix: `start ${consumer} on that stack (sagaproof up), and run the gate again`,
      };
  }
}
