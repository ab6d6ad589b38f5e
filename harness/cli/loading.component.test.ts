import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { fixtures } from '../checker/testing/write-fixtures.ts';

const CLI = fileURLToPath(new URL('./main.ts', import.meta.url));
const PRINT_PACKAGES = new URL('./fixtures/print-packages.ts', import.meta.url).href;

/** Packages that every command needs to parse arguments and to write to a terminal. */
const FOR_ALL = ['commander', 'env-paths', 'is-safe-filename', 'picocolors'];

function packagesOf(...args: readonly string[]): readonly string[] {
  const { stderr } = spawnSync(process.execPath, ['--import', PRINT_PACKAGES, CLI, ...args], {
    encoding: 'utf8',
  });
  const [, list] = /^packages: (.*)$/m.exec(stderr) ?? [];
  return JSON.parse(list ?? 'null') as readonly string[];
}

describe('loading of packages', () => {
  it.each([[['--help']], [['gate', '--help']], [['verify', '--no-such-option']]])(
    '%j does not load the implementation of commands',
    (args) => {
      const loaded = packagesOf(...args);
      expect(loaded).toContain('commander');
      expect(loaded.filter((name) => !FOR_ALL.includes(name))).toEqual([]);
    },
  );

  it('check loads no client of any server', () => {
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

  it('status loads its control client', () => {
    // Shows that the lists above can contain more.
    expect(packagesOf('status', '--json').length).toBeGreaterThan(FOR_ALL.length);
  });
});
