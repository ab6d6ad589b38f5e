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

/** Every process of this machine that is told of this folder. */
const processesOf = (folder: string): string[] =>
  execFileSync('ps', ['-A', '-ww', '-o', 'args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(folder) && !line.startsWith('ps '));

describe('a boot whose disk gets full', () => {
  const tests = useOwnRuns();

  it.each([
    ['before anything is started', 'stack\\.json$'],
    ['when the supervisor writes down itself', 'processes\\.jsonl$'],
    ['when a server gets its settings', 'postgresql\\.conf$'],
    ['when all is up', 'address-book\\.json'],
  ])('%s says where, and what to do, and leaves nothing behind', async (_when, file) => {
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

  it('is no reason for the next one to fail', async () => {
    const { exitCode, stderr } = await up();
    expect(exitCode, stderr).toBe(0);
    // What is looked for above is there to be found.
    expect(processesOf(tests.runsFolder()).join('\n')).toMatch(/supervisor[\s\S]*postgres/);
  });
});
