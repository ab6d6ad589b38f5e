import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { parseStat, treeMs } from './cpu.ts';

/** Uses the processor for this long, then ends. */
const BUSY =
  'const end = process.cpuUsage().user + 200_000; while (process.cpuUsage().user < end);';

describe('parseStat', () => {
  it('finds the fields behind a name with spaces and parentheses', () => {
    const stat = '7 (a (b) c) S 3 7 7 0 -1 4194304 1 2 3 4 11 22 33 44 20 0 1 0 99 1 1';
    expect(parseStat(stat)).toEqual({ parent: 3, ownMs: 330, reapedMs: 770 });
  });
});

describe('treeMs', () => {
  it('counts a process with its running and ended children, and no other process', () => {
    const processes = new Map([
      [1, { parent: 0, ownMs: 1_000, reapedMs: 0 }],
      [2, { parent: 1, ownMs: 10, reapedMs: 5 }],
      [3, { parent: 2, ownMs: 100, reapedMs: 1 }],
      [4, { parent: 1, ownMs: 7_000, reapedMs: 0 }],
    ]);
    expect(treeMs(2, processes)).toBe(116);
  });

  it.runIf(process.platform === 'linux')('counts a child that has ended', async () => {
    const before = treeMs(process.pid);
    const child = spawn(process.execPath, ['-e', BUSY], { stdio: 'ignore' });
    await once(child, 'exit');
    expect(treeMs(process.pid) - before).toBeGreaterThanOrEqual(190);
  });
});
