import { type Paints, PLAIN } from '../terminal/paints.ts';
import { newTable } from '../terminal/table.ts';
import type { Gap } from './compare.ts';
import type { Coverage } from './cover.ts';
import { describeItem, type Item } from './item.ts';
import { assertedPercent, describeThreshold, occurredPercent, showPercent } from './thresholds.ts';

/** What a terminal shows of a coverage: the gaps by edge, one table, one sentence. */
export function renderCoverage(coverage: Coverage, paints: Paints = PLAIN): string {
  const { seenNotContracted, contractedNeverSeen, unobserved, outside } = coverage;
  return [
    ...section('seen, and in no contract', seenNotContracted, paints),
    ...section('contracted, and never seen', contractedNeverSeen, paints),
    tableOf(coverage),
    ...coverage.thresholds.filter(({ met }) => !met).map((one) => `✗ ${describeThreshold(one)}`),
    ...coverage.reasons.map((reason) => `${paints.yellow('?')} ${reason}`),
    ...notObserved(unobserved),
    ...(outside.length === 0
      ? []
      : [`not counted: ${countOf(outside, 'operations')} operations that the harness asked for`]),
    summaryOf(coverage),
  ].join('\n');
}

const countOf = (items: readonly Item[], kind: string): number =>
  items.filter((item) => item.kind === kind).length;

function section(title: string, gaps: readonly Gap[], paints: Paints): string[] {
  if (gaps.length === 0) return [];
  return [
    paints.bold(`${gaps.length} ${title}`),
    ...gapLines(gaps, paints.dim).map((line) => `  ${line}`),
    '',
  ];
}

/** By edge and operation: a line for each, whatever number of fields it lacks. */
export function gapLines(
  gaps: readonly Gap[],
  aside: (text: string) => string = (text) => text,
): string[] {
  const lines = Map.groupBy(gaps, ({ name: _, ...one }) => `${one.kind} ${describeItem(one)}`);
  return [...lines.values()].map((of) => lineOf(of, aside));
}

function lineOf(gaps: readonly Gap[], aside: (text: string) => string): string {
  const [first] = gaps;
  if (first === undefined) return '';
  const { name: _, ...message } = first;
  const names = gaps.flatMap(({ name }) => (name === undefined ? [] : [name])).join(', ');
  const notes = [...new Set(gaps.map(({ note }) => note))].join('; ');
  const what = names === '' ? '' : `: ${names}`;
  return `${first.kind.slice(0, -1)} ${describeItem(message)}${what} ${aside(`(${notes})`)}`;
}

/** Header and body of the table, as text: for a terminal and for the page. */
export const COLUMNS = [
  'kind',
  'seen',
  'contracted',
  'asserted',
  'promised',
  'occurred',
  'seen of it',
  'unread',
  'not observed',
] as const;

export const cellsOf = ({ rows }: Pick<Coverage, 'rows'>): string[][] =>
  rows.map((row) => [
    row.kind,
    String(row.seen),
    String(row.seenContracted),
    showPercent(assertedPercent(row)),
    String(row.contracted),
    String(row.contractedSeen),
    showPercent(occurredPercent(row)),
    row.kind === 'fields' ? String(row.unread) : '–',
    String(row.unobserved),
  ]);

function tableOf(coverage: Coverage): string {
  const table = newTable(COLUMNS);
  for (const cells of cellsOf(coverage)) table.push(cells);
  return table.toString();
}

function notObserved(unobserved: readonly Gap[]): string[] {
  const byReason = Map.groupBy(unobserved, ({ note }) => note);
  return [...byReason].map(([reason, of]) => `not observed: ${of.length}, ${reason}`);
}

function summaryOf({ verdict, thresholds, sources }: Coverage): string {
  const count = (kind: string) => sources.filter((source) => source.kind === kind).length;
  const read = `${count('history')} histories, ${count('wire')} wire logs, ${count('pact')} contracts`;
  const held = thresholds.length === 0 ? 'no minimum was asked for' : 'held to the minimum';
  return `${verdict}: ${read}; ${held}`;
}
