import { setTimeout as pause } from 'node:timers/promises';
import { nowMs } from '../../harness/history/shard.ts';
import type { Schedule } from '../model/schedule.ts';

/** Between two looks at the clock: an arrival is at most a timer's delay late. */
const LOOK_MS_MAX = 20;

/**
 * Does what is due, when it is due. Nothing waits for anything: what became due while this thread
 * was busy is done at once, with the time at which it was due.
 *
 * @param act gets the number of the arrival, when it was due, and how late it is
 */
export async function atArrivals(
  schedule: Schedule,
  startMs: number,
  act: (n: number, dueMs: number, lateMs: number) => void,
  signal: AbortSignal,
): Promise<void> {
  for (let n = 0; !signal.aborted; ) {
    const next = schedule.dueMs(n);
    if (next === undefined) return;
    const dueMs = startMs + next;
    const waitMs = dueMs - nowMs();
    if (waitMs > 0) {
      await pause(Math.min(LOOK_MS_MAX, waitMs), undefined, { signal }).catch(() => undefined);
      continue;
    }
    act(n, dueMs, -waitMs);
    n += 1;
  }
}
