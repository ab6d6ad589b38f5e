import { z } from 'zod';

/** Result of one part of the tests. */
export interface Tally {
  readonly passed: number;
  /** Names of failed tests, each precise enough to find the test. */
  readonly failed: readonly string[];
}

/** One test and its outcome. */
export interface Trial {
  readonly name: string;
  readonly good: boolean;
}

/**
 * Counts the tests of one part. A part that exits with an error without naming a failed test, or
 * that ran no test, counts as one failure named `part`.
 */
export function tallyOf(part: string, trials: readonly Trial[], exitCode: number): Tally {
  const failed = trials.filter(({ good }) => !good).map(({ name }) => `${part}: ${name}`);
  const passed = trials.length - failed.length;
  if (failed.length > 0 || (exitCode === 0 && passed > 0)) return { passed, failed };
  return { passed, failed: [`${part}: ended with exit code ${exitCode} after ${passed} passed`] };
}

const VitestReport = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});

/**
 * Counts a Vitest JSON report. A skipped test counts as failed, and so does a file that could not
 * be loaded.
 *
 * @param root prefix to remove from file names, with its last slash
 */
export function vitestTally(report: unknown, root: string, exitCode: number): Tally {
  const trials = VitestReport.parse(report).testResults.flatMap((file) => {
    const where = file.name.replace(root, '');
    const tests = file.assertionResults.map(({ fullName, status }) => ({
      name: `${where}: ${fullName}${['passed', 'failed'].includes(status) ? '' : ` (${status})`}`,
      good: status === 'passed',
    }));
    const isOnlyBroken = file.status !== 'passed' && tests.every(({ good }) => good);
    return isOnlyBroken ? [...tests, { name: `${where}: did not run`, good: false }] : tests;
  });
  return tallyOf('vitest', trials, exitCode);
}
