/** The open waits of all orders, in the order in which they began. */
import { waitAfter } from './domain.ts';
import type { LoggedEvent } from './ports.ts';

/** Before a timer whose firing failed is fired again. */
const FIRE_RETRY_MS = 500;

interface Wait {
  readonly timerId: string;
  /** A position that the wait began behind. */
  readonly after: bigint;
  readonly timer: NodeJS.Timeout;
}

/**
 * A wait counts from the moment it is seen here, which is when its command was acknowledged by Kafka,
 * or when this instance took over: an answer that came while nobody listened gets its chance.
 */
export class SagaTimers implements Disposable {
  readonly #fire: (orderId: string, timerId: string) => Promise<void>;
  /** Insertion order is the order of the log: an order's new wait goes to the end. */
  readonly #waits = new Map<string, Wait>();

  /** @param fire ends a wait; when it rejects it is called again */
  constructor(fire: (orderId: string, timerId: string) => Promise<void>) {
    this.#fire = fire;
  }

  get size(): number {
    return this.#waits.size;
  }

  /** A position behind which every open wait began; undefined when none is open. */
  get oldest(): bigint | undefined {
    for (const { after } of this.#waits.values()) return after;
    return undefined;
  }

  /** @param after any position before the event's */
  track({ id, fact }: LoggedEvent, after: bigint): void {
    const wait = waitAfter(fact);
    if (wait === 'unchanged') return;
    this.#end(fact.orderId);
    if (wait === 'ends') return;
    this.#arm(fact.orderId, id, after, wait.beginsMs);
  }

  [Symbol.dispose](): void {
    for (const { timer } of this.#waits.values()) clearTimeout(timer);
    this.#waits.clear();
  }

  #end(orderId: string): void {
    clearTimeout(this.#waits.get(orderId)?.timer);
    this.#waits.delete(orderId);
  }

  #arm(orderId: string, timerId: string, after: bigint, timeMs: number): void {
    clearTimeout(this.#waits.get(orderId)?.timer);
    const timer = setTimeout(() => {
      // The wait stays open here until the log says that it has ended.
      this.#fire(orderId, timerId).catch(() => {
        if (this.#waits.get(orderId)?.timerId === timerId) {
          this.#arm(orderId, timerId, after, FIRE_RETRY_MS);
        }
      });
    }, timeMs);
    this.#waits.set(orderId, { timerId, after, timer });
  }
}
