import { relative } from 'node:path';
import type { CellOutcome } from '../../chaos/matrix/cell.ts';
import type { CellDocument, MatrixDocument } from '../../chaos/matrix/matrix-document.ts';
import type { CellResult } from '../../chaos/matrix/matrix-play.ts';
import type { RecordedRun } from '../runner/verification.ts';
import { note, notePaints, paints } from '../terminal/output.ts';
import type { Paints } from '../terminal/paints.ts';
import { newTable } from '../terminal/table.ts';

/** Cells that are listed in a terminal; matrix.json has all of them. */
const CELLS_SHOWN_MAX = 20;

export interface MatrixView {
  readonly onResult: (result: CellResult) => void;
  readonly onPhase: (phase: string) => void;
  readonly close: () => void;
}

const painted = (colours: Paints, outcome: CellOutcome): string => {
  const paint = { PASS: colours.green, FAIL: colours.red, INCONCLUSIVE: colours.yellow }[outcome];
  return paint(outcome);
};

/**
 * Shows each cell when it ends.
 *
 * @param count how many will be played; undefined for a hunt, which ends with its time
 */
export function createMatrixView(count: number | undefined): MatrixView {
  let ended = 0;
  let isAnnounced = false;
  return {
    onResult({ id, cell, outcome, durationMs, reason }) {
      if (!isAnnounced) note(announcement(count));
      isAnnounced = true;
      if (cell !== undefined) ended += 1;
      const seconds = `${(durationMs / 1_000).toFixed(1)} s`.padStart(7);
      note(
        `  ${painted(notePaints, outcome)} ${seconds} ${ended}${count === undefined ? '' : `/${count}`}  ${id}`,
      );
      if (reason !== undefined) note(notePaints.dim(`      ${firstLine(reason)}`));
    },
    onPhase: (phase) => note(notePaints.dim(`  ${phase}`)),
    close: () => undefined,
  };
}

const announcement = (count: number | undefined): string =>
  count === undefined
    ? 'playing schedules of faults'
    : `playing ${count} cell${count === 1 ? '' : 's'} of the fault matrix`;

const firstLine = (text: string): string => text.trim().split('\n')[0] ?? '';

/** The end of a run of the matrix: what did not pass, a table by service, the verdict. */
export function renderMatrix(
  document: MatrixDocument,
  recorded: Pick<RecordedRun, 'runFolder' | 'durationMs'>,
  again: string,
): string {
  const { cells, twins, otherViolations, sometimes, reasons, tally, verdict, seed } = document;
  const notPassed = cells.filter(({ outcome }) => outcome !== 'PASS');
  const lines = notPassed
    .slice(0, CELLS_SHOWN_MAX)
    .map(({ id, outcome, reason }) => `${painted(paints, outcome)} ${id}\n    ${reason ?? ''}`);
  const more = notPassed.length - CELLS_SHOWN_MAX;
  if (more > 0) lines.push(`… and ${more} more`);
  for (const { variant, outcome, reason } of twins.filter((twin) => twin.outcome !== 'PASS')) {
    lines.push(`${painted(paints, outcome)} without a fault: ${variant}\n    ${reason ?? ''}`);
  }
  for (const { invariant, message } of otherViolations) {
    lines.push(`${paints.red('✗')} ${invariant}: ${message}`);
  }
  for (const { name, seen } of sometimes) {
    if (seen === 0) lines.push(`${paints.yellow('?')} never seen in any cell: ${name}`);
  }
  for (const reason of reasons) lines.push(`${paints.yellow('?')} ${reason}`);
  lines.push(tableOf(cells));
  const folder = relative(process.cwd(), recorded.runFolder);
  const seconds = (recorded.durationMs / 1_000).toFixed(1);
  const paint = { valid: paints.green, invalid: paints.red, unknown: paints.yellow }[verdict];
  lines.push(
    `${paint(verdict.toUpperCase())}: ${tally.PASS} passed, ${tally.FAIL} failed, ` +
      `${tally.INCONCLUSIVE} inconclusive; seed ${seed}`,
    `Finished in ${seconds} s. Report: ${folder}/matrix.html (matrix.json, report.html, ` +
      'history.jsonl and logs/ in the same directory)',
  );
  if (verdict !== 'valid') lines.push(`Repeat with: ${again}`);
  return lines.join('\n');
}

/** Outcomes by service and fault. */
function tableOf(cells: readonly CellDocument[]): string {
  const services = [...new Set(cells.map(({ service }) => service))].sort();
  const faults = [...new Set(cells.map(({ fault }) => fault))];
  const table = newTable(['service', ...faults], { compact: true });
  for (const service of services) {
    const row = faults.map((fault) => {
      const own = cells.filter((cell) => cell.service === service && cell.fault === fault);
      if (own.length === 0) return '';
      const passed = own.filter(({ outcome }) => outcome === 'PASS').length;
      const text = `${passed}/${own.length}`;
      if (own.some(({ outcome }) => outcome === 'FAIL')) return paints.red(text);
      return passed === own.length ? paints.green(text) : paints.yellow(text);
    });
    table.push([service, ...row]);
  }
  return table.toString();
}
