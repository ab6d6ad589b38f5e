import type { OrderEvent } from './domain.ts';
import type { EventLog } from './ports.ts';

/** A log of one partition that a test writes. */
export interface ArrayLog extends EventLog {
  append(...events: readonly OrderEvent[]): void;
  /** Readers wait for this before they read. */
  holdReaders(until: Promise<void>): void;
  /** Resolves when the first reader is there. */
  readonly opened: Promise<void>;
}

/** An event log in memory; it keeps the contract of `log-contract.testkit.ts`. */
export function arrayLog(): ArrayLog {
  const events: OrderEvent[] = [];
  const opened = Promise.withResolvers<void>();
  let held = Promise.resolve();
  return {
    append: (...more) => void events.push(...more),
    holdReaders(until) {
      held = until;
      held.catch(() => undefined);
    },
    opened: opened.promise,
    ends: async () => new Map([[0, BigInt(events.length)]]),
    async open() {
      let next = 0;
      opened.resolve();
      return {
        async readTo(ends, handle) {
          await held;
          const batch = events.slice(next, Number(ends.get(0) ?? 0n));
          next += batch.length;
          if (batch.length > 0) await handle(batch);
          return batch.length;
        },
        [Symbol.asyncDispose]: async () => undefined,
      };
    },
  };
}
