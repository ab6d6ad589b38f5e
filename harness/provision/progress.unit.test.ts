import { expect, test } from 'vitest';
import type { ProvisionEvent } from './package.ts';
import { plainView } from './progress.ts';

/** What a log shows of these events. */
function shown(...events: readonly ProvisionEvent[]): readonly string[] {
  const lines: string[] = [];
  const view = plainView((line) => lines.push(line));
  for (const event of events) view.onEvent(event);
  return lines;
}

const plan: ProvisionEvent = { kind: 'plan', packages: [{ name: 'redis', title: 'Valkey 9.1' }] };

test('a log says once what is to be done, and each package that was installed', () => {
  const done: ProvisionEvent = { kind: 'done', pkg: 'redis', durationMs: 1_540 };
  expect(shown(plan, { kind: 'started', pkg: 'redis' }, done)).toEqual([
    'Installing 1 missing package (once; later runs reuse the cache)\n',
    '  Valkey 9.1: installed in 1.5 s\n',
  ]);
});

test('a log tells damage, waiting and failure with their causes', () => {
  const problem = {
    pkg: 'redis',
    code: 'install-failed',
    message: 'no disk',
    fix: 'x',
  } as const;
  const lines = shown(
    plan,
    { kind: 'repair', pkg: 'redis', why: 'a file is missing' },
    { kind: 'waiting', pkg: 'redis' },
    { kind: 'failed', pkg: 'redis', problems: [problem] },
  );
  expect(lines.slice(1)).toEqual([
    '  Valkey 9.1: damaged (a file is missing); it is installed again\n',
    '  Valkey 9.1: another run is installing it; waiting\n',
    '  Valkey 9.1: failed: no disk\n',
  ]);
});
