import { valueSubject } from '#contracts/spec/topics.ts';
import type { ContractRecord } from '#harness/contracts/consumer/record.ts';
import {
  NEWER_SCHEMA_ID,
  newerSchema,
  SCHEMA_ID,
} from '#harness/contracts/consumer/topic-schema.ts';
import { type Codec, createCodec, type TopicName } from './avro.ts';
import { testContext } from './context.testkit.ts';
import type { RawMessage } from './kafka-lane.ts';
import { type AnyReceived, Processor } from './kafka-processor.ts';
import { currentTraceparent, startTelemetry } from './telemetry.ts';

/** Outcome of a record: handled, or put aside and why. A handler's other failures are thrown. */
export type Consumption = 'handled' | `put aside: ${string}`;

/**
 * Takes one record as the services' consumer does when Kafka gives it: decoded, in its trace,
 * handled, or put aside. Nothing but the network is left out.
 *
 * @param topics what the consumer subscribes to
 */
export async function consumeRecord<T extends TopicName>(
  record: ContractRecord,
  topics: readonly T[],
  handle: (message: AnyReceived<T>) => Promise<void>,
): Promise<Consumption> {
  await using context = testContext();
  traceOnce();
  const codec = await codecFor(record.topic, topics);
  let cause: string | undefined;
  const processor = new Processor(context, {
    brokers: '',
    group: context.name,
    topics,
    codec,
    producer: {
      publish: async () => undefined,
      probe: async () => undefined,
      send: async ([buried]) => {
        cause = buried?.headers.find(([name]) => name === 'dlq-cause')?.[1].toString();
      },
    },
    handle: (message) => handle(message as unknown as AnyReceived<T>),
  });
  await processor.process(rawMessage(record));
  return cause === undefined ? 'handled' : `put aside: ${cause}`;
}

/** Of the topics that the record is not on. */
const ANOTHER_ID = 99;

const codecs = new Map<string, Promise<Codec>>();

/** The services' codec, on a registry that knows both schemas of one topic's records. */
function codecFor(topic: string, topics: readonly TopicName[]): Promise<Codec> {
  const key = [topic, ...topics].join(' ');
  const known = codecs.get(key);
  if (known !== undefined) return known;
  const codec = createCodec(topics, {
    idOf: async (subject) => (subject === valueSubject(topic) ? SCHEMA_ID : ANOTHER_ID),
    schemaById: async (id) => (id === NEWER_SCHEMA_ID ? newerSchema(topic) : undefined),
  });
  codecs.set(key, codec);
  return codec;
}

/** Spans and their context are the process's: on from the first record to its end. */
export function traceOnce(): void {
  if (isTracing) return;
  isTracing = true;
  startTelemetry({ service: 'test', instance: 'test-1', url: undefined });
}
let isTracing = false;

/** The trace that the work under way belongs to. Spans have ids of their own each time. */
export const currentTraceId = (): string | undefined => currentTraceparent()?.split('-')[1];

function rawMessage({ topic, key, headers, bytes }: ContractRecord): RawMessage {
  const headerEntries = Object.entries(headers).map(
    ([name, text]) => [Buffer.from(name), Buffer.from(text)] as [Buffer, Buffer],
  );
  return {
    topic,
    key: Buffer.from(key),
    value: bytes,
    partition: 0,
    offset: 0n,
    timestamp: 0n,
    headerEntries,
    headers: new Map(headerEntries),
    leaderEpoch: 0,
    metadata: {},
    commit: () => undefined,
    toJSON: () => {
      throw new Error('a record of a test is not written down');
    },
  };
}
