import { type Admin, Kafka, logLevel } from 'kafkajs';
import { v7 as uuidv7 } from 'uuid';
import type { Shard } from '../history/shard.ts';
import type { AddressBook } from '../kernel/address-book.ts';
import { until } from '../kernel/poll.ts';
import { readEveryCompression } from './kafka-compression.ts';

/** On whose behalf a client reads and writes; a scenario's world is one. */
export interface KafkaAccess {
  readonly scenario: string;
  readonly shard: Shard;
  readonly book: Pick<AddressBook, 'kafka'>;
}

/** A record, undecoded. */
export interface RawRecord {
  readonly key: string;
  readonly value: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

function connect({ scenario, book }: KafkaAccess): Kafka {
  readEveryCompression();
  return new Kafka({
    clientId: `scenario-${scenario}`,
    brokers: [book.kafka.bootstrap],
    logLevel: logLevel.NOTHING,
  });
}

/**
 * Publishes bytes without a codec, with the same key on every partition. The history records their
 * offsets: such records belong to the scenario and to no service.
 */
export async function publishRaw(
  access: KafkaAccess,
  topic: string,
  key: string,
  value: Buffer,
): Promise<void> {
  const kafka = connect(access);
  const admin = kafka.admin();
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  await Promise.all([admin.connect(), producer.connect()]);
  try {
    const offsets = await admin.fetchTopicOffsets(topic);
    const messages = offsets.map(({ partition }) => ({ key, value, partition }));
    const { scenario, shard } = access;
    const about = { operation: `${scenario}#${uuidv7()}`, name: 'other', scenario } as const;
    shard.record({ type: 'invoke', ...about, request: { publish: { topic, key } } });
    const written = await producer.send({ topic, messages });
    const published = written.map(({ partition, baseOffset }) => ({
      topic,
      partition,
      offset: baseOffset,
    }));
    shard.record({ type: 'ok', ...about, response: { published } });
  } finally {
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  }
}

/** A record and its partition. */
export interface PlacedRecord extends RawRecord {
  readonly topic: string;
  readonly partition: number;
}

/**
 * Reads the records of topics since a time, in order per partition: up to their ends at the call,
 * or until `isEnough`. Leaves no consumer group behind.
 */
export async function recordsSince(
  access: KafkaAccess,
  topics: readonly string[],
  sinceMs: number,
  isEnough?: (found: readonly PlacedRecord[]) => boolean,
): Promise<PlacedRecord[]> {
  const kafka = connect(access);
  const admin = kafka.admin();
  const groupId = `scenario-${uuidv7()}`;
  const consumer = kafka.consumer({ groupId, retry: { initialRetryTime: 50 } });
  const found: PlacedRecord[] = [];
  await Promise.all([admin.connect(), consumer.connect()]);
  try {
    const ranges = await rangesOf(admin, topics, sinceMs);
    const left = new Map(ranges.filter(isNotEmpty).map((one) => [placeOf(one), one.end]));
    if (isEnough === undefined && left.size === 0) return [];
    await consumer.subscribe({ topics: [...topics], fromBeginning: false });
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ topic, partition, message }) => {
        const place = placeOf({ topic, partition });
        const { key, value, headers = {}, offset } = message;
        if (isEnough === undefined && !left.has(place)) return;
        if (key !== null && value !== null) {
          const about = { topic, partition, key: key.toString(), headers: textOf(headers) };
          found.push({ ...about, value });
        }
        if (BigInt(offset) + 1n >= (left.get(place) ?? 0n)) left.delete(place);
      },
    });
    for (const { topic, partition, start } of ranges) {
      consumer.seek({ topic, partition, offset: String(start) });
    }
    const isDone = () => (isEnough === undefined ? left.size === 0 : isEnough(found));
    await until(`the records of ${topics.join(', ')}`, isDone, 60_000);
    return found;
  } finally {
    await consumer.disconnect();
    await admin.deleteGroups([groupId]).catch(() => undefined);
    await admin.disconnect();
  }
}

/** A partition from its first record since a time to its end. */
interface OffsetRange {
  readonly topic: string;
  readonly partition: number;
  readonly start: bigint;
  readonly end: bigint;
}

const isNotEmpty = ({ start, end }: OffsetRange): boolean => start < end;
const placeOf = ({ topic, partition }: Pick<OffsetRange, 'topic' | 'partition'>): string =>
  `${topic}/${partition}`;

async function rangesOf(
  admin: Admin,
  topics: readonly string[],
  sinceMs: number,
): Promise<OffsetRange[]> {
  const ranges: OffsetRange[] = [];
  for (const topic of topics) {
    const ends = await admin.fetchTopicOffsets(topic);
    for (const { partition, offset } of await admin.fetchTopicOffsetsByTimestamp(topic, sinceMs)) {
      const end = BigInt(ends.find((one) => one.partition === partition)?.high ?? 0);
      // -1: no record since.
      const start = BigInt(offset) < 0n ? end : BigInt(offset);
      ranges.push({ topic, partition, start, end });
    }
  }
  return ranges;
}

/** Publishes records again, unchanged and to their partitions, as Kafka may deliver them twice. */
export async function republish(
  access: KafkaAccess,
  records: readonly PlacedRecord[],
): Promise<void> {
  const producer = connect(access).producer({ allowAutoTopicCreation: false });
  await producer.connect();
  try {
    for (const { topic, partition, key, value, headers } of records) {
      await producer.send({ topic, messages: [{ partition, key, value, headers }] });
    }
  } finally {
    await producer.disconnect();
  }
}

/** Waits for a record with this key on a topic; leaves no consumer group behind. */
export async function recordOn(
  access: KafkaAccess,
  topic: string,
  key: string,
): Promise<RawRecord> {
  const kafka = connect(access);
  const groupId = `scenario-${uuidv7()}`;
  const consumer = kafka.consumer({ groupId, retry: { initialRetryTime: 50 } });
  let found: RawRecord | undefined;
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ message }) => {
        if (message.key?.toString() !== key || message.value === null) return;
        found ??= { key, value: message.value, headers: textOf(message.headers ?? {}) };
      },
    });
    return await until(`a record with key ${key} on ${topic}`, () => found, 60_000);
  } finally {
    await consumer.disconnect();
    const admin = kafka.admin();
    await admin.connect();
    await admin.deleteGroups([groupId]);
    await admin.disconnect();
  }
}

const textOf = (headers: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
