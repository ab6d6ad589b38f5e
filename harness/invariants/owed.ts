import type { HistoryEvent } from '../history/event.ts';
import { INVARIANTS } from './all.ts';
import { Scope } from './scope.ts';

const PATIENT = INVARIANTS.filter(({ patienceMs }) => patienceMs !== undefined);

/** The longest that anything may be owed. */
export const PATIENCE_MS = Math.max(...PATIENT.map(({ patienceMs = 0 }) => patienceMs));

/**
 * Promises that wait for something when a history breaks off, and for which it is still in time.
 * Recorded on until it has come or is late, the same history can be judged.
 *
 * @returns the names of their invariants
 */
export function owedAtEnd(history: Iterable<HistoryEvent>): readonly string[] {
  const scope = new Scope();
  const waiting = PATIENT.map(({ name, reads, start }) => ({
    name,
    reads: new Set(reads),
    checker: start(scope),
  }));
  for (const event of history) {
    scope.observe(event);
    for (const { reads, checker } of waiting) {
      if (reads.has(event.type)) checker.observe(event);
    }
  }
  return waiting
    .filter(({ checker }) => checker.finish().undecided !== undefined)
    .map(({ name }) => name);
}
