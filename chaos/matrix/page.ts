import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Eta } from 'eta';
import type { CellDocument, MatrixDocument } from './matrix-document.ts';

const FOLDER = fileURLToPath(new URL('./page', import.meta.url));
const WORDS = { valid: 'Valid', invalid: 'Invalid', unknown: 'Unknown' } as const;
const RANK = { FAIL: 0, INCONCLUSIVE: 1, PASS: 2 } as const;

interface Square {
  readonly anchor: string;
  readonly outcome: CellDocument['outcome'];
  readonly title: string;
}

/** The matrix as one self-contained page: a grid with a square for each cell, and their list. */
export function matrixPage(document: MatrixDocument): string {
  const eta = new Eta({ views: FOLDER });
  const faults = [...new Set(document.cells.map(faultOf))].sort();
  return eta.render('./matrix', {
    document,
    word: WORDS[document.verdict],
    css: readFileSync(`${FOLDER}/matrix.css`, 'utf8'),
    faults,
    groups: groupsOf(document.cells, faults),
    failed: document.cells.filter(({ outcome }) => outcome !== 'PASS'),
    seconds: (ms: number) => `${(ms / 1_000).toFixed(1)} s`,
  });
}

const faultOf = ({ fault, second }: CellDocument): string =>
  second === undefined ? fault : `${fault} + ${second.split(':')[0]}`;

/** Rows of the grid by saga and step; within a row, squares by fault. */
function groupsOf(cells: readonly CellDocument[], faults: readonly string[]) {
  const sagas = [...new Set(cells.map(({ saga }) => saga))];
  return sagas.map((saga) => {
    const own = cells.filter((cell) => cell.saga === saga);
    const places = new Map<string, CellDocument[]>();
    for (const cell of own) {
      const key = [cell.step, cell.service, cell.boundary].join('\n');
      places.set(key, [...(places.get(key) ?? []), cell]);
    }
    const rows = [...places.values()].map((list) => ({
      step: list[0]?.step ?? '',
      service: list[0]?.service ?? '',
      boundary: list[0]?.boundary ?? '',
      worst: Math.min(...list.map(({ outcome }) => RANK[outcome])),
      squares: faults.map((fault) => list.filter((cell) => faultOf(cell) === fault).map(square)),
    }));
    // Rows with a failure first.
    return { saga, rows: rows.sort((a, b) => a.worst - b.worst || compare(a, b)) };
  });
}

const compare = (a: { step: string; service: string }, b: { step: string; service: string }) =>
  a.step.localeCompare(b.step) || a.service.localeCompare(b.service);

const square = ({ id, outcome, reason, landed }: CellDocument): Square => ({
  anchor: anchorOf(id),
  outcome,
  title: [id, outcome, landed && `hit ${landed.operation}`, reason].filter(Boolean).join('\n'),
});

const anchorOf = (id: string): string => id.replaceAll(/[^A-Za-z0-9]+/g, '-');
