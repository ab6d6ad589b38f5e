import type { Invariant } from '../checker/invariant.ts';
import { PendingDeadlines } from '../checker/pending-deadlines.ts';
import { nowMs } from '../history/shard.ts';
import { ShardTail } from '../history/shard-tail.ts';
import { until } from '../kernel/poll.ts';

/** The clock of the recorder is not that of the process that wrote the event. */
const MARGIN_MS = 500;

/**
 * Waits until no invariant waits for an event that can still arrive in time. A scenario takes
 * seconds and some deadlines are ten: a run that ended before could not judge them. Each look reads
 * only what was appended since the last one.
 *
 * @throws when the signal aborts
 */
export async function waitForPendingDeadlines(
  runFolder: string,
  invariants: readonly Invariant[],
  signal: AbortSignal,
  onPhase?: (phase: string) => void,
): Promise<void> {
  const deadlines = new PendingDeadlines(invariants);
  const tail = new ShardTail(runFolder);
  let isReported = false;
  const hasNone = (): boolean => {
    for (const event of tail.read()) deadlines.add(event);
    const pending = deadlines.pending(nowMs() - MARGIN_MS);
    if (pending.length > 0 && !isReported) {
      isReported = true;
      onPhase?.(`waiting for pending deadlines: ${pending.join(', ')}`);
    }
    return pending.length === 0;
  };
  const deadlineMs = deadlines.deadlineMsMax + 2 * MARGIN_MS;
  await until('pending deadlines', hasNone, deadlineMs, signal).catch(() => {
    // What is still pending is late; an invariant that crashes is reported by the final check.
    signal.throwIfAborted();
  });
}
