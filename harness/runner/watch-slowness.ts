import { availableParallelism } from 'node:os';
import type { Slowness } from '../checker/facts/slowness.ts';
import type { Unrecorded } from '../history/event.ts';
import { nowMs } from '../history/shard.ts';
import { cpuTimes } from '../kernel/cpu-time.ts';

const PERIOD_MS = 1_000;
/** Less CPU time than this says nothing of how long work takes. */
const RAN_MS_MIN = 5;

const rounded = (value: number): number => Math.round(value * 100) / 100;

/**
 * Measures every second how long the threads of the stack and of this process waited for a CPU, and
 * records it. Ends when disposed.
 *
 * @param pids of the stack's processes now: they change when one is started again
 */
export function watchSlowness(options: {
  readonly pids: () => Promise<readonly number[]>;
  readonly slowness: Slowness;
  readonly record: (event: Unrecorded) => void;
}): Disposable {
  const { pids, slowness, record } = options;
  let known: readonly number[] = [];
  let before = cpuTimes([process.pid]);
  let beganMs = nowMs();
  const look = (): void => {
    void pids().then(
      (now) => {
        known = now;
      },
      // The stack is busy or gone: what is known of it is measured as long as it exists.
      () => undefined,
    );
    const after = cpuTimes([process.pid, ...known]);
    const endMs = nowMs();
    let ranMs = 0;
    let waitedMs = 0;
    for (const [thread, time] of after) {
      const earlier = before.get(thread);
      if (earlier === undefined) continue;
      ranMs += time.ranMs - earlier.ranMs;
      waitedMs += time.waitedMs - earlier.waitedMs;
    }
    before = after;
    const periodMs = endMs - beganMs;
    beganMs = endMs;
    if (ranMs < RAN_MS_MIN) return;
    const slowdown = rounded(1 + waitedMs / ranMs);
    const share = rounded(ranMs / (periodMs * availableParallelism()));
    slowness.add({ endMs, periodMs, slowdown, share });
    const about = { of: 'harness', instance: 'stack', periodMs } as const;
    record({ type: 'resource-sample', ...about, cpuSlowdown: slowdown, cpuShare: share });
  };
  const timer = setInterval(look, PERIOD_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
