import { setFlagsFromString } from 'node:v8';
import { HistoryError, readHistoryLines } from '../history/read-history.ts';
import { HistoryCheck, type RunVerdict } from './check.ts';
import type { Invariant } from './invariant.ts';

/**
 * V8 settings for reading a history. Almost everything that is read is garbage at once, and what is
 * kept grows evenly: larger spaces would only use memory, and with default settings the heap grows
 * to four times the live data before it is collected. So little survives a young collection that
 * parallel collectors cost more than they save. V8 also recompiles the reading code for every new
 * shape of event, so optimising it pays off only after this many calls.
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
    for (const { event, text } of readHistoryLines(path)) {
      check.observe(event, text);
      events++;
    }
  } catch (error) {
    if (!(error instanceof HistoryError) || error.problem !== 'torn') throw error;
    check.doubt(`${error.message} ${events} events were read.`);
  }
  return check.finish();
}
