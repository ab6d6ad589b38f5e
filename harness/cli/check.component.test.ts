import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { INVARIANTS } from '../invariants/all.ts';
import { fixtures } from '../invariants/testing/write-fixtures.ts';

const CLI = fileURLToPath(new URL('./main.ts', import.meta.url));

/** A process of its own: the exit code is what is promised. */
function sagaproof(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

const EXIT_CODE_OF = { good: 0, bad: 1, unknown: 2 } as const;

describe('sagaproof check', () => {
  for (const { name, path } of fixtures()) {
    const due = EXIT_CODE_OF[name.split('-')[0] as keyof typeof EXIT_CODE_OF];
    it(`ends with ${due} for the committed history ${name}, and names what is broken`, () => {
      const { status, stdout } = sagaproof('check', path, '--json');
      expect(status).toBe(due);
      // A file that is no history gets an error instead.
      const { invariants = [] } = JSON.parse(stdout) as {
        invariants?: Array<{ name: string; verdict: string; witness?: unknown[] }>;
      };
      const broken = invariants.filter(({ verdict }) => verdict === 'invalid');
      const named = name.startsWith('bad-') ? [name.replace('bad-', '')] : [];
      expect(broken.map((result) => result.name)).toEqual(expect.arrayContaining(named));
      expect(broken.length > 0).toBe(due === 1);
      for (const { witness = [] } of broken) expect(witness.length).toBeGreaterThan(0);
    });
  }

  it.each(fixtures().map(({ name, path, text }) => [name, path, text] as const))(
    'is tested on what the committed history %s says today',
    (_, path, text) => {
      // node harness/invariants/testing/write-fixtures.ts
      expect(readFileSync(path, 'utf8') === text).toBe(true);
    },
  );

  it('has a committed history that breaks it for every promise', () => {
    const broken = fixtures().filter(({ name }) => name.startsWith('bad-'));
    expect(broken.map(({ name }) => name.replace('bad-', '')).sort()).toEqual(
      INVARIANTS.map(({ name }) => name).sort(),
    );
  });

  it('names the file that is no history, on standard error', () => {
    const { status, stdout, stderr } = sagaproof('check', CLI);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('main.ts:1: this line is no event of a history');
  });

  it('tells how much of a cut history it has read', () => {
    const torn = fixtures().find(({ name }) => name === 'unknown-torn');
    const { stdout } = sagaproof('check', torn?.path ?? '');
    expect(stdout).toMatch(/this history is cut.*\d+ events were read/);
  });
});
