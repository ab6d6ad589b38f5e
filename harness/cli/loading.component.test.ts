import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { fixtures } from '../invariants/testing/write-fixtures.ts';

const CLI = fileURLToPath(new URL('./main.ts', import.meta.url));
const TELL_PACKAGES = new URL('./fixtures/tell-packages.ts', import.meta.url).href;

/** What every command needs to know the commands, and to write to a terminal. */
const FOR_ALL = ['commander', 'env-paths', 'is-safe-filename', 'picocolors'];

function packagesOf(...args: readonly string[]): readonly string[] {
  const { stderr } = spawnSync(process.execPath, ['--import', TELL_PACKAGES, CLI, ...args], {
    encoding: 'utf8',
  });
  const [, told] = /^packages: (.*)$/m.exec(stderr) ?? [];
  return JSON.parse(told ?? 'null') as readonly string[];
}

describe('a command', () => {
  it.each([[['--help']], [['gate', '--help']], [['verify', '--no-such-option']]])(
    'is told by %j without loading what it is made of',
    (args) => {
      const loaded = packagesOf(...args);
      expect(loaded).toContain('commander');
      expect(loaded.filter((name) => !FOR_ALL.includes(name))).toEqual([]);
    },
  );

  it('that judges a history loads no client of any server', () => {
    const good = fixtures().find(({ name }) => name === 'good')?.path ?? '';
    const loaded = packagesOf('check', good, '--json');
    for (const client of [
      'kafkajs',
      'pg',
      'ioredis',
      'mongodb',
      '@eventstore/db-client',
      'execa',
    ]) {
      expect(loaded).not.toContain(client);
    }
  });

  it('that asks a stack has its control client', () => {
    // The list is seen to grow, so that an empty one above means something.
    expect(packagesOf('status', '--json').length).toBeGreaterThan(FOR_ALL.length);
  });
});
