/** CPU time of processes, read from /proc: user and system, in milliseconds. */
import { readdirSync, readFileSync } from 'node:fs';

/** `USER_HZ` is 100 on every architecture that Node runs on. */
const MS_PER_TICK = 10;

export interface ProcessCpu {
  readonly parent: number;
  /** Of the process itself. */
  readonly ownMs: number;
  /** Of its children that have ended and were waited for, and of theirs. */
  readonly reapedMs: number;
}

/** Understands one line of `/proc/<pid>/stat`. */
export function parseStat(stat: string): ProcessCpu {
  // The name in parentheses may hold spaces, so fields are counted from the last parenthesis.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [, parent, , , , , , , , , , user, system, childUser, childSystem] = fields.map(Number);
  const ms = (...ticks: ReadonlyArray<number | undefined>) =>
    ticks.reduce<number>((sum, tick) => sum + (tick ?? 0), 0) * MS_PER_TICK;
  return { parent: parent ?? 0, ownMs: ms(user, system), reapedMs: ms(childUser, childSystem) };
}

export type ProcessList = ReadonlyMap<number, ProcessCpu>;

/** Every process that runs now, by pid. */
export function readProcesses(): ProcessList {
  if (process.platform !== 'linux')
    throw new Error('CPU by process is read from /proc: Linux only');
  const found = new Map<number, ProcessCpu>();
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) continue;
    try {
      found.set(pid, parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8')));
    } catch {
      // It ended between the two reads; its parent has its time then.
    }
  }
  return found;
}

/** A process, all that it started and all that these started, also what has ended since. */
export function treeMs(root: number, processes: ProcessList = readProcesses()): number {
  const children = Map.groupBy(processes.keys(), (pid) => processes.get(pid)?.parent ?? 0);
  let total = 0;
  for (const pids = [root]; ; ) {
    const pid = pids.pop();
    if (pid === undefined) return total;
    const { ownMs = 0, reapedMs = 0 } = processes.get(pid) ?? {};
    total += ownMs + reapedMs;
    pids.push(...(children.get(pid) ?? []));
  }
}

/** A process without anything that it started. */
export const ownMs = (pid: number, processes: ProcessList): number =>
  processes.get(pid)?.ownMs ?? 0;
