import type { Stack } from '#harness/testbed/stack.ts';
import { ownMs, readProcesses, treeMs } from './cpu.ts';

/** Milliseconds of CPU by the name of a resource; the supervisor stands for what it hosts. */
export type CpuByProcess = ReadonlyMap<string, number>;

const HOSTED = 'supervisor (oidc, otlp, smtp)';
export const CLIENT = 'the benchmark itself';

/** CPU since each process began; servers with the processes that they started. */
export async function cpuByProcess(stack: Stack): Promise<CpuByProcess> {
  const { resources } = await stack.control.status();
  const processes = readProcesses();
  const found = new Map<string, number>();
  for (const { name, pid } of resources) {
    if (pid !== undefined) found.set(name, treeMs(pid, processes));
  }
  found.set(HOSTED, ownMs(stack.addressBook.supervisorPid, processes));
  found.set(CLIENT, ownMs(process.pid, processes));
  return found;
}

export const since = (before: CpuByProcess, after: CpuByProcess): CpuByProcess =>
  new Map([...after].map(([name, cpuMs]) => [name, cpuMs - (before.get(name) ?? 0)]));
