import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from './child-command.ts';

const options = () => ({
  log: join(mkdtempSync(join(tmpdir(), 'sagaproof-run-')), 'log'),
  signal: new AbortController().signal,
});

test('a tool that fails is told with its last lines and where the rest is', async () => {
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
