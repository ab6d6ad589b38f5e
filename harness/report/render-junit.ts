import junit, { type Builder } from 'junit-report-builder';
import type { RunVerdict } from '../checker/check.ts';
import type { InvariantResult } from '../checker/invariant.ts';
import { exposureWords, subjectWords } from './exposure-view.ts';
import { promiseLink } from './promise-links.ts';

/** The package is CommonJS: the import is the builder itself, not a module as its types say. */
const JUNIT = junit as unknown as Builder;

/**
 * Renders a verdict as JUnit XML for CI: scenarios and invariants are test cases. A violation
 * is a failure; an unknown result is an error, never a pass.
 */
export function renderJunit(verdict: RunVerdict): string {
  const builder = JUNIT.newBuilder().name(`sagaproof ${verdict.run}`);
  const scenarios = builder.testSuite().name('scenarios');
  for (const subject of verdict.subjects) {
    scenarios.property(`subject.${subject.service}`, subjectWords(subject));
  }
  for (const one of verdict.exposure) {
    scenarios.property(`exposure.${one.service}`, exposureWords(one));
    scenarios.property(`not-judged.${one.service}`, one.notJudged.join(', '));
  }
  for (const { name, outcome, message, durationMs = 0 } of verdict.scenarios) {
    const test = scenarios
      .testCase()
      .className('scenarios')
      .name(name)
      .time(durationMs / 1_000);
    if (outcome === 'failed') test.failure(firstLine(message), 'failed').stacktrace(message ?? '');
    if (outcome === 'partial' || outcome === 'inconclusive') {
      test.error(firstLine(message), 'unknown');
    }
    if (outcome === 'unfinished') test.error('it started and never finished', 'unknown');
  }
  const invariants = builder.testSuite().name('invariants');
  for (const result of verdict.invariants) {
    const test = invariants.testCase().className('invariants').name(result.name);
    if (result.verdict === 'invalid') {
      test
        .failure(firstLine(result.witness?.[0]?.message), 'invalid')
        .stacktrace(describeViolations(result));
    }
    if (result.verdict === 'unknown') test.error(result.reason ?? 'unknown', 'unknown');
  }
  const history = builder.testSuite().name('history');
  for (const reason of verdict.reasons) {
    history.testCase().className('history').name('is complete').error(reason, 'unknown');
  }
  return builder.build();
}

function describeViolations({ name, promise, witness = [], found = 0 }: InvariantResult): string {
  const lines = witness.map(
    ({ message, witness: events }) => `observed: ${message} (events ${events.join(', ')})`,
  );
  const more = found > witness.length ? [`and ${found - witness.length} more`] : [];
  const link = promiseLink(name);
  const causes = link === undefined ? [] : [`causes: ${link}`];
  return [`expected: ${promise}`, ...lines, ...more, ...causes].join('\n');
}

const firstLine = (text: string | undefined): string => (text ?? '').split('\n')[0] ?? '';
