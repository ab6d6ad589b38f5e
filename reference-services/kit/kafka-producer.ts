import { SpanKind } from '@opentelemetry/api';
import { Producer as Client, compatibilityPartitioner } from '@platformatic/kafka';
import type { TopicValues } from '#avro/types.generated.ts';
import type { Codec, TopicName } from './avro.ts';
import { errorCodeOf, OperationalError } from './errors.ts';
import type { ServiceContext } from './service.ts';
import { type OpenSpan, openSpan } from './telemetry.ts';

/** How long `publish` may take before it rejects. */
const PUBLISH_TIMEOUT_MS = 5_000;
/** How long one answer of a broker may take. */
const REQUEST_TIMEOUT_MS = 2_000;
const CONNECT_TIMEOUT_MS = 1_000;
const RETRIES = 2;
const RETRY_DELAY_MS = 100;
/** Between batches that failed as a whole. */
const BATCH_RETRY_DELAY_MS = 200;
/** Records in one request. */
const BATCH_RECORDS_MAX = 500;
/** Records that wait; more are refused, so that a broker's absence does not fill the memory. */
const WAITING_RECORDS_MAX = 10_000;
const METADATA_AGE_MS_MAX = 30_000;

/** One message to publish. Its key decides the partition, and so the order. */
export interface Outgoing<T extends TopicName = TopicName> {
  readonly topic: T;
  readonly key: string;
  readonly value: TopicValues[T];
  /** The trace it belongs to; the one that is under way when absent. */
  readonly traceparent?: string | undefined;
}

/** A record as it is on the wire. */
export interface RawRecord {
  readonly topic: string;
  readonly key: Buffer | undefined;
  readonly value: Buffer | undefined;
  readonly headers: ReadonlyArray<readonly [string, Buffer]>;
}

export interface Producer {
  /**
   * Publishes in the order given; resolves when all brokers have it. Rejects with `unavailable`
   * when nothing was sent in time, and with `outcome-unknown` when the answer did not come.
   */
  publish(messages: readonly Outgoing[]): Promise<void>;
  /** Publishes bytes as they are. */
  send(records: readonly RawRecord[]): Promise<void>;
  /** One round trip to the broker, shared by all who ask at once. Rejects with `unavailable`. */
  probe(timeoutMs: number): Promise<void>;
}

/** An idempotent producer: acknowledged by all replicas, one request in flight, order kept. */
export async function kafkaProducer(
  context: ServiceContext,
  options: { readonly brokers: string; readonly codec: Codec },
): Promise<Producer> {
  const client = new Client({
    clientId: context.instance,
    bootstrapBrokers: options.brokers.split(','),
    idempotent: true,
    acks: -1,
    timeout: REQUEST_TIMEOUT_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    retries: RETRIES,
    retryDelay: RETRY_DELAY_MS,
    metadataMaxAge: METADATA_AGE_MS_MAX,
    partitioner: compatibilityPartitioner,
  });
  const outbound = new Outbound(client, context);
  context.resources.defer(() => client.close(true));
  context.onDrain(() => outbound.idle());
  return {
    publish: (messages) => publish(outbound, options.codec, messages),
    send: (records) => outbound.send(records),
    probe: (timeoutMs) => probe(client, timeoutMs),
  };
}

async function publish(
  outbound: Outbound,
  codec: Codec,
  messages: readonly Outgoing[],
): Promise<void> {
  const spans = messages.map(({ topic, traceparent }) => publishSpan(topic, traceparent));
  const end = (error?: unknown) => spans.forEach((span) => void span.end(error));
  try {
    await outbound.send(
      await Promise.all(
        messages.map(async (message, index): Promise<RawRecord> => {
          const span = spans[index] as OpenSpan;
          const value = await codec.encode(message.topic, message.value);
          return toRecord(message, value, span.traceparent);
        }),
      ),
    );
    end();
  } catch (error) {
    end(error);
    throw error;
  }
}

function publishSpan(topic: string, traceparent: string | undefined): OpenSpan {
  const attributes = {
    'messaging.system': 'kafka',
    'messaging.operation.name': 'publish',
    'messaging.destination.name': topic,
  };
  return openSpan(`publish ${topic}`, { kind: SpanKind.PRODUCER, attributes }, traceparent);
}

/** The name of what a value says: its payload's branch, or its kind. */
export function eventTypeOf(value: TopicValues[TopicName]): string {
  return 'payload' in value ? value.payload.type : value.kind;
}

function toRecord(message: Outgoing, value: Buffer, traceparent: string): RawRecord {
  return {
    topic: message.topic,
    key: Buffer.from(message.key),
    value,
    headers: [
      ['id', Buffer.from(message.value.messageId)],
      ['eventType', Buffer.from(eventTypeOf(message.value))],
      ['traceparent', Buffer.from(traceparent)],
    ],
  };
}

