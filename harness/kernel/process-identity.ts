/** Identifies a process beyond its pid, and ends it only if it is still that process. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessIdentity } from './process-event.ts';

/** How often an ending process is checked. */
const ENDED_INTERVAL_MS = 10;
/** After SIGKILL the kernel ends a process within this, unless it hangs in a system call. */
const KILLED_TIMEOUT_MS = 5_000;

let cachedBootId: string | undefined;

/** Changes with every boot of the machine: a pid from before a reboot matches no process. */
function bootId(): string {
  cachedBootId ??=
    process.platform === 'linux'
      ? readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
      : execFileSync('sysctl', ['-n', 'kern.boottime'], { encoding: 'utf8' }).trim();
  return cachedBootId;
}

interface ProcessStat {
  readonly startTime: string;
  readonly state: string;
  readonly group: number;
}

function readStat(pid: number): ProcessStat | undefined {
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // The name in parentheses may hold spaces, so fields are counted from the last parenthesis.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const [state, , group] = fields;
      const startTime = fields[19];
      if (!state || !group || !startTime) return undefined;
      return { state, group: Number(group), startTime };
    }
    const line = execFileSync('ps', ['-o', 'state=,pgid=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
    }).trim();
    const [state, group, ...start] = line.split(/\s+/);
    if (!state || !group) return undefined;
    return { state, group: Number(group), startTime: start.join(' ') };
  } catch {
    return undefined;
  }
}

/** The identity of a running process, or undefined when there is none with this pid. */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = readStat(pid);
  return stat ? { pid, startTime: stat.startTime, bootId: bootId() } : undefined;
}

/** True only for the recorded process, and only while it is not a zombie. */
export function isRunning(identity: ProcessIdentity): boolean {
  if (identity.bootId !== bootId()) return false;
  const stat = readStat(identity.pid);
  return stat !== undefined && stat.startTime === identity.startTime && !stat.state.startsWith('Z');
}

/**
 * States of the processes in the group that the recorded process leads, as `ps` abbreviates them
 * (`S` sleeping, `T` stopped); empty once the leader has ended. Where groups cannot be read, the
 * leader is the only one listed.
 */
export function groupStates(leader: ProcessIdentity): string[] {
  if (!isRunning(leader)) return [];
  const others = processes().filter(({ pid, group }) => group === leader.pid && pid !== leader.pid);
  return [leader.pid, ...others.map(({ pid }) => pid)].flatMap((pid) => {
    const state = readStat(pid)?.state.charAt(0);
    return state === undefined || state === 'Z' ? [] : [state];
  });
}

/**
 * Ends the recorded process and, where it led a group of its own, what it started. A process that
 * merely has the same pid is left alone.
 *
 * @returns true when a process was running
 */
export async function endProcess(
  identity: ProcessIdentity,
  options: { readonly marker?: string } = {},
): Promise<boolean> {
  const leader = isRunning(identity);
  const followers = options.marker ? groupMembers(identity, options.marker) : [];
  await kill([...(leader ? [identity] : []), ...followers]);
  return leader || followers.length > 0;
}

/**
 * Ends every process with the marker in its environment, whatever its parent. The marker must be
 * unique; where environments cannot be read, no process is found.
 */
export async function endMarked(marker: string): Promise<void> {
  await kill(processes().filter(({ pid }) => hasMarker(pid, marker)));
}

async function kill(identities: readonly ProcessIdentity[]): Promise<void> {
  for (const { pid } of identities) signalQuietly(pid, 'SIGKILL');
  const giveUpAt = performance.now() + KILLED_TIMEOUT_MS;
  for (const ended of identities) {
    while (isRunning(ended)) {
      if (performance.now() > giveUpAt) {
        throw new Error(`process ${ended.pid} does not end, not even by SIGKILL`);
      }
      await delay(ENDED_INTERVAL_MS);
    }
  }
}

function signalQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/**
 * Members of the group that the recorded process led. A group number alone may be reused, so a
 * member also has to carry the run's own marker in its environment.
 */
function groupMembers(leader: ProcessIdentity, marker: string): ProcessIdentity[] {
  if (leader.bootId !== bootId()) return [];
  return processes().filter(
    ({ pid, group }) => pid !== leader.pid && group === leader.pid && hasMarker(pid, marker),
  );
}

/** Every other process of this machine, and its group. */
function processes(): Array<ProcessIdentity & { readonly group: number }> {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc').flatMap((entry) => {
    const pid = Number(entry);
    const stat = Number.isInteger(pid) && pid !== process.pid ? readStat(pid) : undefined;
    return stat === undefined
      ? []
      : [{ pid, startTime: stat.startTime, bootId: bootId(), group: stat.group }];
  });
}

function hasMarker(pid: number, marker: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(marker);
  } catch {
    return false;
  }
}
