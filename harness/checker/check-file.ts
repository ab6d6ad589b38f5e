import { setFlagsFromString } from 'node:v8';
import { HistoryError, readHistory } from '../history/read-history.ts';
import { HistoryCheck, type RunVerdict } from './check.ts';
import type { Invariant } from './invariant.ts';

/**
 * How the engine is to read a history. Almost all that is read is forgotten at once, and what is
 * kept grows evenly: more room for either only takes memory, and left to itself the heap becomes
 * four times as large as what it has in use before that is collected. So little outlives a young
 * collection that helpers cost more than they carry. And what reads an event is made anew for every
 * shape that an event has: only after so many calls, its best form is worth the making.
 */
const ENGINE_FLAGS = [
  '--semi-space-growth-factor=1',
  '--heap-growing-percent=50',
  '--no-parallel-scavenge',
  '--invocation-count-for-turbofan=30000',
];

/**
 * Holds the history in a file to every invariant. A history that is cut gives a verdict on what
 * could be read, never `valid`; any other file that is no history throws {@link HistoryError}.
 */
export function checkFile(path: string, invariants: readonly Invariant[]): RunVerdict {
  for (const flag of ENGINE_FLAGS) setFlagsFromString(flag);
  const check = new HistoryCheck(invariants);
  let events = 0;
  try {
    for (const event of readHistory(path)) {
      check.observe(event);
      events++;
    }
  } catch (error) {
    if (!(error instanceof HistoryError) || error.problem !== 'torn') throw error;
    check.doubt(`${error.message} ${events} events were read.`);
  }
  return check.finish();
}
