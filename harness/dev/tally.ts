import { z } from 'zod';

/** What one part of the tests came to. */
export interface Tally {
  readonly passed: number;
  /** What failed, each by a name that finds it again. */
  readonly failed: readonly string[];
}

/** One thing that was tried, and whether it is as it should be. */
export interface Trial {
  readonly name: string;
  readonly good: boolean;
}

/**
 * Counts what a part of the tests tried. A part that ends badly without naming anything, or that
 * tried nothing, has failed all the same: then `part` is its name.
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
 * Counts a Vitest JSON report. A skipped test is not a passed one: it counts as failed, and so does
 * a file that could not be read as tests.
 *
 * @param root What file names are told without, with its last slash
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
