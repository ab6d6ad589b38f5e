/** The open waits of all orders, in the order in which they began. */
import { waitAfter } from './domain.ts';
import type { LoggedEvent } from './ports.ts';

/** Before a timer whose firing failed is fired again. */
const FIRE_RETRY_MS = 500;

/** Ends a wait, in the trace of the event that began it. */
export type FireTimer = (
  orderId: string,
  timerId: string,
  traceparent: string | undefined,
) => Promise<void>;

interface Begun {
  readonly orderId: string;
  readonly timerId: string;
  readonly after: bigint;
  readonly traceparent: string | undefined;
}

interface Wait {
  readonly timerId: string;
  /** A position that the wait began behind. */
  readonly after: bigint;
  readonly timer: NodeJS.Timeout;
}

/**
 * A wait counts from the moment it is seen here, which is when its command was acknowledged by
 * Kafka, or when this instance took over: an answer that came while no instance listened gets its
 * chance.
 */
export class SagaTimers implements Disposable {
  readonly #fire: FireTimer;
  /** Insertion order is the order of the log: an order's new wait goes to the end. */
  readonly #waits = new Map<string, Wait>();

  /** @param fire ends a wait; when it rejects it is called again */
  constructor(fire: FireTimer) {
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
  track({ id, fact, traceparent }: LoggedEvent, after: bigint): void {
    const wait = waitAfter(fact);
    if (wait === 'unchanged') return;
    this.#end(fact.orderId);
    if (wait === 'ends') return;
    this.#arm({ orderId: fact.orderId, timerId: id, after, traceparent }, wait.beginsMs);
  }

  [Symbol.dispose](): void {
    for (const { timer } of this.#waits.values()) clearTimeout(timer);
    this.#waits.clear();
  }

  #end(orderId: string): void {
    clearTimeout(this.#waits.get(orderId)?.timer);
    this.#waits.delete(orderId);
  }

  #arm(begun: Begun, timeMs: number): void {
    const { orderId, timerId, after, traceparent } = begun;
    clearTimeout(this.#waits.get(orderId)?.timer);
    const timer = setTimeout(() => {
      // The wait stays open here until the log says that it has ended.
      this.#fire(orderId, timerId, traceparent).catch(() => {
        if (this.#waits.get(orderId)?.timerId === timerId) this.#arm(begun, FIRE_RETRY_MS);
      });
    }, timeMs);
    this.#waits.set(orderId, { timerId, after, timer });
  }
}
