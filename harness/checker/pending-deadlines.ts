import type { HistoryEvent } from '../history/event.ts';
import type { TimedEvent } from '../history/shard-tail.ts';
import type { DeadlineChecker, DeadlineInvariant, Invariant } from './invariant.ts';
import { Scope } from './scope.ts';

interface Waiting {
  readonly name: string;
  readonly reads: ReadonlySet<HistoryEvent['type']>;
  readonly checker: DeadlineChecker;
}

/**
 * Follows a run while it is recorded and knows which invariants wait for an event that can still
 * arrive in time. A run that ends before cannot be judged by them.
 *
 * Each event is added once, as it is recorded; asking for what is pending reads no event again.
 */
export class PendingDeadlines {
  /** The longest deadline of all: nothing that was added is pending for longer. */
  readonly deadlineMsMax: number;
  readonly #scope = new Scope();
  readonly #waiting: readonly Waiting[];
  #added = 0;

  constructor(invariants: readonly Invariant[]) {
    const withDeadline = invariants.filter(hasDeadline);
    this.deadlineMsMax = Math.max(0, ...withDeadline.map(({ deadlineMs }) => deadlineMs));
    this.#waiting = withDeadline.map(({ name, reads, start }) => ({
      name,
      reads: new Set(reads),
      checker: start(this.#scope),
    }));
  }

  /** Reads one more event: those of one source in its order, sources in any order. */
  add(recorded: TimedEvent): void {
    const event = { ...recorded, index: this.#added++ } as HistoryEvent;
    this.#scope.observe(event);
    for (const { reads, checker } of this.#waiting) {
      if (reads.has(event.type)) checker.observe(event);
    }
  }

  /** The names of the invariants that wait for an event which is not late at this time. */
  pending(nowMs: number): string[] {
    return this.#waiting
      .filter(({ checker }) => hasAny(checker.pending(nowMs)))
      .map(({ name }) => name);
  }
}

const hasDeadline = (invariant: Invariant): invariant is DeadlineInvariant =>
  invariant.deadlineMs !== undefined;

const hasAny = (items: Iterable<unknown>): boolean => !items[Symbol.iterator]().next().done;

/** The names of the invariants that wait for an event when a history ends. */
export function pendingAtEnd(
  history: Iterable<HistoryEvent>,
  invariants: readonly Invariant[],
): string[] {
  const deadlines = new PendingDeadlines(invariants);
  let lastMs = 0;
  for (const event of history) {
    deadlines.add(event);
    lastMs = Math.max(lastMs, event.atMs);
  }
  return deadlines.pending(lastMs);
}
