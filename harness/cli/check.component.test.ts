import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { fixtures } from '../checker/testing/write-fixtures.ts';
import { INVARIANTS } from '../invariants/all.ts';

const CLI = fileURLToPath(new URL('./main.ts', import.meta.url));

/** Runs the CLI in a process, because the exit code is part of its interface. */
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
    it(`exits ${due} for the committed history ${name} and names the violated invariants`, () => {
      const { status, stdout } = sagaproof('check', path, '--json');
      expect(status).toBe(due);
      // For a file that is not a history the output is an error.
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
    'is tested with an up-to-date copy of the history %s',
    (_, path, text) => {
      // node harness/checker/testing/write-fixtures.ts
      expect(readFileSync(path, 'utf8') === text).toBe(true);
    },
  );

  it('has a committed history that violates it for every invariant', () => {
    const broken = fixtures().filter(({ name }) => name.startsWith('bad-'));
    expect(broken.map(({ name }) => name.replace('bad-', '')).sort()).toEqual(
      INVARIANTS.map(({ name }) => name).sort(),
    );
  });

  it('names a file that is not a history on standard error', () => {
    const { status, stdout, stderr } = sagaproof('check', CLI);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('main.ts:1: this line is no event of a history');
  });

  it('reports how much of a truncated history it has read', () => {
    const torn = fixtures().find(({ name }) => name === 'unknown-torn');
    const { stdout } = sagaproof('check', torn?.path ?? '');
    expect(stdout).toMatch(/this history is cut.*\d+ events were read/);
  });
});
