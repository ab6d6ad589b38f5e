/** The part of the fault matrix that `verify` plays after the scenarios. */
import type { Cell } from '../../chaos/matrix/cell.ts';
import { enumerateCells, enumeratePairs } from '../../chaos/matrix/enumerate.ts';
import { FACTS } from '../../chaos/matrix/facts.ts';
import { MatrixPlay } from '../../chaos/matrix/matrix-play.ts';
import { mixedSample } from '../../chaos/matrix/select.ts';
import { wireControl } from '../links/wire.ts';
import { note, notePaints } from '../terminal/output.ts';
import type { Stack } from '../testbed/stack.ts';
import { createMatrixView } from './matrix-view.ts';

export type MatrixExtent = 'none' | 'sample' | 'full';

/** As many as fit into the time on two idle cores; others with another seed. */
const SAMPLE_SIZE = 40;
/** On a busy machine fewer cells are played, not for longer. */
const SAMPLE_BUDGET_MS = 45_000;

export interface MatrixWithin extends AsyncDisposable {
  readonly play: MatrixPlay;
}

/** @returns undefined if there is nothing to play, or nothing to play it with */
export function matrixWithin(
  extent: MatrixExtent,
  seed: string,
  { addressBook }: Pick<Stack, 'addressBook'>,
): MatrixWithin | undefined {
  if (extent === 'none') return undefined;
  if (addressBook.wire === undefined) {
    note(notePaints.yellow('the running stack has no wire proxy: the fault matrix is left out'));
    note(notePaints.yellow('  fix: boot it with pnpm sagaproof up --wire, or pass --fresh'));
    return undefined;
  }
  const all = enumerateCells(FACTS);
  const services = Object.values(addressBook.services).filter(({ subject }) => subject);
  const subjects = new Set<string>(services.map(({ service }) => service));
  const cells =
    extent === 'full'
      ? all
      : mixedSample(all, quickPairs(all), { size: SAMPLE_SIZE, seed, subjects });
  const wire = wireControl(addressBook);
  const view = createMatrixView(cells.length);
  const play = new MatrixPlay({
    ...{ cells, facts: FACTS, wire, summary: true, onResult: view.onResult },
    ...(extent === 'sample' ? { budgetMs: SAMPLE_BUDGET_MS } : {}),
  });
  return { play, [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose]() };
}

/** Without those that cut a link during a recovery: a consumer may take most of a minute then. */
const quickPairs = (cells: readonly Cell[]): readonly Cell[] =>
  enumeratePairs(cells, FACTS).filter(({ second }) => second?.fault !== 'cut');
