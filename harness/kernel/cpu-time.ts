import { readdirSync, readFileSync } from 'node:fs';

/** Of some processes together, since they started. */
export interface CpuTime {
  readonly ranMs: number;
  /** Runnable, while other threads had the CPU. */
  readonly waitedMs: number;
}

const NANOSECONDS_PER_MS = 1e6;

/**
 * How long each thread of these processes has run and has waited for a CPU, by `<pid>/<thread>`.
 * Empty where the kernel does not say: only Linux does (Documentation/scheduler/sched-stats.rst).
 * Processes that have ended are left out.
 */
export function cpuTimes(pids: readonly number[]): Map<string, CpuTime> {
  const times = new Map<string, CpuTime>();
  for (const pid of pids) {
    for (const thread of threadsOf(pid)) {
      const time = timeOf(`/proc/${pid}/task/${thread}/schedstat`);
      if (time !== undefined) times.set(`${pid}/${thread}`, time);
    }
  }
  return times;
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

function timeOf(path: string): CpuTime | undefined {
  try {
    const [ran = 0, waited = 0] = readFileSync(path, 'utf8').split(' ').map(Number);
    return { ranMs: ran / NANOSECONDS_PER_MS, waitedMs: waited / NANOSECONDS_PER_MS };
  } catch {
    return undefined;
  }
}
