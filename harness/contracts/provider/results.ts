import { renderChecksJunit } from '../../terminal/checks-junit.ts';
import { type Paints, PLAIN } from '../../terminal/paints.ts';
import { newTable } from '../../terminal/table.ts';
import type { InteractionResult } from './interaction-result.ts';

/** The whole is valid only when everything was asked and kept. Nothing asked proves nothing. */
export function verdictOf(
  results: ReadonlyArray<Pick<InteractionResult, 'outcome'>>,
): 'valid' | 'invalid' | 'unknown' {
  if (results.some(({ outcome }) => outcome === 'failed')) return 'invalid';
  const allPassed = results.every(({ outcome }) => outcome === 'passed');
  return results.length > 0 && allPassed ? 'valid' : 'unknown';
}

/** What was not kept, with why, then one line for each edge. */
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
  const table = newTable(['provider', 'consumer', 'kept', 'broken', 'not asked', 'ms']);
  const edges = Map.groupBy(results, ({ consumer, provider }) => `${provider} ${consumer}`);
  for (const edge of edges.values()) {
    const count = (outcome: string) => edge.filter((one) => one.outcome === outcome).length;
    table.push([
      edge[0]?.provider,
      edge[0]?.consumer,
      count('passed'),
      count('failed'),
      count('unknown'),
      edge.reduce((sum, { durationMs }) => sum + durationMs, 0),
    ]);
  }
  return [...parts, table.toString(), summaryOf(results)].join('\n');
}

const SUMMARY = {
  valid: 'every promise is kept',
  invalid: 'promises are broken',
  unknown: 'not every promise could be asked for',
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
