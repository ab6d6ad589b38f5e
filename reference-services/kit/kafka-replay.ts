import { Admin, Consumer, type MessagesStream } from '@platformatic/kafka';
import type { TopicValues } from '#avro/types.generated.ts';
import type { Codec, TopicName } from './avro.ts';
import { isPoison, OperationalError } from './errors.ts';
import type { ServiceContext } from './service.ts';

const REQUEST_TIMEOUT_MS = 6_000;
const CONNECT_TIMEOUT_MS = 1_000;
const SESSION_TIMEOUT_MS = 4_000;
const HEARTBEAT_INTERVAL_MS = 500;
const FETCH_WAIT_MS = 100;
const RETRIES = 2;
/** There is more to read and nothing comes: Kafka is gone. */
const STALL_MS_MAX = 8_000;
/** Kafka's way of asking where a partition begins. */
const EARLIEST = -2n;

type Offsets = readonly bigint[];

/** A record as a replay gives it. */
export interface Replayed<T extends TopicName> {
  readonly value: TopicValues[T];
  /** Its header; null when it has none. */
  readonly traceparent: string | null;
}

export interface ReplayOptions<T extends TopicName> {
  readonly brokers: string;
  readonly codec: Codec;
  readonly topic: T;
}

/**
 * Reads a topic from its first record to what is the last at the call, in order per partition, as a
 * group of its own that is deleted afterwards: the place of the live consumer is not touched.
 * A topic that is empty costs one question. Records that cannot be decoded are left out.
 *
 * Rejects with `unavailable` when Kafka cannot be reached or stops giving.
 */
export async function replayTopic<T extends TopicName>(
  context: Pick<ServiceContext, 'ids' | 'instance' | 'log' | 'name'>,
  options: ReplayOptions<T>,
  take: (record: Replayed<T>) => Promise<void> | void,
): Promise<void> {
  const { topic } = options;
  const groupId = `${context.name}-replay-${context.ids.uuid()}`;
  const common = {
    clientId: `${context.instance}-replay`,
    bootstrapBrokers: options.brokers.split(','),
    timeout: REQUEST_TIMEOUT_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    retries: RETRIES,
  };
  const consumer = new Consumer({
    ...common,
    groupId,
    sessionTimeout: SESSION_TIMEOUT_MS,
    heartbeatInterval: HEARTBEAT_INTERVAL_MS,
    autocommit: false,
    maxWaitTime: FETCH_WAIT_MS,
  });
  let hasJoined = false;
  try {
    const starts = await offsetsOf(consumer, topic, EARLIEST);
    const ends = await offsetsOf(consumer, topic);
    if (!isBehind(starts, ends)) return;
    hasJoined = true;
    const stream = await consumer.consume({ topics: [topic], mode: 'earliest' });
    await readTo(stream, [...starts], ends, options, take);
  } catch (error) {
    if (error instanceof OperationalError) throw error;
    throw new OperationalError('unavailable', { detail: `${topic} was not read`, cause: error });
  } finally {
    await consumer.close(true);
    if (hasJoined) await deleteGroup(context, new Admin(common), groupId);
  }
}

async function offsetsOf(consumer: Consumer, topic: string, timestamp?: bigint): Promise<Offsets> {
  const at = timestamp === undefined ? {} : { timestamp };
  return (await consumer.listOffsets({ topics: [topic], ...at })).get(topic) ?? [];
}

const isBehind = (next: Offsets, ends: Offsets): boolean =>
  ends.some((end, partition) => (next[partition] ?? 0n) < end);

async function readTo<T extends TopicName>(
  stream: MessagesStream<Buffer, Buffer, Buffer, Buffer>,
  next: bigint[],
  ends: Offsets,
  { codec, topic }: ReplayOptions<T>,
  take: (record: Replayed<T>) => Promise<void> | void,
): Promise<void> {
  const records = stream[Symbol.asyncIterator]();
  while (isBehind(next, ends)) {
    const record = await withinStall(records.next());
    if (record.done === true) throw new Error('the stream ended early');
    const { partition, offset, value: bytes, headerEntries } = record.value;
    const value = await decodeOrSkip(codec, topic, bytes);
    const header = headerEntries.find(([name]) => name.toString() === 'traceparent');
    const traceparent = header?.[1]?.toString() ?? null;
    if (value !== undefined) await take({ value, traceparent });
    next[partition] = offset + 1n;
  }
}

async function decodeOrSkip<T extends TopicName>(
  codec: Codec,
  topic: T,
  bytes: Buffer | undefined,
): Promise<TopicValues[T] | undefined> {
  try {
    return await codec.decode(topic, bytes ?? Buffer.alloc(0));
  } catch (error) {
    if (isPoison(error)) return undefined;
    throw error;
  }
}

async function withinStall<T>(work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const stall = () => late.reject(new Error(`nothing came in ${STALL_MS_MAX} ms`));
  const timer = setTimeout(stall, STALL_MS_MAX);
  return Promise.race([work, late.promise]).finally(() => clearTimeout(timer));
}

async function deleteGroup(
  context: Pick<ServiceContext, 'log'>,
  admin: Admin,
  group: string,
): Promise<void> {
  try {
    await admin.deleteGroups({ groups: [group] });
  } catch (error) {
    // It has no member and no offset: the broker forgets it by itself.
    context.log.debug({ err: error, group }, 'the group of a replay was not deleted');
  } finally {
    await admin.close();
  }
}
