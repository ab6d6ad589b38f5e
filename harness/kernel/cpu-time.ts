import { readdirSync, readFileSync } from 'node:fs';

/** Of some processes together, since they started. */
export interface CpuTime {
  readonly ranMs: number;
  /** Runnable, while other threads had the CPU. */
  readonly waitedMs: number;
}

const NANOSECONDS_PER_MS = 1e6;

/**
 * How long each thread of these processes and of their descendants has run and has waited for a
 * CPU, by `<pid>/<thread>`. Empty where the kernel does not say: only Linux does
 * (Documentation/scheduler/sched-stats.rst). Processes that have ended are left out.
 */
export function cpuTimes(pids: readonly number[]): Map<string, CpuTime> {
  const times = new Map<string, CpuTime>();
  for (const pid of withDescendants(pids)) {
    for (const thread of threadsOf(pid)) {
      const time = timeOf(`/proc/${pid}/task/${thread}/schedstat`);
      if (time !== undefined) times.set(`${pid}/${thread}`, time);
    }
  }
  return times;
}

/** A server may do its work in child processes, as Postgres does. */
function withDescendants(pids: readonly number[]): Set<number> {
  const all = new Set(pids);
  // A set that grows while it is read: children of children follow.
  for (const pid of all) for (const child of childrenOf(pid)) all.add(child);
  return all;
}

function childrenOf(pid: number): number[] {
  const lists = threadsOf(pid).map((thread) => textOf(`/proc/${pid}/task/${thread}/children`));
  return lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number));
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

function timeOf(path: string): CpuTime | undefined {
  const text = textOf(path);
  if (text === '') return undefined;
  const [ran = 0, waited = 0] = text.split(' ').map(Number);
  return { ranMs: ran / NANOSECONDS_PER_MS, waitedMs: waited / NANOSECONDS_PER_MS };
}
