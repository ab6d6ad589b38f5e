import { setFlagsFromString } from 'node:v8';
import { HistoryError, readHistory } from '../history/read-history.ts';
import { HistoryCheck, type RunVerdict } from './check.ts';

/**
 * Holds the history in a file to every invariant. A history that is cut gives a verdict on what
 * could be read, never `valid`; any other file that is no history throws {@link HistoryError}.
 */
export function checkFile(path: string): RunVerdict {
  // Almost all that is read is forgotten at once: more room for it only takes memory.
  setFlagsFromString('--semi-space-growth-factor=1');
  const check = new HistoryCheck();
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
