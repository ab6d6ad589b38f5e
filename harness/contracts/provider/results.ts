import Table from 'cli-table3';
import junit, { type Builder } from 'junit-report-builder';
import colors from 'picocolors';
import type { InteractionResult } from './interaction-result.ts';

/** The package is CommonJS: what is imported is the builder, not a module as its types say. */
const JUNIT = junit as unknown as Builder;

/** The whole is valid only when everything was asked and kept. Nothing asked proves nothing. */
export function verdictOf(results: readonly InteractionResult[]): 'valid' | 'invalid' | 'unknown' {
  if (results.some(({ outcome }) => outcome === 'failed')) return 'invalid';
  const allPassed = results.every(({ outcome }) => outcome === 'passed');
  return results.length > 0 && allPassed ? 'valid' : 'unknown';
}

/** What was not kept, with why, then one line for each edge. */
export function renderResults(
  results: readonly InteractionResult[],
  paints = colors.createColors(false),
): string {
  const parts = results
    .filter(({ outcome }) => outcome !== 'passed')
    .map(({ consumer, provider, description, outcome, mismatches }) => {
      const mark = outcome === 'failed' ? paints.red('✗') : paints.yellow('?');
      const why = mismatches.map((mismatch) => `    ${mismatch}`);
      return [`${mark} ${provider} for ${consumer}: ${description}`, ...why].join('\n');
    });
  const table = new Table({ head: ['provider', 'consumer', 'kept', 'broken', 'not asked', 'ms'] });
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

/** The results as JUnit XML; what could not be asked is an error, never a pass. */
export function renderJunit(results: readonly InteractionResult[]): string {
  const builder = JUNIT.newBuilder().name('sagaproof contracts');
  const suites = Map.groupBy(results, ({ consumer, provider }) => `${provider} for ${consumer}`);
  for (const [name, edge] of suites) {
    const suite = builder.testSuite().name(name);
    for (const { description, outcome, durationMs, mismatches } of edge) {
      const test = suite
        .testCase()
        .className(name)
        .name(description)
        .time(durationMs / 1_000);
      const [first = outcome] = mismatches;
      if (outcome === 'failed') test.failure(first, 'failed').stacktrace(mismatches.join('\n'));
      if (outcome === 'unknown') test.error(first, 'unknown');
    }
  }
  return builder.build();
}
