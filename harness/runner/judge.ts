import type { RunVerdict } from '../checker/check.ts';
import { checkFile } from '../checker/check-file.ts';
import type { Invariant, Verdict } from '../checker/invariant.ts';
import { INVARIANTS } from '../invariants/all.ts';
import { writeReports } from '../report/write-reports.ts';
import type { ScenarioResult } from './scenario-results.ts';
import type { RecordedRun } from './verification.ts';

/**
 * Judges a recorded run, and writes verdict.json, junit.xml and report.html into its folder.
 *
 * @param options.selection only some scenarios were run: an invariant that they do not exercise is
 *   reported, but does not affect the verdict
 * @param options.again the command that repeats the run
 * @param options.invariants default: Sagaproof's own
 */
export async function judgeRun(
  recorded: RecordedRun,
  options: {
    readonly selection: boolean;
    readonly again: string;
    readonly invariants?: readonly Invariant[];
  },
): Promise<RunVerdict> {
  const checked = checkFile(recorded.historyFile, options.invariants ?? INVARIANTS);
  const verdict: RunVerdict = {
    ...checked,
    durationMs: recorded.durationMs,
    scenarios: recorded.scenarios.map(({ name, outcome, message, durationMs }) => ({
      name,
      outcome,
      durationMs: Math.round(durationMs),
      ...(message === undefined ? {} : { message }),
    })),
    verdict: overall(checked, recorded.scenarios, options.selection),
  };
  await writeReports(recorded.runFolder, recorded.historyFile, verdict, options.again);
  return verdict;
}

/** Combines the checked verdict with the outcomes of scenarios. */
function overall(
  checked: RunVerdict,
  scenarios: readonly ScenarioResult[],
  selection: boolean,
): Verdict {
  if (scenarios.some(({ outcome }) => outcome === 'failed')) return 'invalid';
  if (scenarios.length === 0) return 'unknown';
  if (checked.verdict !== 'unknown' || !selection || checked.reasons.length > 0) {
    return checked.verdict;
  }
  const judged = checked.invariants.filter(({ looked }) => looked > 0);
  if (judged.length === 0) return 'unknown';
  return judged.every(({ verdict }) => verdict === 'valid') ? 'valid' : 'unknown';
}
