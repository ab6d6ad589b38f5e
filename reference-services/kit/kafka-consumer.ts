import { SpanKind } from '@opentelemetry/api';
import { Consumer as Client, type MessagesStream } from '@platformatic/kafka';
import pRetry from 'p-retry';
import { Counter, Gauge } from 'prom-client';
import type { TopicValues } from '#avro/types.generated.ts';
import { deadLetterTopic } from '#contracts/topics.ts';
import type { Codec, TopicName } from './avro.ts';
import { crashOnBrokenAssertion, isPoison, type PoisonMessage } from './errors.ts';
import { Lane, type RawMessage } from './kafka-lane.ts';
import type { Producer } from './kafka-producer.ts';
import type { ServiceContext } from './service.ts';
import { withSpan, withTraceparent } from './telemetry.ts';

/** Short, so that a member that died is noticed soon; the broker must allow it. */
const SESSION_TIMEOUT_MS = 2_000;
const HEARTBEAT_INTERVAL_MS = 500;
const REBALANCE_TIMEOUT_MS = 4_000;
const HEARTBEAT_STALL_MS = 4_000;
/** Longer than a rebalance, which the broker may let a join wait for. */
const REQUEST_TIMEOUT_MS = 6_000;
const CONNECT_TIMEOUT_MS = 1_000;
const FETCH_WAIT_MS = 1_000;
const FETCH_BYTES_MAX = 5_242_880;
const METADATA_AGE_MS_MAX = 30_000;
const RETRIES = 2;
const RETRY_DELAY_MS = 100;
/** Messages read ahead of the handlers, over all partitions; more are left in Kafka. */
const BUFFERED_MAX = 1_000;
const BUFFERED_RESUME = 500;
/** Between two sessions when the first has ended by itself. */
const RECONNECT_DELAY_MS = 200;
/** Joining and finding the offsets; the client has been seen to wait for ever on a dead connection. */
const JOIN_TIMEOUT_MS = 6_000;
/** For the last commits, and for leaving the group, when the service drains. */
const LEAVE_TIMEOUT_MS = 3_000;
/** For a client whose connections are closed already to notice that it is over. */
const ABANDON_TIMEOUT_MS = 500;
const CLOSE_RETRIES = 3;
const LAG_INTERVAL_MS = 5_000;
/** A partition that fails for longer, or a group that is lost for longer, makes the service not ready. */
const STUCK_MS_MAX = 30_000;
const LOST_MS_MAX = 10_000;

/** One record, decoded. */
export interface Received<T extends TopicName = TopicName> {
  readonly topic: T;
  readonly partition: number;
  readonly offset: bigint;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: TopicValues[T];
  readonly messageId: string;
}

/** A received record as a union that narrows by `topic`. */
export type AnyReceived<T extends TopicName> = { [K in T]: Received<K> }[T];

export interface ConsumerOptions<T extends TopicName> {
  readonly brokers: string;
  readonly group: string;
  readonly topics: readonly T[];
  readonly codec: Codec;
  /** Writes to the dead-letter topics. */
  readonly producer: Producer;
  /**
   * Handles one record; its offset is committed afterwards. PoisonMessage sends the record to the
   * dead-letter topic; any other failure is tried again until it succeeds, while its partition waits.
   */
  handle(message: AnyReceived<T>): Promise<void>;
}

export interface Consumer {
  /** Stops reading, lets the messages under way finish, commits and leaves the group. */
  stop(): Promise<void>;
}

/**
 * Consumes topics as a static member of a group: one message at a time per partition, partitions
 * side by side. It comes back by itself after any fault, and stops with the drain.
 */
export async function kafkaConsumer<T extends TopicName>(
  context: ServiceContext,
  options: ConsumerOptions<T>,
): Promise<Consumer> {
  const loop = new ConsumerLoop(context, options as unknown as ConsumerOptions<TopicName>);
  context.health.add(`kafka consumer ${options.group}`, () => loop.check());
  context.onDrain(() => loop.stop());
  loop.start();
  return { stop: () => loop.stop() };
}

