import { describe, expect, it } from 'vitest';
import { cpuTimes } from './cpu-time.ts';

const isLinux = process.platform === 'linux';

describe('CPU times', () => {
  it.runIf(isLinux)('grow with the work of a process', () => {
    const ran = () =>
      [...cpuTimes([process.pid]).values()].reduce((sum, { ranMs }) => sum + ranMs, 0);
    const before = ran();
    const end = process.cpuUsage().user + 50_000;
    while (process.cpuUsage().user < end) Math.sqrt(end);
    expect(ran() - before).toBeGreaterThanOrEqual(25);
  });

  it('leave out a process that has ended', () => {
    expect(cpuTimes([2 ** 30])).toEqual(new Map());
  });
});
