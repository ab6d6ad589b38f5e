import { verdictOf } from '../contracts/provider/results.ts';
import { renderChecksJunit } from '../terminal/checks-junit.ts';
import { type Paints, PLAIN } from '../terminal/paints.ts';
import { newTable } from '../terminal/table.ts';
import type { ConformanceResult } from './result.ts';

const SUMMARY = {
  valid: 'all passed',
  invalid: 'some failed',
  unknown: 'some could not run',
} as const;

/** Checks that did not pass, expected and seen, then one line for each method and operation. */
export function renderConformance(
  results: readonly ConformanceResult[],
  paints: Paints = PLAIN,
): string {
  const parts = results
    .filter(({ outcome }) => outcome !== 'passed')
    .map(({ service, rpc, check, expected, seen = '', outcome }) => {
      const mark = outcome === 'failed' ? paints.red('✗') : paints.yellow('?');
      const lines = [`expected: ${expected}`, ...`seen: ${seen}`.split('\n')];
      return [`${mark} ${service} ${rpc}, ${check}`, ...lines.map((line) => `    ${line}`)].join(
        '\n',
      );
    });
  const table = newTable(['service', 'operation', 'passed', 'failed', 'skipped']);
  for (const own of Map.groupBy(results, ({ service, rpc }) => `${service} ${rpc}`).values()) {
    const count = (outcome: string) => own.filter((one) => one.outcome === outcome).length;
    const [first] = own;
    table.push([first?.service, first?.rpc, count('passed'), count('failed'), count('skipped')]);
  }
  const verdict = verdictOf(results);
  const summary = `${verdict}: ${results.length} checks, ${SUMMARY[verdict]}`;
  return [...parts, table.toString(), summary].join('\n');
}

/** The results as JUnit XML, one suite for each service. */
export const renderConformanceJunit = (results: readonly ConformanceResult[]): string =>
  renderChecksJunit(
    'sagaproof conformance',
    results.map(({ service, rpc, check, expected, outcome, seen = '' }) => ({
      suite: service,
      name: `${rpc}, ${check}: ${expected}`,
      outcome,
      why: outcome === 'passed' ? [] : [seen],
    })),
  );