interface Session {
  readonly client: Client;
  readonly stream: MessagesStream<Buffer, Buffer, Buffer, Buffer>;
  readonly lanes: Map<string, Lane>;
  readonly commits: Set<Promise<void>>;
  /** Ends the session unless it is disarmed by joining. */
  readonly late: NodeJS.Timeout;
  owned: ReadonlySet<string>;
  /** Resolves with why the session ended. */
  readonly ended: PromiseWithResolvers<string>;
  buffered: number;
}

function createSession(
  client: Client,
  stream: Session['stream'],
  ended: Session['ended'],
  late: NodeJS.Timeout,
): Session {
  const owned = partitionsOf(client);
  return { client, stream, ended, late, owned, lanes: new Map(), commits: new Set(), buffered: 0 };
}

const partitionsOf = (client: Client): ReadonlySet<string> =>
  new Set(
    (client.assignments ?? []).flatMap(({ topic, partitions }) =>
      partitions.map((partition) => `${topic}:${partition}`),
    ),
  );

class ConsumerLoop {
  readonly #context: ServiceContext;
  readonly #options: ConsumerOptions<TopicName>;
  readonly #metrics: ConsumerMetrics;
  readonly #stopping = new AbortController();
  #session: Session | undefined;
  #lostSinceMs: number | undefined = performance.now();
  #wasJoined = false;
  #running: Promise<void> | undefined;

