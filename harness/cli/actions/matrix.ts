import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cell } from '../../../chaos/matrix/cell.ts';
import { enumerateCells, enumeratePairs } from '../../../chaos/matrix/enumerate.ts';
import { FACTS } from '../../../chaos/matrix/facts.ts';
import { judgeMatrix } from '../../../chaos/matrix/judge-matrix.ts';
import { MatrixSchema } from '../../../chaos/matrix/matrix-document.ts';
import { MatrixPlay } from '../../../chaos/matrix/matrix-play.ts';
import { type CellFilter, filterCells, sampleCells } from '../../../chaos/matrix/select.ts';
import { EXIT_CODES } from '../../checker/check.ts';
import { SagaproofError } from '../../kernel/errors.ts';
import { runsFolder } from '../../kernel/run-folder.ts';
import { wireControl } from '../../links/wire.ts';
import { loadProject } from '../../runner/project.ts';
import { recordRun } from '../../runner/verification.ts';
import { note, result, resultJson } from '../../terminal/output.ts';
import { loadConfig } from '../../testbed/config.ts';
import { loadSubjects } from '../../testbed/services/subjects.ts';
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
  readonly env: readonly string[];
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
    subjects: loadSubjects(options.subject, options.env),
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
      wireOperations: true,
      invariants: project.invariants,
      onPhase: view.onPhase,
      signal: interrupted.signal,
    }).finally(view.close);
    interrupted.signal.throwIfAborted();
    const again = commandOf(options, seed);
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

/** The command that plays the same cells again. */
function commandOf(options: MatrixOptions, seed: string): string {
  const { saga, step, service, boundary, fault, link, sample } = options;
  const values = { saga, step, service, boundary, fault, link, sample, seed };
  const words = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name} ${/[*?{]/.test(value) ? `'${value}'` : value}`],
  );
  const subjects = options.subject.map((path) => `--subject ${path}`);
  const pairs = options.pairs ? ['--pairs'] : [];
  return ['pnpm sagaproof matrix', ...pairs, ...words, ...subjects].join(' ');
}

function chosenCells(options: MatrixOptions, seed: string): readonly Cell[] {
  const single = enumerateCells(FACTS);
  const all = options.pairs ? enumeratePairs(single, FACTS) : single;
  const chosen = filterCells(all, options);
  if (chosen.length === 0) {
    throw new SagaproofError('usage', 'no cell matches all of the options', {
      fix: 'list the cells with pnpm sagaproof matrix --list',
    });
  }
  const left = options.resume === undefined ? chosen : notPassed(chosen, options.resume);
  if (options.sample === undefined) return left;
  const size = Number(options.sample);
  if (!Number.isInteger(size) || size < 1) {
    throw new SagaproofError('usage', `--sample ${options.sample} is not a number of cells`, {
      fix: 'pass a whole number from 1',
    });
  }
  return sampleCells(left, size, seed);
}

/** Cells that an earlier run has not passed, by its matrix.json. */
function notPassed(cells: readonly Cell[], run: string): readonly Cell[] {
  const file = join(runsFolder(), run, 'matrix.json');
  if (!existsSync(file)) {
    throw new SagaproofError('unknown-name', `run ${run} has no matrix.json`, {
      file,
      fix: 'name a run of the matrix that went to its end',
    });
  }
  const parsed = MatrixSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!parsed.success) {
    throw new SagaproofError('unknown-name', `${file} was written by another version`, { file });
  }
  const earlier = parsed.data.cells.filter(({ outcome }) => outcome === 'PASS');
  const passed = new Set(earlier.map(({ id }) => id));
  return cells.filter(({ id }) => !passed.has(id));
}
