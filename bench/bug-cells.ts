/** Plays cells of the fault matrix for the catalogue of bugs. */
import type { RunVerdict } from '#harness/checker/check.ts';
import { INVARIANTS } from '#harness/invariants/all.ts';
import { wireControl } from '#harness/links/wire.ts';
import { recordRun } from '#harness/runner/verification.ts';
import type { Stack } from '#harness/testbed/stack.ts';
import { enumerateCells } from '../chaos/matrix/enumerate.ts';
import { FACTS } from '../chaos/matrix/facts.ts';
import { judgeMatrix } from '../chaos/matrix/judge-matrix.ts';
import { MatrixPlay } from '../chaos/matrix/matrix-play.ts';
import { cellsMatching } from '../chaos/matrix/select.ts';

/** @returns the verdict, and what noticed something: cells that failed, invariants that broke */
export async function playCells(
  stack: Stack,
  globs: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly verdict: RunVerdict['verdict']; readonly by: readonly string[] }> {
  await using wire = wireControl(stack.addressBook);
  const play = new MatrixPlay({
    cells: cellsMatching(enumerateCells(FACTS), globs),
    facts: FACTS,
    wire,
  });
  const recorded = await recordRun({ stack, scenarios: play, signal });
  const { document, verdict } = await judgeMatrix(recorded, play.results, {
    again: 'pnpm bench bugs',
    invariants: INVARIANTS,
  });
  const cells = document.cells.filter(({ outcome }) => outcome !== 'PASS');
  const broken = verdict.invariants.filter((one) => one.verdict === 'invalid');
  const by = [
    ...cells.map(({ id, outcome }) => `${outcome} ${id}`),
    ...broken.map(({ name }) => name),
  ];
  return { verdict: document.verdict, by };
}
