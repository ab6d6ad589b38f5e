import type { Message } from '@platformatic/kafka';
import pRetry from 'p-retry';

const DELAY_MS_MIN = 100;
const DELAY_MS_MAX = 1_000;

export type RawMessage = Message<Buffer, Buffer, Buffer, Buffer>;

/** What a lane does with its messages. */
export interface LaneWork {
  /** Rejects when the message shall be tried again. */
  handle(message: RawMessage): Promise<void>;
  /** Says that everything up to and with this message is done. */
  commit(message: RawMessage): void;
  /** A message will be tried again. */
  onRetry(message: RawMessage, error: unknown, attempt: number): void;
  /** A message left the lane, done or not. */
  onLeave(): void;
}

/**
 * One partition's messages, one at a time and in order. A message that fails is tried again with a
 * growing pause; the partition waits, others go on.
 */
export class Lane {
  readonly #work: LaneWork;
  readonly #queue: RawMessage[] = [];
  readonly #closing = new AbortController();
  #running: Promise<void> | undefined;
  #lastOffset = -1n;
  #failingSinceMs: number | undefined;

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
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      const isDone = await this.#handleInTheEnd(next);
      if (isDone) this.#work.commit(next);
      this.#failingSinceMs = undefined;
      this.#work.onLeave();
    }
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
