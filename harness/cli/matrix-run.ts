import type { Cell } from '../../chaos/matrix/cell.ts';
import { FACTS } from '../../chaos/matrix/facts.ts';
import { judgeMatrix } from '../../chaos/matrix/judge-matrix.ts';
import type { MatrixDocument } from '../../chaos/matrix/matrix-document.ts';
import { type CellResult, MatrixPlay } from '../../chaos/matrix/matrix-play.ts';
import { wireControl } from '../links/wire.ts';
import { loadProject } from '../runner/project.ts';
import { type RecordedRun, recordRun } from '../runner/verification.ts';
import { loadConfig } from '../testbed/config.ts';
import { loadSubjects } from '../testbed/services/subjects.ts';
import { bootWithProgress, takeDownIfOwned } from './boot.ts';
import { interruption } from './interruption.ts';
import { createMatrixView } from './matrix-view.ts';

/** Options that every command has that plays cells. */
export interface CellStackOptions {
  readonly keep?: boolean;
  readonly fresh?: boolean;
  readonly subject: readonly string[];
  readonly env: readonly string[];
  readonly config?: string;
}

export interface CellRunOptions {
  readonly seed: string;
  /** The command that plays the same again. */
  readonly again: string;
  /** They are schedules of a hunt. */
  readonly isHunt?: boolean;
  /** No cell begins later than this. */
  readonly budgetMs?: number;
}

/** A run of cells, judged. */
export interface CellRun {
  readonly recorded: RecordedRun;
  readonly results: readonly CellResult[];
  readonly document: MatrixDocument;
}

/** Plays cells on the stack, as a run with a history and a verdict of its own. */
export type PlayCells = (cells: readonly Cell[], options: CellRunOptions) => Promise<CellRun>;

/**
 * Boots a stack with wire proxies for work that plays cells, and takes it down afterwards.
 *
 * @throws the interruption's reason, after Ctrl-C
 */
export async function withCellStack<T>(
  options: CellStackOptions,
  work: (play: PlayCells) => Promise<T>,
): Promise<T> {
  const { invariants } = await loadProject(await loadConfig(options.config));
  using interrupted = interruption();
  const { signal } = interrupted;
  const stack = await bootWithProgress({
    wire: true,
    keep: options.keep === true,
    subjects: loadSubjects(options.subject, options.env),
    signal,
    ...(options.fresh ? { fresh: true } : {}),
    ...(options.config ? { config: options.config } : {}),
  });
  await using wire = wireControl(stack.addressBook);
  const play: PlayCells = async (cells, { seed, again, ...how }) => {
    const view = createMatrixView(how.isHunt ? undefined : cells.length);
    const scenarios = new MatrixPlay({
      cells,
      facts: FACTS,
      wire,
      onResult: view.onResult,
      ...how,
    });
    const recorded = await recordRun({
      ...{ stack, seed, scenarios, invariants, signal, wireOperations: true },
      onPhase: view.onPhase,
    }).finally(view.close);
    signal.throwIfAborted();
    const { results } = scenarios;
    const { document } = await judgeMatrix(recorded, results, { again, invariants });
    return { recorded, results, document };
  };
  try {
    return await work(play);
  } finally {
    await takeDownIfOwned(stack);
  }
}

/** Options as they are typed: values by name, then the subjects and their variables. */
export function optionWords(
  values: Readonly<Record<string, string | undefined>>,
  { subject, env }: Pick<CellStackOptions, 'subject' | 'env'>,
): string[] {
  const words = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name} ${/[*?{]/.test(value) ? `'${value}'` : value}`],
  );
  return [
    ...words,
    ...subject.map((path) => `--subject ${path}`),
    ...env.map((text) => `--env ${text}`),
  ];
}
