/** Which cells of the matrix are played. */
import { matchesGlob } from 'node:path';
import { SagaproofError } from '../../harness/kernel/errors.ts';
import { Random } from '../../harness/kernel/random.ts';
import { nearest } from '../../harness/kernel/suggestion.ts';
import type { Cell } from './cell.ts';

/** Globs; a cell is chosen if all that are given match. */
export interface CellFilter {
  readonly saga?: string | undefined;
  readonly step?: string | undefined;
  readonly service?: string | undefined;
  readonly boundary?: string | undefined;
  readonly fault?: string | undefined;
  readonly link?: string | undefined;
}

const VALUE: Readonly<Record<keyof CellFilter, (cell: Cell) => string | undefined>> = {
  saga: ({ saga }) => saga,
  step: ({ step }) => step,
  service: ({ participant }) => participant,
  boundary: ({ boundary }) => boundary,
  fault: ({ fault, second }) => (second === undefined ? fault : `${fault}+${second.fault}`),
  link: ({ link }) => link,
};

/** @throws SagaproofError with the nearest name if a glob matches nothing */
export function filterCells(cells: readonly Cell[], filter: CellFilter): readonly Cell[] {
  let chosen = cells;
  for (const name of Object.keys(VALUE) as (keyof CellFilter)[]) {
    const glob = filter[name];
    if (glob === undefined) continue;
    const matches = (value: string | undefined) => value !== undefined && matchesGlob(value, glob);
    if (!cells.some((cell) => matches(VALUE[name](cell)))) {
      const known = [...new Set(cells.flatMap((cell) => VALUE[name](cell) ?? []))].sort();
      const hint = nearest(glob, known);
      throw new SagaproofError('unknown-name', `no cell has a ${name} ${glob}`, {
        fix: hint === undefined ? `use one of: ${known.join(', ')}` : `did you mean ${hint}?`,
      });
    }
    chosen = chosen.filter((cell) => matches(VALUE[name](cell)));
  }
  return chosen;
}

/**
 * A sample that covers as many kinds of cells as it can: each service in turn, of each the kinds
 * (boundary and fault) in an order that the seed decides, of each kind one of its steps.
 */
export function sampleCells(cells: readonly Cell[], size: number, seed: string): readonly Cell[] {
  const random = new Random(seed, 'sample of cells');
  const strata = new Map<string, Map<string, Cell[]>>();
  for (const cell of random.shuffled(cells)) {
    const kinds = strata.get(cell.participant) ?? new Map<string, Cell[]>();
    strata.set(cell.participant, kinds);
    const kind = `${cell.boundary} ${cell.fault}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), cell]);
  }
  // Of each service: one of each kind first, then the second of each kind, and so on.
  const queues = random.shuffled([...strata.values()]).map((kinds) => {
    const lists = [...kinds.values()];
    const longest = Math.max(...lists.map(({ length }) => length));
    return Array.from({ length: longest }, (_, round) =>
      lists.flatMap((list) => list[round] ?? []),
    ).flat();
  });
  const chosen: Cell[] = [];
  for (let round = 0; chosen.length < Math.min(size, cells.length); round += 1) {
    for (const queue of queues) {
      const cell = queue[round];
      if (cell !== undefined && chosen.length < size) chosen.push(cell);
    }
  }
  return chosen;
}
