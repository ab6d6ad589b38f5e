import {
  type Admin,
  type Consumer,
  type EachBatchPayload,
  type IHeaders,
  Kafka,
  logLevel,
} from 'kafkajs';
import { deadLetterTopic, readTopicTable } from '#contracts/spec/topics.ts';
import { readEveryCompression } from '../clients/kafka-compression.ts';
import type { Unrecorded } from '../history/event.ts';
import { until } from '../kernel/poll.ts';
import { AvroDecoder } from './avro-decoder.ts';
import {
  IncompleteSource,
  type RecordEvent,
  type Recorder,
  rethrowCause,
  type Witness,
} from './witness.ts';

/** The consumer group of a run's witness: not part of the system under test. */
export const witnessGroup = (run: string): string => `sagaproof-witness-${run}`;

export const kafka: Witness = {
  name: 'kafka',
  sources: ['kafka'],
  settles: 'stream',
  start: ({ book, run, record }) =>
    KafkaWitness.start({
      bootstrap: book.kafka.bootstrap,
      registryUrl: book.registry.url,
      run,
      record,
    }),
};

/** Where the witness connects, and under which name. */
interface KafkaWitnessOptions {
  readonly bootstrap: string;
  readonly registryUrl: string;
  /** Unique: it names the witness's consumer group, which is deleted when it closes. */
  readonly run: string;
  readonly record: RecordEvent;
  /** Keeps the bytes of every value, too: `bytes`, in base64. */
  readonly keepBytes?: true;
}

const FETCH_WAIT_MS = 50;
/** A service that is about to publish does so within this time, unless it is slow. */
const QUIET_MS = 750;
/** About a minute without a broker; after that, the source is incomplete. */
const RETRIES_MAX = 60;

/**
 * An independent consumer of every topic, on a client library that no service uses. It begins
 * where each partition ends when it starts, so a warm stack's past is not in the history, and it
 * is complete when it has read up to the high watermarks.
 */
export class KafkaWitness implements Recorder, AsyncDisposable {
  readonly #kafka: Kafka;
  readonly #admin: Admin;
  readonly #consumer: Consumer;
  readonly #groupId: string;
  readonly #decoder: AvroDecoder;
  readonly #record: RecordEvent;
  readonly #keepBytes: boolean;
  readonly #topics: readonly string[];
  /** The next offset of each `topic/partition`. */
  readonly #positions = new Map<string, bigint>();
  #events = 0;
  #lastMs = performance.now();
  #crash: string | undefined;
  #closed = false;

