import { randomBytes } from 'node:crypto';
import { enumerateCells, enumeratePairs } from '../../../chaos/matrix/enumerate.ts';
import { FACTS } from '../../../chaos/matrix/facts.ts';
import { judgeMatrix } from '../../../chaos/matrix/judge-matrix.ts';
import { MatrixPlay } from '../../../chaos/matrix/matrix-play.ts';
import { type CellFilter, filterCells, sampleCells } from '../../../chaos/matrix/select.ts';
import { EXIT_CODES } from '../../checker/check.ts';
import { SagaproofError } from '../../kernel/errors.ts';
import { wireControl } from '../../links/wire.ts';
import { loadProject } from '../../runner/project.ts';
import { recordRun } from '../../runner/verification.ts';
import { note, result, resultJson } from '../../terminal/output.ts';
import { loadConfig } from '../../testbed/config.ts';
import { loadManifest } from '../../testbed/services/manifest.ts';
import { bootWithProgress } from '../boot.ts';
import { interruption } from '../interruption.ts';
import { createMatrixView, renderMatrix } from '../matrix-view.ts';

interface MatrixOptions extends CellFilter {
  readonly pairs?: boolean;
  readonly sample?: string;
  readonly seed?: string;
  readonly resume?: string;
  readonly list?: boolean;
  readonly keep?: boolean;
  readonly fresh?: boolean;
  readonly subject: readonly string[];
  readonly config?: string;
  readonly json?: boolean;
}

/** `sagaproof matrix` */
export async function playMatrix(options: MatrixOptions): Promise<void> {
  const seed = options.seed ?? randomBytes(6).toString('hex');
  const cells = chosenCells(options, seed);
  if (options.list) {
    if (options.json) resultJson({ cells: cells.map(({ id, variant }) => ({ id, variant })) });
    else result(cells.map(({ id }) => id).join('\n'));
    return;
  }
  const project = await loadProject(await loadConfig(options.config));
  using interrupted = interruption();
  const stack = await bootWithProgress({
    wire: true,
    keep: options.keep === true,
    subjects: options.subject.map((path) => loadManifest(path)),
    signal: interrupted.signal,
    ...(options.fresh ? { fresh: true } : {}),
    ...(options.config ? { config: options.config } : {}),
  });
  const view = createMatrixView(cells.length);
  await using wire = wireControl(stack.addressBook);
  try {
    const play = new MatrixPlay({ cells, facts: FACTS, wire, onResult: view.onResult });
    const recorded = await recordRun({
      stack,
      seed,
      scenarios: play,
      invariants: project.invariants,
      onPhase: view.onPhase,
      signal: interrupted.signal,
    }).finally(view.close);
    interrupted.signal.throwIfAborted();
    const again = `pnpm sagaproof matrix --seed ${seed}`;
    const { document } = await judgeMatrix(recorded, play.results, {
      again,
      invariants: project.invariants,
    });
    if (options.json) resultJson(document);
    else result(renderMatrix(document, recorded, again));
    process.exitCode = EXIT_CODES[document.verdict];
  } finally {
    if (stack.owned) {
      note('taking the system down');
      await stack.down();
    }
  }
}

function chosenCells(options: MatrixOptions, seed: string) {
  const single = enumerateCells(FACTS);
  const all = options.pairs ? enumeratePairs(single, FACTS) : single;
  const chosen = filterCells(all, options);
  if (chosen.length === 0) {
    throw new SagaproofError('usage', 'no cell matches all of the options', {
      fix: 'list the cells with pnpm sagaproof matrix --list',
    });
  }
  if (options.sample === undefined) return chosen;
  const size = Number(options.sample);
  if (!Number.isInteger(size) || size < 1) {
    throw new SagaproofError('usage', `--sample ${options.sample} is not a number of cells`, {
      fix: 'pass a whole number from 1',
    });
  }
  return sampleCells(chosen, size, seed);
}
