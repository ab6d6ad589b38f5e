import { Admin, Consumer, type MessagesStream } from '@platformatic/kafka';
import type { Codec } from '#kit/avro.ts';
import { isPoison, OperationalError } from '#kit/errors.ts';
import type { ServiceContext } from '#kit/service.ts';
import type { OrderEvent } from '../domain.ts';
import type { EndOffsets, EventLog, LogReader } from '../ports.ts';

const TOPIC = 'order.events';
const REQUEST_TIMEOUT_MS = 6_000;
const CONNECT_TIMEOUT_MS = 1_000;
const SESSION_TIMEOUT_MS = 4_000;
const HEARTBEAT_INTERVAL_MS = 500;
const REBALANCE_TIMEOUT_MS = 4_000;
const FETCH_WAIT_MS = 100;
const RETRIES = 2;
/** One read and one write of the database each; an order has a dozen events, close together. */
const BATCH_EVENTS_MAX = 2_000;
/** The log has more to give and gives nothing: the reader has lost Kafka. */
const STALL_MS_MAX = 8_000;
/** Kafka's way of asking where a partition begins. */
const EARLIEST = -2n;

export interface KafkaLogOptions {
  readonly brokers: string;
  readonly codec: Codec;
}

type Stream = MessagesStream<Buffer, Buffer, Buffer, Buffer>;

/**
 * The topic from its begin, read as a group of its own that is deleted afterwards: the group of the
 * live consumer keeps its place.
 */
export function kafkaEventLog(
  context: Pick<ServiceContext, 'ids' | 'instance' | 'log'>,
  options: KafkaLogOptions,
): EventLog {
  const common = {
    clientId: `${context.instance}-rebuild`,
    bootstrapBrokers: options.brokers.split(','),
    timeout: REQUEST_TIMEOUT_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    retries: RETRIES,
  };
  const createConsumer = (groupId: string) =>
    new Consumer({
      ...common,
      groupId,
      sessionTimeout: SESSION_TIMEOUT_MS,
      heartbeatInterval: HEARTBEAT_INTERVAL_MS,
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      autocommit: false,
      maxWaitTime: FETCH_WAIT_MS,
    });
  return {
    ends: () =>
      available(async () => {
        // It never joins, so this group never comes into being.
        await using consumer = disposable(createConsumer('query-offsets'));
        return offsetsOf(await consumer.client.listOffsets({ topics: [TOPIC] }));
      }),
    open: () =>
      available(async () => {
        const groupId = `query-rebuild-${context.ids.uuid()}`;
        const consumer = createConsumer(groupId);
        const close = async () => {
          await consumer.close(true);
          await deleteGroup(context, new Admin(common), groupId);
        };
        try {
          const topics = [TOPIC];
          const starts = await consumer.listOffsets({ topics, timestamp: EARLIEST });
          const stream = await consumer.consume({ topics, mode: 'earliest' });
          return readerOf(stream, { starts: offsetsOf(starts), codec: options.codec, close });
        } catch (error) {
          await close();
          throw error;
        }
      }),
  };
}

const offsetsOf = (offsets: ReadonlyMap<string, readonly bigint[]>): Map<number, bigint> =>
  new Map((offsets.get(TOPIC) ?? []).entries());

const disposable = (client: Consumer) => ({
  client,
  [Symbol.asyncDispose]: () => client.close(true),
});

function readerOf(
  stream: Stream,
  options: {
    readonly starts: EndOffsets;
    readonly codec: Codec;
    readonly close: () => Promise<void>;
  },
): LogReader {
  const next = new Map(options.starts);
  const records = stream[Symbol.asyncIterator]();
  const isBehind = (ends: EndOffsets) =>
    [...ends].some(([partition, end]) => (next.get(partition) ?? 0n) < end);
  return {
    async readTo(ends, handle, signal) {
      let count = 0;
      let batch: OrderEvent[] = [];
      const flush = async () => {
        await handle(batch);
        count += batch.length;
        batch = [];
      };
      while (isBehind(ends)) {
        const record = await available(() => withinStall(records.next(), signal));
        if (record.done === true) throw lost('the reader was closed');
        const { partition, offset, value } = record.value;
        const event = await decodeOrSkip(options.codec, value);
        if (event !== undefined) batch.push(event);
        next.set(partition, offset + 1n);
        if (batch.length >= BATCH_EVENTS_MAX) await flush();
      }
      if (batch.length > 0) await flush();
      return count;
    },
    [Symbol.asyncDispose]: options.close,
  };
}

/** The live consumer put what cannot be decoded aside: it is no event of any order. */
async function decodeOrSkip(
  codec: Codec,
  value: Buffer | null | undefined,
): Promise<OrderEvent | undefined> {
  try {
    return await codec.decode(TOPIC, value ?? Buffer.alloc(0));
  } catch (error) {
    if (isPoison(error)) return undefined;
    throw error;
  }
}

async function withinStall<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(STALL_MS_MAX)]);
  const stopped = Promise.withResolvers<never>();
  const stop = () => stopped.reject(lost('no record came in time, or the caller is gone'));
  if (limit.aborted) stop();
  limit.addEventListener('abort', stop);
  try {
    return await Promise.race([work, stopped.promise]);
  } finally {
    limit.removeEventListener('abort', stop);
  }
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
    context.log.warn({ err: error, group }, 'the group of a rebuild was not deleted');
  } finally {
    await admin.close();
  }
}

const lost = (detail: string, cause?: unknown) =>
  new OperationalError('unavailable', { detail: `order.events: ${detail}`, cause });

async function available<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof OperationalError) throw error;
    throw lost('Kafka cannot be reached', error);
  }
}