async function probe(client: Client, timeoutMs: number): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
  try {
    // Concurrent calls with the same options share one request; that is the client's doing.
    const answer = client.metadata({ topics: [], forceUpdate: true, retries: 0 });
    answer.catch(() => undefined);
    await Promise.race([answer, late.promise]);
  } catch (error) {
    throw new OperationalError('unavailable', { detail: 'Kafka did not answer', cause: error });
  } finally {
    clearTimeout(timer);
  }
}

interface Waiting {
  readonly records: readonly RawRecord[];
  readonly settled: PromiseWithResolvers<void>;
  /** True once a request with it may have reached a broker. */
  sent: boolean;
  done: boolean;
}

/** Sends in the order of arrival, one request at a time; what arrives meanwhile goes together. */
class Outbound {
  readonly #client: Client;
  readonly #log: ServiceContext['log'];
  readonly #queue: Waiting[] = [];
  #waitingRecords = 0;
  #pumping: Promise<void> | undefined;

  constructor(client: Client, context: Pick<ServiceContext, 'log'>) {
    this.#client = client;
    this.#log = context.log;
  }

  /** Resolves when nothing waits. */
  async idle(): Promise<void> {
    await this.#pumping;
  }

  async send(records: readonly RawRecord[]): Promise<void> {
    if (records.length === 0) return;
    if (this.#waitingRecords + records.length > WAITING_RECORDS_MAX) {
      throw new OperationalError('unavailable', { detail: 'too many records wait for Kafka' });
    }
    const settled = Promise.withResolvers<void>();
    const waiting: Waiting = { records, settled, sent: false, done: false };
    const timer = setTimeout(() => this.#settle(waiting, lateError(waiting)), PUBLISH_TIMEOUT_MS);
    this.#waitingRecords += records.length;
    this.#queue.push(waiting);
    this.#pumping ??= this.#pump().finally(() => {
      this.#pumping = undefined;
    });
    try {
      await settled.promise;
    } finally {
      clearTimeout(timer);
    }
  }

  #settle(waiting: Waiting, error?: OperationalError): void {
    if (waiting.done) return;
    waiting.done = true;
    this.#waitingRecords -= waiting.records.length;
    if (error === undefined) waiting.settled.resolve();
    else waiting.settled.reject(error);
  }

  async #pump(): Promise<void> {
    // One turn later, so that what is published in the same turn goes in one request.
    await Promise.resolve();
    while (this.#queue.length > 0) await this.#sendBatch(this.#takeBatch());
  }

  #takeBatch(): Waiting[] {
    const batch: Waiting[] = [];
    let records = 0;
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      records += next.records.length;
      if (batch.length > 0 && records > BATCH_RECORDS_MAX) break;
      batch.push(next);
      this.#queue.shift();
    }
    return batch;
  }

  /** Tries until it is sent, refused for good, or all callers have stopped waiting. */
  async #sendBatch(batch: readonly Waiting[]): Promise<void> {
    for (let left = live(batch); left.length > 0; left = live(left)) {
      try {
        await this.#request(left);
        for (const waiting of left) this.#settle(waiting);
      } catch (error) {
        if (isTransient(error)) {
          this.#log.warn({ err: error, batches: left.length }, 'Kafka did not take a batch');
          await pause(BATCH_RETRY_DELAY_MS);
        } else {
          await this.#refuse(left, error);
        }
      }
    }
  }

  /** One bad record must not take the others of its request down with it. */
  async #refuse(batch: readonly Waiting[], error: unknown): Promise<void> {
    const [first] = batch;
    if (first === undefined) return;
    if (batch.length > 1) {
      for (const waiting of batch) await this.#sendBatch([waiting]);
      return;
    }
    const detail = `Kafka refused a record: ${error instanceof Error ? error.message : error}`;
    this.#settle(first, new OperationalError('internal', { detail, cause: error }));
  }

  async #request(batch: readonly Waiting[]): Promise<void> {
    for (const waiting of batch) waiting.sent = true;
    await this.#client.send({
      idempotent: true,
      acks: -1,
      messages: batch.flatMap(({ records }) =>
        records.map(({ topic, key, value, headers }) => ({
          topic,
          ...(key === undefined ? {} : { key }),
          ...(value === undefined ? {} : { value }),
          headers: new Map(headers.map(([name, text]) => [Buffer.from(name), text])),
        })),
      ),
    });
  }
}

const live = (batch: readonly Waiting[]): Waiting[] => batch.filter(({ done }) => !done);

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

function lateError(waiting: Waiting): OperationalError {
  return waiting.sent
    ? new OperationalError('outcome-unknown', { detail: 'Kafka did not acknowledge in time' })
    : new OperationalError('unavailable', { detail: 'Kafka could not be reached in time' });
}

/** Whether the same records may be taken later. */
function isTransient(error: unknown): boolean {
  if (errorCodeOf(error) !== undefined) return false;
  if (!(error instanceof Error)) return true;
  const nested = error instanceof AggregateError ? (error.errors as unknown[]) : [];
  if (nested.length > 0) return nested.every(isTransient);
  return !('canRetry' in error && error.canRetry === false);
}
