import { type Paints, PLAIN } from '../terminal/paints.ts';
import { newTable } from '../terminal/table.ts';
import type { DoctorReport, DoctorRow, DoctorState } from './doctor.ts';

/** Renders the report for a terminal: two tables, then the problems with their fixes. */
export function renderDoctor(report: DoctorReport, paints: Paints = PLAIN): string {
  const wrong = [...report.components, ...report.tools].filter((row) => row.state !== 'ok');
  return [
    renderRows('component', report.components, paints),
    renderRows('tool', report.tools, paints),
    `Cache: ${report.cacheFolder} (${report.platform})`,
    ...report.notes,
    '',
    ...renderFixes(wrong),
    VERDICTS[report.verdict],
  ].join('\n');
}

/** One entry for all rows with the same problem and fix. */
function renderFixes(rows: readonly DoctorRow[]): readonly string[] {
  const byProblem = Map.groupBy(
    rows,
    (row) => `${row.detail ?? row.state}\n  fix: ${row.fix ?? 'none known'}`,
  );
  return [...byProblem].map(
    ([problem, of]) => `${of.map(({ component }) => component).join(', ')}: ${problem}`,
  );
}

const VERDICTS: Record<DoctorReport['verdict'], string> = {
  ready: 'All components are ready.',
  installable: 'Missing components will be installed on the first run.',
  blocked: 'Blocked: see the fixes above.',
};

function renderRows(title: string, rows: readonly DoctorRow[], paints: Paints): string {
  const table = newTable([title, 'provider', 'from', 'version', 'state'], { compact: true });
  for (const { component, provider, from, version, state } of rows) {
    table.push([component, provider, from, version, paintState(state, paints)]);
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
