/** Which cells of the matrix are played. */
import { matchesGlob } from 'node:path';
import { SagaproofError } from '../../harness/kernel/errors.ts';
import { Random } from '../../harness/kernel/random.ts';
import { nearest } from '../../harness/kernel/suggestion.ts';
import type { Cell, FaultName } from './cell.ts';

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

/** Cells whose ids match one of the globs. */
export const cellsMatching = (cells: readonly Cell[], globs: readonly string[]): readonly Cell[] =>
  cells.filter(({ id }) => globs.some((glob) => matchesGlob(id, glob)));

/** Faults that services are written for least often; of the others, one in four. */
const SHARP: ReadonlySet<FaultName> = new Set([
  ...(['kill', 'error', 'lost-request', 'lost-answer', 'duplicate', 'time-out'] as const),
]);
const SHARP_IN_A_ROW = 3;

/**
 * A sample that covers as many kinds of cells as it can: each service in turn, of each the kinds
 * (boundary and fault) in an order that the seed decides, of each kind one of its steps.
 */
export function sampleCells(cells: readonly Cell[], size: number, seed: string): readonly Cell[] {
  const random = new Random(seed, 'sample of cells');
  const strata = Map.groupBy(random.shuffled(cells), ({ participant }) => participant);
  const queues = random.shuffled([...strata.values()]).map((own) => {
    const sharp = eachKindFirst(own.filter(({ fault }) => SHARP.has(fault)));
    const blunt = eachKindFirst(own.filter(({ fault }) => !SHARP.has(fault)));
    return mixed(sharp, blunt);
  });
  const longest = Math.max(0, ...queues.map(({ length }) => length));
  const rounds = Array.from({ length: longest }, (_, round) =>
    queues.flatMap((queue) => queue[round] ?? []),
  );
  return rounds.flat().slice(0, size);
}

/** One cell of each kind, then the second of each kind, and so on. */
function eachKindFirst(cells: readonly Cell[]): Cell[] {
  const kinds = [...Map.groupBy(cells, ({ boundary, fault }) => `${boundary} ${fault}`).values()];
  const longest = Math.max(0, ...kinds.map(({ length }) => length));
  return Array.from({ length: longest }, (_, round) =>
    kinds.flatMap((kind) => kind[round] ?? []),
  ).flat();
}

function mixed(sharp: readonly Cell[], blunt: readonly Cell[]): Cell[] {
  const rest = [...blunt];
  const both = sharp.flatMap((cell, index) =>
    (index + 1) % SHARP_IN_A_ROW === 0 ? [cell, ...rest.splice(0, 1)] : [cell],
  );
  return [...both, ...rest];
}

export interface SampleOptions {
  readonly size: number;
  readonly seed: string;
  /** Services under test: most of the cells are about them. */
  readonly subjects: ReadonlySet<string>;
}

/** Most of the cells of a sample are about the services under test, if there are any. */
const SUBJECT_SHARE = 0.7;
/** And this many are pairs of faults. */
const PAIR_SHARE = 0.15;

/** A sample of single faults and of pairs, in the order in which they are played. */
export function mixedSample(
  single: readonly Cell[],
  pairs: readonly Cell[],
  { size, seed, subjects }: SampleOptions,
): readonly Cell[] {
  const pick = (cells: readonly Cell[], count: number): readonly Cell[] => {
    const own = cells.filter(({ participant }) => subjects.has(participant));
    const chosen = sampleCells(own, Math.round(count * SUBJECT_SHARE), seed);
    const others = cells.filter((cell) => !chosen.includes(cell));
    return [...chosen, ...sampleCells(others, count - chosen.length, seed)];
  };
  const pairCount = Math.round(size * PAIR_SHARE);
  const chosen = [...pick(single, size - pairCount), ...pick(pairs, pairCount)];
  return new Random(seed, 'order of the sample').shuffled(chosen);
}
