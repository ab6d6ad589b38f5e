import type { Message } from '@platformatic/kafka';
import pRetry from 'p-retry';

const DELAY_MS_MIN = 100;
const DELAY_MS_MAX = 1_000;
/** Messages that are handled together. */
const TOGETHER_MAX = 100;

export type RawMessage = Message<Buffer, Buffer, Buffer, Buffer>;

/** What a lane does with its messages. */
export interface LaneWork {
  /** Rejects when the message shall be tried again. */
  handle(message: RawMessage): Promise<void>;
  /** Handles several in order; when it rejects, each of them is handled alone. */
  handleAll?(messages: readonly RawMessage[]): Promise<void>;
  /** Says that everything up to and with this message is done. */
  commit(message: RawMessage): void;
  /** A message will be tried again. */
  onRetry(message: RawMessage, error: unknown, attempt: number): void;
  /** A message left the lane, done or not. */
  onLeave(): void;
}

/**
 * One partition's messages in order: what waits together if the work can do that, else one at a
 * time. A message that fails is tried again with a growing pause; the partition waits, others go
 * on.
 */
export class Lane {
  readonly #work: LaneWork;
  readonly #queue: RawMessage[] = [];
  readonly #closing = new AbortController();
  #running: Promise<void> | undefined;
  #lastOffset = -1n;
  #failingSinceMs: number | undefined;
  /** Messages to be handled one at a time, after several failed together. */
  #alone = 0;

  constructor(work: LaneWork) {
    this.#work = work;
  }

  /** Adds a message; false when the lane has had it, as happens after a rebalance. */
  push(message: RawMessage): boolean {
    if (this.#closing.signal.aborted || message.offset <= this.#lastOffset) return false;
    this.#lastOffset = message.offset;
    this.#queue.push(message);
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return true;
  }

  /** How long its first message has failed, by the monotonic clock; undefined when it has not. */
  failingForMs(nowMs: number): number | undefined {
    return this.#failingSinceMs === undefined ? undefined : nowMs - this.#failingSinceMs;
  }

  /** Drops what waits and resolves when the message under way has settled. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const _ of this.#queue.splice(0)) this.#work.onLeave();
    await this.#running;
  }

  async #run(): Promise<void> {
    // One turn later, so that the rest of the same answer of the broker is there.
    if (this.#work.handleAll !== undefined) await Promise.resolve();
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      if (await this.#handleTogether(next)) continue;
      const isDone = await this.#handleInTheEnd(next);
      if (isDone) this.#work.commit(next);
      this.#failingSinceMs = undefined;
      this.#work.onLeave();
    }
  }

  /** Handles a message with those that wait behind it. False: it has to be handled alone. */
  async #handleTogether(first: RawMessage): Promise<boolean> {
    if (this.#alone > 0) {
      this.#alone -= 1;
      return false;
    }
    if (this.#work.handleAll === undefined || this.#queue.length === 0) return false;
    const rest = this.#queue.splice(0, TOGETHER_MAX - 1);
    try {
      await this.#work.handleAll([first, ...rest]);
    } catch {
      // Each is handled alone, and says what is wrong with it. What had its effect has none again.
      if (this.#closing.signal.aborted) for (const _ of rest) this.#work.onLeave();
      else this.#queue.unshift(...rest);
      this.#alone = rest.length;
      return false;
    }
    this.#work.commit(rest.at(-1) ?? first);
    for (const _ of [first, ...rest]) this.#work.onLeave();
    return true;
  }

  /** False when the lane was closed before the message could be handled. */
  async #handleInTheEnd(message: RawMessage): Promise<boolean> {
    let isDone = false;
    const attempt = async () => {
      await this.#attempt(message);
      isDone = true;
    };
    try {
      await pRetry(attempt, {
        retries: Number.POSITIVE_INFINITY,
        minTimeout: DELAY_MS_MIN,
        maxTimeout: DELAY_MS_MAX,
        signal: this.#closing.signal,
        onFailedAttempt: ({ error, attemptNumber }) => {
          this.#failingSinceMs ??= performance.now();
          this.#work.onRetry(message, error.cause, attemptNumber);
        },
      });
    } catch (error) {
      // An abort also hides an attempt that succeeded after it.
      if (!this.#closing.signal.aborted) throw error;
    }
    return isDone;
  }

  async #attempt(message: RawMessage): Promise<void> {
    try {
      await this.#work.handle(message);
    } catch (error) {
      // Wrapped, because p-retry takes a TypeError for a programming error and gives up.
      throw new Error('a message could not be handled', { cause: error });
    }
  }
}
