import type { RunVerdict } from '../../harness/checker/check.ts';
import type { Attributed, CellViolation } from './attribute.ts';
import { type Cell, type CellOutcome, secondName } from './cell.ts';
import type { CellDocument, MatrixDocument } from './matrix-document.ts';
import type { CellResult } from './matrix-play.ts';

/** What happens in some cell if the cells that are for it were played at all. */
const SOMETIMES: ReadonlyArray<{
  readonly name: string;
  readonly needs: (cell: Cell) => boolean;
}> = [
  { name: 'compensation', needs: ({ variant }) => /declined|refused/.test(variant) },
  { name: 'retry', needs: ({ variant }) => variant === 'capture-retried' },
  {
    name: 'resume',
    needs: ({ participant, fault }) => participant === 'websocket' && fault === 'kill',
  },
  { name: 'kill', needs: ({ fault }) => fault === 'kill' },
  { name: 'pause', needs: ({ fault }) => fault === 'pause' },
  { name: 'duplicate', needs: ({ fault }) => fault === 'duplicate' },
  { name: 'time-out', needs: ({ fault }) => fault === 'time-out' },
];

const RANK: Readonly<Record<CellOutcome, number>> = { FAIL: 0, INCONCLUSIVE: 1, PASS: 2 };

/** Combines what the cells showed with what invariants found in the history of the whole run. */
export function matrixDocument(
  results: readonly CellResult[],
  judged: { readonly verdict: RunVerdict; readonly attributed: Attributed },
): MatrixDocument {
  const { verdict, attributed } = judged;
  const violationsOf = (id: string) => attributed.byCell.get(id) ?? [];
  const twins = results
    .filter(({ cell }) => cell === undefined)
    .map((result) => ({
      variant: result.variant,
      ...judgement(result, violationsOf(result.id)),
      violations: violationsOf(result.id).map(copied),
    }));
  const twinOf = (variant: string) =>
    twins.find((twin) => twin.variant === variant)?.outcome ?? 'not-played';
  const cells = results
    .flatMap((result) =>
      result.cell === undefined
        ? []
        : [cellDocument(result, result.cell, violationsOf(result.id), twinOf(result.variant))],
    )
    .sort((a, b) => RANK[a.outcome] - RANK[b.outcome] || a.id.localeCompare(b.id));
  const count = (outcome: CellOutcome) => cells.filter((cell) => cell.outcome === outcome).length;
  const sometimes = sometimesOf(results);
  const { seed, run, commit, durationMs } = verdict;
  const document = {
    ...{ seed, run, commit, durationMs: Math.round(durationMs) },
    tally: { PASS: count('PASS'), FAIL: count('FAIL'), INCONCLUSIVE: count('INCONCLUSIVE') },
    ...{ cells, twins, sometimes },
    otherViolations: attributed.others.map(copied),
    coverage: coverageOf(results),
    reasons: [...verdict.reasons.filter((reason) => !/^scenario "/.test(reason))],
  };
  return { verdict: overall(document, verdict), ...document };
}

const copied = ({ invariant, message, witness }: CellViolation) => ({
  invariant,
  message,
  witness: [...witness],
});

function judgement(
  { outcome, reason }: CellResult,
  violations: readonly CellViolation[],
): { outcome: CellOutcome; reason?: string } {
  const [violation] = violations;
  if (violation !== undefined && outcome !== 'FAIL') {
    return { outcome: 'FAIL', reason: `${violation.invariant}: ${violation.message}` };
  }
  return { outcome, ...(reason === undefined ? {} : { reason }) };
}

function cellDocument(
  result: CellResult,
  cell: Cell,
  violations: readonly CellViolation[],
  twin: CellDocument['twin'],
): CellDocument {
  const { id, saga, step, participant, boundary, fault, link, variant } = cell;
  const second = cell.second && secondName(cell.second);
  return {
    ...{ id, saga, step, service: participant, boundary, fault, variant },
    ...(second === undefined ? {} : { second }),
    ...(link === undefined ? {} : { link }),
    ...judgement(result, violations),
    ...(result.landed === undefined ? {} : { landed: result.landed }),
    twin,
    violations: violations.map(copied),
    ...{ scenario: result.scenario, durationMs: result.durationMs },
  };
}

function sometimesOf(results: readonly CellResult[]): MatrixDocument['sometimes'] {
  return SOMETIMES.filter(({ needs }) => results.some(({ cell }) => cell && needs(cell))).map(
    ({ name }) => ({ name, seen: results.filter(({ seen }) => seen.includes(name)).length }),
  );
}

function coverageOf(results: readonly CellResult[]): MatrixDocument['coverage'] {
  const rows = new Map<string, MatrixDocument['coverage'][number]>();
  for (const { cell, landed } of results) {
    if (cell === undefined) continue;
    const { link, operations, texts } = cell.at.at;
    const operation = [operations[0] ?? '', ...texts].join(' ');
    const key = `${link} ${operation}`;
    const row = rows.get(key) ?? { link, operation, faults: [], landed: 0, missed: 0 };
    rows.set(key, row);
    if (landed === undefined) row.missed += 1;
    else row.landed += 1;
    if (landed !== undefined && !row.faults.includes(cell.fault)) row.faults.push(cell.fault);
  }
  return [...rows.values()].sort(
    (a, b) => a.link.localeCompare(b.link) || a.operation.localeCompare(b.operation),
  );
}

function overall(
  document: Omit<MatrixDocument, 'verdict'>,
  { invariants }: RunVerdict,
): MatrixDocument['verdict'] {
  const { tally, twins, otherViolations, sometimes, reasons, cells } = document;
  const isBroken = tally.FAIL > 0 || twins.some(({ outcome }) => outcome === 'FAIL');
  const isViolated = invariants.some(({ verdict }) => verdict === 'invalid');
  if (isBroken || isViolated || otherViolations.length > 0) return 'invalid';
  const isDoubtful =
    cells.length === 0 ||
    tally.INCONCLUSIVE > 0 ||
    reasons.length > 0 ||
    twins.some(({ outcome }) => outcome !== 'PASS') ||
    sometimes.some(({ seen }) => seen === 0) ||
    // What the chosen cells give no occasion to check does not count.
    invariants.some(({ verdict, looked }) => verdict === 'unknown' && looked > 0);
  return isDoubtful ? 'unknown' : 'valid';
}
