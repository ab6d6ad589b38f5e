import type { RunVerdict } from '../checker/check.ts';
import type { InvariantResult, Verdict } from '../checker/invariant.ts';
import type { Paints } from '../terminal/paints.ts';
import { newTable } from '../terminal/table.ts';
import { exposureWords, isUntouched, subjectWords } from './exposure-view.ts';
import { foldViolations } from './fold-violations.ts';
import { promiseLink } from './promise-links.ts';

/** Violations of one invariant shown in a terminal; the report has more. */
const VIOLATIONS_SHOWN_MAX = 3;
/** Lines of a scenario's message shown in a terminal; verdict.json has the rest. */
const MESSAGE_LINES_MAX = 12;

/**
 * Renders a verdict for a terminal: each failure with the expected and the observed behaviour and
 * the events that prove it, then the table and the summary.
 */
export function renderText(verdict: RunVerdict, paints: Paints): string {
  const paint = painter(paints);
  const parts: string[] = [];
  const failed = verdict.scenarios.filter(({ outcome }) => outcome !== 'passed');
  for (const { name, outcome, message } of failed) {
    const sign = outcome === 'failed' ? paints.red('✗') : paints.yellow('?');
    parts.push(`${sign} scenario ${paints.bold(name)} ${outcome}${indented(message)}`);
  }
  for (const result of byEvidence(verdict.invariants)) parts.push(renderResult(result, paint));
  for (const reason of verdict.reasons) parts.push(`${paint('unknown', '?')} ${reason}`);
  parts.push(
    renderTable(verdict, paint),
    ...renderExposure(verdict, paints),
    renderSummary(verdict, paint),
  );
  return parts.join('\n');
}

type Paint = (verdict: Verdict, text: string) => string;

function painter(paints: Paints): Paint {
  const of = { valid: paints.green, invalid: paints.red, unknown: paints.yellow };
  return (verdict, text) => of[verdict](text);
}

const MARKS: Readonly<Record<Verdict, string>> = { valid: '✓', invalid: '✗', unknown: '?' };

function renderResult(result: InvariantResult, paint: Paint): string {
  const { name, promise, verdict, witness = [], found = 0, reason } = result;
  const lines = [`${paint(verdict, MARKS[verdict])} ${name}: ${verdict}`];
  if (reason !== undefined) lines.push(`    ${reason}`);
  if (verdict === 'invalid') lines.push(`    expected: ${promise}`);
  const folded = foldViolations(witness).slice(0, VIOLATIONS_SHOWN_MAX);
  for (const violation of folded) {
    const alike = violation.count > 1 ? ` (${violation.count} alike)` : '';
    lines.push(
      `    observed: ${violation.message}${alike}`,
      `    witness:  events ${violation.witness.join(', ')}`,
    );
  }
  const more = found - folded.reduce((sum, { count }) => sum + count, 0);
  if (more > 0) lines.push(`    and ${more} more`);
  const link = promiseLink(name);
  if (verdict === 'invalid' && link !== undefined) lines.push(`    causes:   ${link}`);
  return lines.join('\n');
}

/** Results that are not valid: violations that few events prove are wrong by themselves. */
function byEvidence(results: readonly InvariantResult[]): InvariantResult[] {
  const events = ({ witness = [] }: InvariantResult): number =>
    Math.min(...witness.map((violation) => violation.witness.length));
  return results
    .filter(({ verdict }) => verdict !== 'valid')
    .toSorted((a, b) => events(a) - events(b));
}

function renderTable({ invariants }: RunVerdict, paint: Paint): string {
  const table = newTable(['invariant', 'verdict', 'checked'], {
    colAligns: ['left', 'left', 'right'],
    compact: true,
  });
  for (const { name, verdict, looked } of invariants) {
    table.push([name, paint(verdict, verdict), looked.toLocaleString('en')]);
  }
  return table.toString();
}

/** One line for each service; none where no fault hit a service at work. */
function renderExposure({ exposure }: RunVerdict, paints: Paints): string[] {
  if (exposure.every(isUntouched)) {
    return ['No fault hit a service at work: every promise was checked without faults only.'];
  }
  const width = Math.max(...exposure.map(({ service }) => service.length));
  const lines = exposure.map((one) => {
    const words = exposureWords(one).replaceAll(/\b0 [^,]+/g, (empty) => paints.red(empty));
    return `${one.service.padEnd(width)}  ${words}`;
  });
  const notJudged = exposure
    .filter((one) => one.notJudged.length > 0)
    .map(({ service, notJudged: names }) => `  ${service}: ${names.join(', ')}`);
  if (notJudged.length === 0) return ['', 'Faults at work:', ...lines];
  return ['', 'Faults at work:', ...lines, 'Not judged while a fault acted:', ...notJudged];
}

function renderSummary(verdict: RunVerdict, paint: Paint): string {
  const { scenarios, sources, seed, commit, run, subjects } = verdict;
  const events = sources.reduce((sum, source) => sum + source.events, 0);
  const passed = scenarios.filter(({ outcome }) => outcome === 'passed').length;
  return [
    `${paint(verdict.verdict, verdict.verdict.toUpperCase())}: run ${run || '?'}, seed ${seed || '?'}, commit ${commit || '?'}`,
    `${passed} of ${scenarios.length} scenarios passed; ${events.toLocaleString('en')} events recorded.`,
    `Under test: ${subjects.map(subjectWords).join('; ') || 'the reference services'}.`,
  ].join('\n');
}

const indented = (text: string | undefined): string =>
  text === undefined
    ? ''
    : `\n    ${text.trim().split('\n').slice(0, MESSAGE_LINES_MAX).join('\n    ')}`;
