import { renderChecksJunit } from '../../terminal/checks-junit.ts';
import { type Paints, PLAIN } from '../../terminal/paints.ts';
import { newTable } from '../../terminal/table.ts';
import type { InteractionResult } from './interaction-result.ts';

/** Valid only when there are results and all of them passed. */
export function verdictOf(
  results: ReadonlyArray<Pick<InteractionResult, 'outcome'>>,
): 'valid' | 'invalid' | 'unknown' {
  if (results.some(({ outcome }) => outcome === 'failed')) return 'invalid';
  const allPassed = results.every(({ outcome }) => outcome === 'passed');
  return results.length > 0 && allPassed ? 'valid' : 'unknown';
}

/** Interactions that did not pass, with the reason, then one line for each edge. */
export function renderResults(
  results: readonly InteractionResult[],
  paints: Paints = PLAIN,
): string {
  const parts = results
    .filter(({ outcome }) => outcome !== 'passed')
    .map(({ consumer, provider, description, outcome, mismatches }) => {
      const mark = outcome === 'failed' ? paints.red('✗') : paints.yellow('?');
      const why = mismatches.map((mismatch) => `    ${mismatch}`);
      return [`${mark} ${provider} for ${consumer}: ${description}`, ...why].join('\n');
    });
  const table = newTable(['provider', 'consumer', 'passed', 'failed', 'skipped', 'ms']);
  const edges = Map.groupBy(results, ({ consumer, provider }) => `${provider} ${consumer}`);
  for (const edge of edges.values()) {
    const count = (outcome: string) => edge.filter((one) => one.outcome === outcome).length;
    table.push([
      edge[0]?.provider,
      edge[0]?.consumer,
      count('passed'),
      count('failed'),
      count('skipped'),
      edge.reduce((sum, { durationMs }) => sum + durationMs, 0),
    ]);
  }
  return [...parts, table.toString(), summaryOf(results)].join('\n');
}

const SUMMARY = {
  valid: 'all passed',
  invalid: 'some failed',
  unknown: 'some could not be verified',
} as const;

function summaryOf(results: readonly InteractionResult[]): string {
  const verdict = verdictOf(results);
  return `${verdict}: ${results.length} interactions, ${SUMMARY[verdict]}`;
}

/** The results as JUnit XML, one suite for each edge. */
export const renderJunit = (results: readonly InteractionResult[]): string =>
  renderChecksJunit(
    'sagaproof contracts',
    results.map(({ consumer, provider, description, mismatches, ...one }) => ({
      ...one,
      suite: `${provider} for ${consumer}`,
      name: description,
      why: mismatches,
    })),
  );
