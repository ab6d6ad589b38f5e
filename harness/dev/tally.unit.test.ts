import { describe, expect, it } from 'vitest';
import { tallyOf, vitestTally } from './tally.ts';

const report = (status: string, ...assertionResults: { fullName: string; status: string }[]) => ({
  testResults: [{ name: '/project/a/b.unit.test.ts', status, assertionResults }],
});
const tally = (report: unknown, exitCode = 0) => vitestTally(report, '/project/', exitCode);

describe('the tally of tests', () => {
  it('names failed tests', () => {
    const trials = [
      { name: 'one', good: true },
      { name: 'two', good: false },
    ];
    expect(tallyOf('part', trials, 1)).toEqual({ passed: 1, failed: ['part: two'] });
  });

  it('fails a part with a non-zero exit code even if all tests passed', () => {
    expect(tallyOf('part', [{ name: 'one', good: true }], 2).failed).toHaveLength(1);
  });

  it('fails a part without tests', () => {
    expect(tallyOf('part', [], 0)).toEqual({
      passed: 0,
      failed: ['part: ended with exit code 0 after 0 passed'],
    });
  });

  it('counts tests that passed', () => {
    const passed = report('passed', { fullName: 'x does y', status: 'passed' });
    expect(tally(passed)).toEqual({ passed: 1, failed: [] });
  });

  it('names a test by its file', () => {
    expect(tally(report('failed', { fullName: 'x does y', status: 'failed' }), 1).failed).toEqual([
      'vitest: a/b.unit.test.ts: x does y',
    ]);
  });

  it.each(['skipped', 'pending', 'todo'])('counts a test that is %s as failed', (status) => {
    expect(tally(report('passed', { fullName: 'x', status })).failed).toEqual([
      `vitest: a/b.unit.test.ts: x (${status})`,
    ]);
  });

  it('names a file that could not be loaded', () => {
    expect(tally(report('failed'), 1).failed).toEqual(['vitest: a/b.unit.test.ts: did not run']);
  });
});
