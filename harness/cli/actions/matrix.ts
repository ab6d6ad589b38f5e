import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cell } from '../../../chaos/matrix/cell.ts';
import { enumerateCells, enumeratePairs } from '../../../chaos/matrix/enumerate.ts';
import { FACTS } from '../../../chaos/matrix/facts.ts';
import { MatrixSchema } from '../../../chaos/matrix/matrix-document.ts';
import { type CellFilter, filterCells, sampleCells } from '../../../chaos/matrix/select.ts';
import { EXIT_CODES } from '../../checker/check.ts';
import { SagaproofError } from '../../kernel/errors.ts';
import { runsFolder } from '../../kernel/run-folder.ts';
import { result, resultJson } from '../../terminal/output.ts';
import { type CellStackOptions, optionWords, withCellStack } from '../matrix-run.ts';
import { renderMatrix } from '../matrix-view.ts';

interface MatrixOptions extends CellFilter, CellStackOptions {
  readonly pairs?: boolean;
  readonly sample?: string;
  readonly seed?: string;
  readonly resume?: string;
  readonly list?: boolean;
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
  await withCellStack(options, async (play) => {
    const again = commandOf(options, seed);
    const { document, recorded } = await play(cells, { seed, again });
    if (options.json) resultJson(document);
    else result(renderMatrix(document, recorded, again));
    process.exitCode = EXIT_CODES[document.verdict];
  });
}

/** The command that plays the same cells again. */
function commandOf(options: MatrixOptions, seed: string): string {
  const { saga, step, service, boundary, fault, link, sample } = options;
  const words = optionWords({ saga, step, service, boundary, fault, link, sample, seed }, options);
  return ['pnpm sagaproof matrix', ...(options.pairs ? ['--pairs'] : []), ...words].join(' ');
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
