import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { listRuns } from '../kernel/run-folder.ts';
import { useOwnRuns } from '../testbed/stack.testkit.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const FULL_DISK = new URL('../testbed/fixtures/full-disk.ts', import.meta.url).href;

const up = (env: Record<string, string> = {}) =>
  execa(process.execPath, [MAIN, 'up', '--json', '--only', 'redis', 'postgres'], {
    reject: false,
    env: { CI: '1', ...env },
  });

/** All processes with this folder in their arguments. */
const processesOf = (folder: string): string[] =>
  execFileSync('ps', ['-A', '-ww', '-o', 'args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(folder) && !line.startsWith('ps '));

describe('a boot on a disk that becomes full', () => {
  const tests = useOwnRuns();

  it.each([
    ['before the first process', 'stack\\.json$'],
    ['when the supervisor records its process', 'processes\\.jsonl$'],
    ['when a server is configured', 'postgresql\\.conf$'],
    ['when the stack is ready', 'address-book\\.json'],
  ])('%s names the disk and the fix, and leaves no process', async (_when, file) => {
    const { exitCode, stdout, stderr } = await up({
      NODE_OPTIONS: `--import ${FULL_DISK}`,
      SAGAPROOF_TEST_FULL_AT: file,
    });
    const folder = tests.runsFolder();
    expect(stderr).toContain(`the disk that holds ${folder} is full`);
    expect(stderr).toMatch(/free 256 MB there, or name another folder in SAGAPROOF_RUNS_DIR/);
    expect(JSON.parse(stdout)).toHaveProperty('error');
    expect(exitCode).toBe(2);
    expect(processesOf(folder)).toEqual([]);
    for (const { data } of listRuns()) expect(existsSync(data)).toBe(false);
  });

  it('does not make the next boot fail', async () => {
    const { exitCode, stderr } = await up();
    expect(exitCode, stderr).toBe(0);
    // Shows that the search above can find processes.
    expect(processesOf(tests.runsFolder()).join('\n')).toMatch(/supervisor[\s\S]*postgres/);
  });
});
