import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeEach, expect, test, vi } from 'vitest';
import { workFolder } from './cache-folder.ts';

const PROGRAM = join(import.meta.dirname, 'fixtures', 'fake-run.ts');
const DEADLINE_MS = 30_000;

let cache: string;
let journal: string;
let gate: string;

beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'sagaproof-runs-'));
  [cache, journal, gate] = [join(folder, 'cache'), join(folder, 'journal'), join(folder, 'gate')];
  writeFileSync(journal, '');
});

const run = (...args: readonly string[]) =>
  execa(process.execPath, [PROGRAM, cache, journal, ...args], { reject: false });
const installations = () => readFileSync(journal, 'utf8').split('\n').filter(Boolean).length;
/** Resolves when a run has printed this line. */
function printed(output: NodeJS.ReadableStream, line: string): Promise<void> {
  let text = '';
  return new Promise((resolve, reject) => {
    output.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.split('\n').includes(line)) resolve();
    });
    output.on('end', () => reject(new Error(`it never printed ${line}, but: ${text}`)));
  });
}

const begun = () =>
  vi.waitFor(() => expect(installations(), 'installations that began').toBe(1), {
    timeout: DEADLINE_MS,
    interval: 20,
  });

test('what a killed run left does not keep the next one from its work', async () => {
  const first = run(gate);
  await begun();
  first.kill('SIGKILL');
  await first;
  expect(readdirSync(workFolder(cache))).toHaveLength(1);
  expect(readdirSync(cache)).not.toContain('pieces');

  const second = await run();
  expect(second.exitCode, second.stderr).toBe(0);
  expect(second.stdout.split('\n').at(-1)).toBe('done');
  expect(installations()).toBe(2);
  expect(readdirSync(workFolder(cache))).toEqual([]);
  expect((await run()).stdout).toBe('');
});

test('two runs at the same time do the work once, and both have its result', async () => {
  const first = run(gate);
  await begun();
  const second = run(gate);
  // It has seen that the first one is at work, and does not begin as well.
  await printed(second.stdout, 'waiting');
  writeFileSync(gate, '');
  const results = await Promise.all([first, second]);
  expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  expect(installations()).toBe(1);
});
