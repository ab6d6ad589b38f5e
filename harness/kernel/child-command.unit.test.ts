import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect, test } from 'vitest';
import { findOnPath, run } from './child-command.ts';

const options = () => ({
  log: join(mkdtempSync(join(tmpdir(), 'sagaproof-run-')), 'log'),
  signal: new AbortController().signal,
});

test('the error of a failed tool has its last lines and the path of its log', async () => {
  const at = options();
  const failing = run('sh', ['-c', 'echo the reason >&2; exit 3'], at);
  await expect(failing).rejects.toThrow(/sh ended with 3 .*log\)\nthe reason/s);
  expect(readFileSync(at.log, 'utf8')).toContain('the reason');
});

test('names and passwords in addresses do not reach errors and logs', async () => {
  const at = options();
  const failing = run('sh', ['-c', 'echo https://me:hush@host/x; exit 1'], at);
  await expect(failing).rejects.toThrow(/https:\/\/…@host\/x/);
  expect(readFileSync(at.log, 'utf8')).not.toContain('hush');
});

test('a tool that cannot be started is an error', async () => {
  await expect(run('there-is-no-such-tool', [], options())).rejects.toThrow(
    /there-is-no-such-tool/,
  );
});

test('a tool runs with a locale that has every letter', async () => {
  const printed = await run('sh', ['-c', 'printf %s "$LC_ALL"'], options());
  expect(printed).toBe(process.platform === 'linux' ? 'C.UTF-8' : (process.env['LC_ALL'] ?? ''));
});

test('a program is found in the first folder of the PATH where it can be run', async () => {
  const [first, second, third] = [1, 2, 3].map(() => mkdtempSync(join(tmpdir(), 'path-')));
  const files = [first, second, third].map((folder) => join(folder ?? '', 'my-tool'));
  for (const file of files) writeFileSync(file, '#!/bin/sh\n');
  for (const file of files.slice(1)) chmodSync(file, 0o755);
  const found = await findOnPath('my-tool', { PATH: [first, second, third].join(delimiter) });
  expect(found).toBe(files[1]);
});

test('nothing is found on an empty PATH, not even in the current folder', async () => {
  expect(await findOnPath('sh', { PATH: '' })).toBeUndefined();
  expect(await findOnPath('there-is-no-such-tool')).toBeUndefined();
});