  constructor(context: ServiceContext, options: ConsumerOptions<TopicName>) {
    this.#context = context;
    this.#options = options;
    this.#metrics = consumerMetrics(context);
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** Rejects while the service should get no work. */
  async check(): Promise<void> {
    const now = performance.now();
    if (!this.#wasJoined) throw new Error('has not joined its group yet');
    if (this.#lostSinceMs !== undefined && now - this.#lostSinceMs > LOST_MS_MAX) {
      throw new Error('has lost its group');
    }
    for (const [partition, lane] of this.#session?.lanes ?? []) {
      if ((lane.failingForMs(now) ?? 0) > STUCK_MS_MAX) throw new Error(`${partition} is stuck`);
    }
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const why = await this.#runSession();
      this.#lostSinceMs ??= performance.now();
      if (this.#stopping.signal.aborted) return;
      this.#context.log.warn({ why, group: this.#options.group }, 'the consumer starts anew');
      await this.#pause();
    }
  }

  async #pause(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, RECONNECT_DELAY_MS);
      this.#stopping.signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Joins, reads until something ends it, and gives everything back. Says why it ended. */
  async #runSession(): Promise<string> {
    const client = this.#createClient();
    const ended = Promise.withResolvers<string>();
    client.on('error', (error) => ended.resolve(`group: ${error.message}`));
    client.on('consumer:heartbeat:stalled', () => ended.resolve('no heartbeat was answered'));
    const stopped = () => ended.resolve('the service drains');
    this.#stopping.signal.addEventListener('abort', stopped);
    const late = setTimeout(() => ended.resolve('joining took too long'), JOIN_TIMEOUT_MS);
    const opened = client.consume({
      topics: [...this.#options.topics],
      mode: 'committed',
      fallbackMode: 'earliest',
    });
    let isOver = false;
    opened.then(
      (stream) => {
        if (isOver) void stream.close();
        else this.#listen(createSession(client, stream, ended, late));
      },
      (error: unknown) => ended.resolve(`join: ${(error as Error).message}`),
    );
    const why = await ended.promise;
    isOver = true;
    clearTimeout(late);
    this.#stopping.signal.removeEventListener('abort', stopped);
    await this.#endSession(client);
    return why;
  }

  #createClient(): Client {
    return new Client({
      clientId: this.#context.instance,
      bootstrapBrokers: this.#options.brokers.split(','),
      groupId: this.#options.group,
      groupInstanceId: this.#context.instance,
      sessionTimeout: SESSION_TIMEOUT_MS,
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      heartbeatInterval: HEARTBEAT_INTERVAL_MS,
      heartbeatStallTimeout: HEARTBEAT_STALL_MS,
      timeout: REQUEST_TIMEOUT_MS,
      connectTimeout: CONNECT_TIMEOUT_MS,
      metadataMaxAge: METADATA_AGE_MS_MAX,
      retries: RETRIES,
      retryDelay: RETRY_DELAY_MS,
      autocommit: false,
      maxWaitTime: FETCH_WAIT_MS,
      maxBytes: FETCH_BYTES_MAX,
    });
  }

  #listen(session: Session): void {
    const { client, stream, ended } = session;
    this.#session = session;
    stream.on('error', (error) => ended.resolve(`stream: ${error.message}`));
    stream.on('close', () => ended.resolve('stream closed'));
    stream.once('offsets', () => this.#markJoined(session));
    client.on('consumer:group:join', () => {
      this.#markJoined(session);
      this.#dropRevoked(session);
    });
    stream.on('data', (message: RawMessage) => this.#accept(session, message));
    client.on('consumer:lag', (lag) => this.#metrics.observeLag(lag));
    client.startLagMonitoring({ topics: [...this.#options.topics] }, LAG_INTERVAL_MS);
  }

  #markJoined(session: Session): void {
    if (this.#session !== session) return;
    clearTimeout(session.late);
    if (!this.#wasJoined) this.#context.log.info({ group: this.#options.group }, 'joined');
    this.#wasJoined = true;
    this.#lostSinceMs = undefined;
  }

  /** Another member owns these partitions now: what waits here is theirs to handle. */
  #dropRevoked(session: Session): void {
    session.owned = partitionsOf(session.client);
    for (const [partition, lane] of session.lanes) {
      if (session.owned.has(partition)) continue;
      session.lanes.delete(partition);
      void lane.close();
    }
  }

  #accept(session: Session, message: RawMessage): void {
    const partition = `${message.topic}:${message.partition}`;
    // A fetch that was under way during a rebalance still brings what is another member's now.
    if (!session.owned.has(partition)) return;
    let lane = session.lanes.get(partition);
    if (lane === undefined) {
      lane = this.#createLane(session);
      session.lanes.set(partition, lane);
    }
    if (!lane.push(message)) return;
    session.buffered += 1;
    if (session.buffered >= BUFFERED_MAX) session.stream.pause();
  }

  #createLane(session: Session): Lane {
    return new Lane({
      handle: (message) => this.#handle(message),
      commit: (message) => this.#commit(session, message),
      onRetry: (message, error, attempt) => {
        this.#metrics.count(message.topic, 'retried');
        this.#context.log.warn(
          { err: error, attempt, ...placeOf(message) },
          'a message will be tried again',
        );
      },
      onLeave: () => {
        session.buffered -= 1;
        if (session.buffered === BUFFERED_RESUME && session.stream.isPaused()) {
          session.stream.resume();
        }
      },
    });
  }

  #commit(session: Session, message: RawMessage): void {
    const commit = Promise.resolve(message.commit()).catch((error: unknown) => {
      // The message will come again, which its handler must bear anyway.
      this.#context.log.debug({ err: error, ...placeOf(message) }, 'an offset was not committed');
    });
    session.commits.add(commit);
    void commit.finally(() => session.commits.delete(commit));
  }

  async #handle(message: RawMessage): Promise<void> {
    const headers = headersOf(message);
    const attributes = {
      'messaging.system': 'kafka',
      'messaging.operation.name': 'process',
      'messaging.destination.name': message.topic,
      'messaging.consumer.group.name': this.#options.group,
      'messaging.kafka.offset': Number(message.offset),
    };
    await withTraceparent(headers['traceparent'], () =>
      withSpan(`process ${message.topic}`, { kind: SpanKind.CONSUMER, attributes }, async () => {
        try {
          await this.#options.handle(await this.#decode(message, headers));
          this.#metrics.count(message.topic, 'handled');
        } catch (error) {
          crashOnBrokenAssertion(error);
          if (!isPoison(error)) throw error;
          await this.#bury(message, error);
        }
      }),
    );
  }

  async #decode(
    message: RawMessage,
    headers: Record<string, string>,
  ): Promise<AnyReceived<TopicName>> {
    const topic = message.topic as TopicName;
    const value = await this.#options.codec.decode(topic, message.value ?? Buffer.alloc(0));
    return {
      topic,
      partition: message.partition,
      offset: message.offset,
      key: message.key?.toString() ?? '',
      headers,
      value,
      messageId: value.messageId,
    } as AnyReceived<TopicName>;
  }

