import { relative } from 'node:path';
import Table from 'cli-table3';
import colors from 'picocolors';
import { INVARIANTS } from '../invariants/all.ts';
import type { RunVerdict } from '../invariants/check.ts';
import type { InvariantResult, Verdict } from '../invariants/invariant.ts';
import type { RecordedRun } from '../run/verification.ts';

const PAINT: Readonly<Record<Verdict, (text: string) => string>> = {
  valid: colors.green,
  invalid: colors.red,
  unknown: colors.yellow,
};

/** How many violations of one invariant a terminal is shown; the report has more. */
const VIOLATIONS_SHOWN = 3;
const MESSAGE_LINES_SHOWN = 12;

/** What a person is told at the end of a run: the table, and everything that is not as promised. */
export function renderVerdict(
  verdict: RunVerdict,
  recorded: RecordedRun,
  given: { readonly patterns: readonly string[]; readonly subjects: readonly string[] },
): string {
  const failed = verdict.scenarios.filter(({ outcome }) => outcome !== 'passed');
  const broken = verdict.invariants.filter((invariant) => invariant.verdict === 'invalid');
  const unsure = verdict.invariants.filter((invariant) => invariant.verdict === 'unknown');
  const lines = [
    table(verdict.invariants),
    ...failed.map(
      ({ name, message }) => `${colors.red('failed')} scenario ${name}\n${cut(message ?? '')}`,
    ),
    ...broken.map(violationsOf),
    ...unsure.map(({ name, reason }) => `${colors.yellow('unknown')} ${name}: ${reason}`),
    ...verdict.reasons.map((reason) => `${colors.yellow('unknown')} ${reason}`),
    summary(verdict, recorded),
  ];
  if (verdict.verdict !== 'valid') lines.push(repeat(verdict, given));
  return lines.join('\n');
}

function table(invariants: readonly InvariantResult[]): string {
  const rows = new Table({
    head: ['promise', 'verdict', 'looked at'],
    colAligns: ['left', 'left', 'right'],
    style: { head: [], border: [], compact: true },
  });
  for (const { name, verdict, looked } of invariants) {
    rows.push([name, PAINT[verdict](verdict), looked.toLocaleString('en')]);
  }
  return rows.toString();
}

function violationsOf({ name, witness = [], found = witness.length }: InvariantResult): string {
  const promise = INVARIANTS.find((invariant) => invariant.name === name)?.promise ?? name;
  const shown = witness
    .slice(0, VIOLATIONS_SHOWN)
    .map(({ message, witness: events }) => `  seen: ${message}\n    events ${events.join(', ')}`);
  const more = found > shown.length ? [`  and ${found - shown.length} more`] : [];
  return [`${colors.red('broken')} ${name}`, `  promised: ${promise}`, ...shown, ...more].join(
    '\n',
  );
}

function summary(verdict: RunVerdict, { runFolder, durationMs }: RecordedRun): string {
  const passed = verdict.scenarios.filter(({ outcome }) => outcome === 'passed').length;
  const events = verdict.sources.reduce((sum, source) => sum + source.events, 0);
  const where = relative(process.cwd(), runFolder);
  return [
    '',
    `${PAINT[verdict.verdict](colors.bold(verdict.verdict))}: ` +
      `${passed} of ${verdict.scenarios.length} scenarios passed, ` +
      `${verdict.invariants.length} promises held against ${events.toLocaleString('en')} events, ` +
      `in ${(durationMs / 1_000).toFixed(1)} s`,
    `seed ${verdict.seed}, commit ${verdict.commit}, run folder ${where} (report.html)`,
  ].join('\n');
}

function repeat(
  { seed }: RunVerdict,
  given: { readonly patterns: readonly string[]; readonly subjects: readonly string[] },
): string {
  const what = given.patterns.length === 0 ? 'verify' : `scenario ${given.patterns.join(' ')}`;
  const subjects = given.subjects.map((path) => ` --subject ${path}`).join('');
  return `repeat it with: pnpm sagaproof ${what} --seed ${seed}${subjects}`;
}

const cut = (text: string): string =>
  text
    .split('\n')
    .slice(0, MESSAGE_LINES_SHOWN)
    .map((line) => `  ${line}`)
    .join('\n');
