import type { Consumer as Client, MessagesStream } from '@platformatic/kafka';
import { Gauge } from 'prom-client';
import type { TopicName } from './avro.ts';
import { abandon, createClient, within } from './kafka-client.ts';
import { Lane, type RawMessage } from './kafka-lane.ts';
import { OffsetCommits } from './kafka-offsets.ts';
import { type ConsumerOptions, Processor } from './kafka-processor.ts';
import type { ServiceContext } from './service.ts';

/** Messages read ahead of the handlers, over all partitions; more are left in Kafka. */
const BUFFERED_MAX = 1_000;
const BUFFERED_RESUME = 500;
/** Between two sessions when the first has ended by itself. */
const RECONNECT_DELAY_MS = 200;
/**
 * Joining and finding the offsets; the client has been seen to wait for ever on a dead connection.
 */
const JOIN_TIMEOUT_MS = 6_000;
/** For the last commits, and for leaving the group, when the service drains. */
const LEAVE_TIMEOUT_MS = 3_000;
/** For a client whose connections are closed already to notice that it is over. */
const ABANDON_TIMEOUT_MS = 500;
const LAG_INTERVAL_MS = 5_000;
/**
 * A partition that fails for longer, or a group that is lost for longer, makes the service not
 * ready.
 */
const STUCK_MS_MAX = 30_000;
const LOST_MS_MAX = 10_000;

export interface Consumer {
  /** Stops reading, lets the messages under way finish, commits and leaves the group. */
  stop(): Promise<void>;
}

/**
 * Consumes topics as a static member of a group: in order per partition, partitions side by side.
 * It reconnects after any fault, and stops with the drain.
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
  readonly commits: OffsetCommits;
  /** Ends the session unless it is disarmed by joining. */
  readonly late: NodeJS.Timeout;
  owned: ReadonlySet<string>;
  /** Resolves with why the session ended. */
  readonly ended: PromiseWithResolvers<string>;
  buffered: number;
}

function createSession(
  parts: Pick<Session, 'client' | 'stream' | 'ended' | 'late'>,
  log: ServiceContext['log'],
): Session {
  const { client } = parts;
  const commits = new OffsetCommits(
    (offsets) => client.commit({ offsets }),
    // The messages will come again, which their handler must bear anyway.
    (error) => log.debug({ err: error }, 'offsets were not committed'),
  );
  return { ...parts, owned: partitionsOf(client), lanes: new Map(), commits, buffered: 0 };
}

const partitionsOf = (client: Client): ReadonlySet<string> =>
  new Set(
    (client.assignments ?? []).flatMap(({ topic, partitions }) =>
      partitions.map((partition) => `${topic}:${partition}`),
    ),
  );

/** What another member owns by now is that one's to commit. */
function noteHandled({ owned, commits }: Session, message: RawMessage): void {
  if (owned.has(`${message.topic}:${message.partition}`)) commits.note(message);
}

class ConsumerLoop {
  readonly #context: ServiceContext;
  readonly #options: ConsumerOptions<TopicName>;
  readonly #processor: Processor;
  readonly #lags: Gauge;
  readonly #stopping = new AbortController();
  #session: Session | undefined;
  #lostSinceMs: number | undefined = performance.now();
  #wasJoined = false;
  #running: Promise<void> | undefined;

  constructor(context: ServiceContext, options: ConsumerOptions<TopicName>) {
    this.#context = context;
    this.#options = options;
    this.#processor = new Processor(context, options);
    this.#lags = lagGauge(context);
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
      this.#context.log.warn({ why, group: this.#options.group }, 'the consumer restarts');
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
    const client = createClient(this.#context, this.#options);
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
        else this.#listen(createSession({ client, stream, ended, late }, this.#context.log));
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
    client.on('consumer:lag', (lag) => observeLag(this.#lags, lag));
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
      session.commits.drop(partition);
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
      handle: (message) => this.#processor.process(message),
      ...(this.#options.handleAll === undefined
        ? {}
        : { handleAll: (messages) => this.#processor.processAll(messages) }),
      commit: (message) => noteHandled(session, message),
      onRetry: (message, error, attempt) => this.#processor.noteRetry(message, error, attempt),
      onLeave: () => {
        session.buffered -= 1;
        if (session.buffered === BUFFERED_RESUME && session.stream.isPaused()) {
          session.stream.resume();
        }
      },
    });
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
        await within(LEAVE_TIMEOUT_MS, session.commits.close());
        await within(LEAVE_TIMEOUT_MS, client.close(true));
      }
    }
    session?.commits.abandon();
    await within(ABANDON_TIMEOUT_MS, abandon(client, session?.stream));
  }
}

function lagGauge(context: ServiceContext): Gauge {
  const name = 'kafka_consumer_lag';
  return (
    (context.metrics.getSingleMetric(name) as Gauge | undefined) ??
    new Gauge({
      name,
      help: 'Records that are not committed yet, of the partitions that this member owns.',
      labelNames: ['topic', 'partition'],
      registers: [context.metrics],
    })
  );
}

function observeLag(lags: Gauge, lag: ReadonlyMap<string, readonly bigint[]>): void {
  for (const [topic, partitions] of lag) {
    for (const [partition, value] of partitions.entries()) {
      // Negative stands for a partition of another member.
      if (value >= 0n) lags.set({ topic, partition }, Number(value));
    }
  }
}