  private constructor(options: KafkaWitnessOptions) {
    const { topics } = readTopicTable();
    const names = topics.map(({ name }) => name);
    const withConsumers = topics.filter(({ consumers }) => consumers.length > 0);
    this.#topics = [...names, ...withConsumers.map(({ name }) => deadLetterTopic(name))];
    this.#decoder = new AvroDecoder(options.registryUrl, names);
    this.#record = options.record;
    this.#keepBytes = options.keepBytes === true;
    this.#groupId = witnessGroup(options.run);
    readEveryCompression();
    this.#kafka = new Kafka({
      clientId: this.#groupId,
      brokers: [options.bootstrap],
      logLevel: logLevel.NOTHING,
      // A scenario may stop the broker for a while: the witness has to read what follows.
      retry: { initialRetryTime: 50, maxRetryTime: 1_000, retries: RETRIES_MAX },
    });
    this.#admin = this.#kafka.admin();
    this.#consumer = this.#kafka.consumer({
      groupId: this.#groupId,
      maxWaitTimeInMs: FETCH_WAIT_MS,
      sessionTimeout: 30_000,
    });
  }

  /** Starts; when it resolves, every record from now on will be seen. */
  static async start(options: KafkaWitnessOptions): Promise<KafkaWitness> {
    const witness = new KafkaWitness(options);
    try {
      await witness.#begin();
    } catch (error) {
      await witness.close().catch(() => undefined);
      throw error;
    }
    return witness;
  }

  get events(): number {
    return this.#events;
  }

  /** Time since the last record. */
  get quietMs(): number {
    return performance.now() - this.#lastMs;
  }

  async drained(): Promise<boolean> {
    return this.quietMs >= QUIET_MS;
  }

  async settle(deadlineMs: number): Promise<void> {
    if (this.#closed) throw new IncompleteSource('the witness was closed before it settled');
    const hasReadAll = async () => {
      if (this.#crash !== undefined) throw new IncompleteSource(this.#crash);
      const behind = await this.#behind();
      if (behind.length === 0) return true;
      throw new IncompleteSource(`the witness has not read ${behind.join(', ')} to its end`);
    };
    await until('the ends of all topics', hasReadAll, deadlineMs).catch(rethrowCause);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#consumer.disconnect();
    // If the broker is unreachable, the group expires later.
    await this.#admin.deleteGroups([this.#groupId]).catch(() => undefined);
    await this.#admin.disconnect();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #begin(): Promise<void> {
    await Promise.all([this.#admin.connect(), this.#consumer.connect()]);
    for (const topic of this.#topics) {
      const ends = await this.#admin.fetchTopicOffsets(topic);
      for (const { partition, high } of ends) {
        this.#positions.set(`${topic}/${partition}`, BigInt(high));
      }
    }
    await this.#consumer.subscribe({ topics: [...this.#topics] });
    const joined = Promise.withResolvers<void>();
    this.#consumer.on(this.#consumer.events.GROUP_JOIN, () => joined.resolve());
    this.#consumer.on(this.#consumer.events.CRASH, ({ payload }) => {
      if (!payload.restart) this.#crash = `the witness ended: ${payload.error.message}`;
    });
    // A batch of nothing but transaction markers reaches no handler, yet moves the position.
    this.#consumer.on(this.#consumer.events.END_BATCH_PROCESS, ({ payload }) => {
      const { topic, partition, lastOffset } = payload;
      this.#advance(topic, partition, BigInt(lastOffset) + 1n);
    });
    await this.#consumer.run({
      autoCommit: false,
      partitionsConsumedConcurrently: 4,
      eachBatch: (batch) => this.#batch(batch),
    });
    await joined.promise;
    // Not `admin.setOffsets`, which joins the group again for every topic: five seconds each.
    for (const [place, next] of this.#positions) {
      const at = place.lastIndexOf('/');
      const [topic, partition] = [place.slice(0, at), Number(place.slice(at + 1))];
      this.#consumer.seek({ topic, partition, offset: String(next) });
    }
  }

  async #batch({ batch, resolveOffset, heartbeat }: EachBatchPayload): Promise<void> {
    const { topic, partition } = batch;
    for (const message of batch.messages) {
      const offset = BigInt(message.offset);
      // After a reconnect the consumer starts again at the run's first offsets.
      if (offset < (this.#positions.get(`${topic}/${partition}`) ?? 0n)) continue;
      const decoded = await this.#decoder.decode(topic, message.value);
      const event: Unrecorded = {
        type: 'kafka',
        topic,
        partition,
        offset: message.offset,
        key: message.key?.toString('utf8') ?? null,
        headers: textOf(message.headers ?? {}),
        timestampMs: Number(message.timestamp),
        ...decoded,
        ...(this.#keepBytes && message.value !== null
          ? { bytes: message.value.toString('base64') }
          : {}),
      };
      this.#record(event);
      this.#events++;
      this.#lastMs = performance.now();
      this.#advance(topic, partition, offset + 1n);
      resolveOffset(message.offset);
    }
    await heartbeat();
  }

  #advance(topic: string, partition: number, next: bigint): void {
    const place = `${topic}/${partition}`;
    if (next > (this.#positions.get(place) ?? 0n)) this.#positions.set(place, next);
  }

  /** Partitions that are not read to the end that they have now. */
  async #behind(): Promise<string[]> {
    if (this.#crash !== undefined) return [];
    const left: string[] = [];
    for (const topic of this.#topics) {
      for (const { partition, high } of await this.#admin.fetchTopicOffsets(topic)) {
        const place = `${topic}/${partition}`;
        if ((this.#positions.get(place) ?? 0n) < BigInt(high)) left.push(place);
      }
    }
    return left;
  }
}

/** Headers as text; of a repeated header, the last value counts. */
function textOf(headers: IHeaders): Record<string, string> {
  const text: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const last = Array.isArray(value) ? value.at(-1) : value;
    // A header can have no value.
    if (last !== undefined && last !== null) text[name] = last.toString();
  }
  return text;
}
