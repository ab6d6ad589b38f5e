import junit, { type Builder } from 'junit-report-builder';
import type { RunVerdict } from '../checker/check.ts';
import type { InvariantResult } from '../checker/invariant.ts';
import { INVARIANTS } from '../invariants/all.ts';

/**
 * The package is CommonJS: what is imported is the builder, and not, as its types say, a module.
 */
const JUNIT = junit as unknown as Builder;

/**
 * The verdict as JUnit XML, for build servers: scenarios and invariants as test cases. What is
 * broken is a failure; what could not be judged is an error, never a pass.
 */
export function renderJunit(verdict: RunVerdict): string {
  const builder = JUNIT.newBuilder().name(`sagaproof ${verdict.run}`);
  const scenarios = builder.testSuite().name('scenarios');
  for (const { name, outcome, message, durationMs = 0 } of verdict.scenarios) {
    const test = scenarios
      .testCase()
      .className('scenarios')
      .name(name)
      .time(durationMs / 1_000);
    if (outcome === 'failed') test.failure(firstLine(message), 'failed').stacktrace(message ?? '');
    if (outcome === 'partial') test.error(firstLine(message), 'unknown');
    if (outcome === 'unfinished') test.error('it began and never ended', 'unknown');
  }
  const invariants = builder.testSuite().name('invariants');
  for (const result of verdict.invariants) {
    const test = invariants.testCase().className('invariants').name(result.name);
    if (result.verdict === 'invalid') {
      test.failure(firstLine(result.witness?.[0]?.message), 'invalid').stacktrace(seen(result));
    }
    if (result.verdict === 'unknown') test.error(result.reason ?? 'unknown', 'unknown');
  }
  const history = builder.testSuite().name('history');
  for (const reason of verdict.reasons) {
    history.testCase().className('history').name('is whole').error(reason, 'unknown');
  }
  return builder.build();
}

function seen({ name, witness = [], found = 0 }: InvariantResult): string {
  const promise = INVARIANTS.find((invariant) => invariant.name === name)?.promise ?? name;
  const lines = witness.map(
    ({ message, witness: events }) => `seen: ${message} (events ${events.join(', ')})`,
  );
  const more = found > witness.length ? [`and ${found - witness.length} more`] : [];
  return [`promised: ${promise}`, ...lines, ...more].join('\n');
}

const firstLine = (text: string | undefined): string => (text ?? '').split('\n')[0] ?? '';
