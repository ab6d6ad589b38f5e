import { type Paints, PLAIN } from '../terminal/paints.ts';
import { newTable } from '../terminal/table.ts';
import type { DoctorReport, DoctorRow, DoctorState } from './doctor.ts';

/** The report for a terminal: two tables, then what to do about what is wrong. */
export function renderDoctor(report: DoctorReport, paints: Paints = PLAIN): string {
  const wrong = [...report.pieces, ...report.tools].filter((row) => row.state !== 'ok');
  return [
    renderRows('piece', report.pieces, paints),
    renderRows('tool', report.tools, paints),
    `Cache: ${report.cacheFolder} (${report.platform})`,
    ...report.notes,
    '',
    ...renderMends(wrong),
    VERDICTS[report.verdict],
  ].join('\n');
}

/** One entry for all rows with the same trouble and the same mend. */
function renderMends(rows: readonly DoctorRow[]): readonly string[] {
  const byTrouble = Map.groupBy(
    rows,
    (row) => `${row.detail ?? row.state}\n  mend: ${row.mend ?? 'none known'}`,
  );
  return [...byTrouble].map(
    ([trouble, of]) => `${of.map(({ piece }) => piece).join(', ')}: ${trouble}`,
  );
}

const VERDICTS: Record<DoctorReport['verdict'], string> = {
  ready: 'Everything is there.',
  installable: 'Nothing stands in the way: what is missing is installed by the first run.',
  blocked: 'Something is in the way: see the mends above.',
};

function renderRows(title: string, rows: readonly DoctorRow[], paints: Paints): string {
  const table = newTable([title, 'provider', 'from', 'version', 'state'], { compact: true });
  for (const { piece, provider, from, version, state } of rows) {
    table.push([piece, provider, from, version, paintState(state, paints)]);
  }
  return table.toString();
}

function paintState(state: DoctorState, paints: Paints): string {
  switch (state) {
    case 'ok':
      return paints.green(state);
    case 'missing':
      return paints.yellow(state);
    case 'corrupt':
    case 'too-old':
    case 'unreachable':
      return paints.red(state);
    default:
      return state satisfies never;
  }
}
