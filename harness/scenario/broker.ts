import { type Admin, Kafka, logLevel } from 'kafkajs';
import { v7 as uuidv7 } from 'uuid';
import { readEveryCompression } from '../clients/kafka-compression.ts';
import { until } from '../kernel/until.ts';
import type { World } from './world.ts';

/** A record as it lies on a partition. */
export interface RawRecord {
  readonly key: string;
  readonly value: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

function connect(world: World): Kafka {
  readEveryCompression();
  return new Kafka({
    clientId: `scenario-${world.scenario}`,
    brokers: [world.book.kafka.bootstrap],
    logLevel: logLevel.NOTHING,
  });
}

/**
 * Publishes bytes past every codec, with the same key on every partition. The history is told where
 * they lie: such records are the scenario's, and no service's.
 */
export async function publishRaw(
  world: World,
  topic: string,
  key: string,
  value: Buffer,
): Promise<void> {
  const kafka = connect(world);
  const admin = kafka.admin();
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  await Promise.all([admin.connect(), producer.connect()]);
  try {
    const offsets = await admin.fetchTopicOffsets(topic);
    const messages = offsets.map(({ partition }) => ({ key, value, partition }));
    const { scenario } = world;
    const about = { operation: `${scenario}#${uuidv7()}`, name: 'other', scenario } as const;
    world.shard.record({ type: 'invoke', ...about, request: { publish: { topic, key } } });
    const written = await producer.send({ topic, messages });
    const published = written.map(({ partition, baseOffset }) => ({
      topic,
      partition,
      offset: baseOffset,
    }));
    world.shard.record({ type: 'ok', ...about, response: { published } });
  } finally {
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  }
}

/** A record with where it lies. */
export interface PlacedRecord extends RawRecord {
  readonly topic: string;
  readonly partition: number;
}

/**
 * What topics have had since a time, in order per partition: up to their ends at the call, or until
 * there is enough. Leaves no consumer group behind.
 */
export async function recordsSince(
  world: World,
  topics: readonly string[],
  sinceMs: number,
  isEnough?: (found: readonly PlacedRecord[]) => boolean,
): Promise<PlacedRecord[]> {
  const kafka = connect(world);
  const admin = kafka.admin();
  const groupId = `scenario-${uuidv7()}`;
  const consumer = kafka.consumer({ groupId, retry: { initialRetryTime: 50 } });
  const found: PlacedRecord[] = [];
  await Promise.all([admin.connect(), consumer.connect()]);
  try {
    const stretches = await stretchesOf(admin, topics, sinceMs);
    const left = new Map(stretches.filter(isNotEmpty).map((one) => [placeOf(one), one.end]));
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
    for (const { topic, partition, start } of stretches) {
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
interface Stretch {
  readonly topic: string;
  readonly partition: number;
  readonly start: bigint;
  readonly end: bigint;
}

const isNotEmpty = ({ start, end }: Stretch): boolean => start < end;
const placeOf = ({ topic, partition }: Pick<Stretch, 'topic' | 'partition'>): string =>
  `${topic}/${partition}`;

async function stretchesOf(
  admin: Admin,
  topics: readonly string[],
  sinceMs: number,
): Promise<Stretch[]> {
  const stretches: Stretch[] = [];
  for (const topic of topics) {
    const ends = await admin.fetchTopicOffsets(topic);
    for (const { partition, offset } of await admin.fetchTopicOffsetsByTimestamp(topic, sinceMs)) {
      const end = BigInt(ends.find((one) => one.partition === partition)?.high ?? 0);
      // -1: nothing came since.
      const start = BigInt(offset) < 0n ? end : BigInt(offset);
      stretches.push({ topic, partition, start, end });
    }
  }
  return stretches;
}

/** Publishes records once more, byte for byte, where they lay: what a broker may do at any time. */
export async function publishAgain(world: World, records: readonly PlacedRecord[]): Promise<void> {
  const producer = connect(world).producer({ allowAutoTopicCreation: false });
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
export async function recordOn(world: World, topic: string, key: string): Promise<RawRecord> {
  const kafka = connect(world);
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