  /** Puts a record aside as it came, with why and from where. */
  async #bury(message: RawMessage, poison: PoisonMessage): Promise<void> {
    const added = {
      'dlq-cause': poison.reason,
      'dlq-detail': poison.message.slice(0, 500),
      'dlq-topic': message.topic,
      'dlq-partition': String(message.partition),
      'dlq-offset': String(message.offset),
      'dlq-group': this.#options.group,
    };
    await this.#options.producer.send([
      {
        topic: deadLetterTopic(message.topic),
        key: message.key ?? undefined,
        value: message.value ?? undefined,
        headers: [
          ...message.headerEntries.map(([name, text]) => [name.toString(), text] as const),
          ...Object.entries(added).map(([name, text]) => [name, Buffer.from(text)] as const),
        ],
      },
    ]);
    this.#metrics.count(message.topic, 'dead-lettered');
    this.#context.log.error(
      { reason: poison.reason, detail: poison.message, ...placeOf(message) },
      'a message went to the dead-letter topic',
    );
  }

  /** Lets the messages under way finish; a session that is whole commits them and leaves. */
  async #endSession(client: Client): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    client.stopLagMonitoring();
    if (session !== undefined) {
      session.stream.pause();
      await Promise.all([...session.lanes.values()].map((lane) => lane.close()));
      if (this.#stopping.signal.aborted) {
        await within(LEAVE_TIMEOUT_MS, Promise.all(session.commits));
        await within(LEAVE_TIMEOUT_MS, client.close(true));
      }
    }
    await within(ABANDON_TIMEOUT_MS, abandon(client, session));
  }
}

/**
 * Ends a client for good. A `close` that fails leaves the client alive, and with its static identity
 * it would take the group back from its successor, which takes it back in turn: so its connections
 * go first. They never reopen, and the broker keeps the member's place for the successor.
 */
async function abandon(client: Client, session: Session | undefined): Promise<void> {
  await Promise.allSettled([client.connections.close(), session?.stream.connections.close()]);
  // The first attempt may fail on a stream that broke; the next one finds it gone.
  await pRetry(() => client.close(true), { retries: CLOSE_RETRIES, minTimeout: 50 });
}

const placeOf = ({ topic, partition, offset }: RawMessage) => ({
  topic,
  partition,
  offset: Number(offset),
});

function headersOf(message: RawMessage): Record<string, string> {
  return Object.fromEntries(
    message.headerEntries.map(([name, text]) => [name.toString(), text?.toString() ?? '']),
  );
}

/** Waits for clean-up that may fail or never end: what follows does not depend on it. */
async function within(timeoutMs: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([Promise.allSettled([work]), late]).finally(() => clearTimeout(timer));
}

interface ConsumerMetrics {
  count(topic: string, outcome: 'handled' | 'retried' | 'dead-lettered'): void;
  observeLag(lag: Map<string, bigint[]>): void;
}

/** Several consumers of one process share these. */
function consumerMetrics(context: ServiceContext): ConsumerMetrics {
  const registers = [context.metrics];
  const messages =
    (context.metrics.getSingleMetric('kafka_consumer_messages_total') as Counter | undefined) ??
    new Counter({
      name: 'kafka_consumer_messages_total',
      help: 'Messages by what became of them.',
      labelNames: ['topic', 'outcome'],
      registers,
    });
  const lags =
    (context.metrics.getSingleMetric('kafka_consumer_lag') as Gauge | undefined) ??
    new Gauge({
      name: 'kafka_consumer_lag',
      help: 'Records that are not committed yet, of the partitions that this member owns.',
      labelNames: ['topic', 'partition'],
      registers,
    });
  return {
    count: (topic, outcome) => messages.inc({ topic, outcome }),
    observeLag(lag) {
      for (const [topic, partitions] of lag) {
        partitions.forEach((value, partition) => {
          // Negative stands for a partition of another member.
          if (value >= 0n) lags.set({ topic, partition }, Number(value));
        });
      }
    },
  };
}
