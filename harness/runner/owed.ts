import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { PendingDeadlines, pendingAtEnd } from '../checker/pending-deadlines.ts';
import { mergeShards } from '../history/merge-shards.ts';
import { readAsFar } from '../history/read-history.ts';
import { INVARIANTS } from '../invariants/all.ts';
import { poll } from '../kernel/settling.ts';

/** Beyond what is owed: the clock of the recorder is not that of whoever wrote the event. */
const MARGIN_MS = 500;

/**
 * Waits until the history so far owes nothing that could still come in time. A scenario takes
 * seconds, and some promises have ten: ended before that, a run could not say that they are broken.
 *
 * @throws when the signal aborts
 */
export async function untilNothingIsOwed(
  runFolder: string,
  signal: AbortSignal,
  onPhase?: (phase: string) => void,
): Promise<void> {
  const soFar = join(runFolder, 'so-far.jsonl');
  let isTold = false;
  const look = async (): Promise<readonly string[]> => {
    await mergeShards(runFolder, soFar);
    const owed = pendingAtEnd(readAsFar(soFar), INVARIANTS);
    if (owed.length > 0 && !isTold) {
      isTold = true;
      onPhase?.(`waiting for what is still in time: ${owed.join(', ')}`);
    }
    return owed;
  };
  const { deadlineMsMax } = new PendingDeadlines(INVARIANTS);
  try {
    await poll(look, (owed) => owed.length === 0, deadlineMsMax + MARGIN_MS, signal);
  } catch {
    // What cannot be read so far is told by whoever reads the whole.
    signal.throwIfAborted();
  } finally {
    rmSync(soFar, { force: true });
  }
}
