import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunVerdict } from '../../harness/checker/check.ts';
import type { Invariant } from '../../harness/checker/invariant.ts';
import { judgeRun } from '../../harness/runner/judge.ts';
import type { RecordedRun } from '../../harness/runner/verification.ts';
import { attributeViolations, witnessTexts } from './attribute.ts';
import type { MatrixDocument } from './matrix-document.ts';
import type { CellResult } from './matrix-play.ts';
import { matrixDocument } from './matrix-result.ts';
import { matrixPage } from './page.ts';

/**
 * Judges a recorded run of the matrix: all invariants check the whole history, and each violation
 * goes to the cells whose orders it is about. Writes matrix.json and matrix.html, too.
 */
export async function judgeMatrix(
  recorded: RecordedRun,
  results: readonly CellResult[],
  options: { readonly again: string; readonly invariants: readonly Invariant[] },
): Promise<{ readonly document: MatrixDocument; readonly verdict: RunVerdict }> {
  const verdict = await judgeRun(recorded, { selection: true, ...options });
  const document = await writeMatrix(recorded, results, verdict);
  return { document, verdict };
}

/** As {@link judgeMatrix}, of a run that has been judged. */
export async function writeMatrix(
  { runFolder, historyFile }: Pick<RecordedRun, 'runFolder' | 'historyFile'>,
  results: readonly CellResult[],
  verdict: RunVerdict,
): Promise<MatrixDocument> {
  const textAt = witnessTexts(historyFile, verdict);
  const attributed = attributeViolations(verdict, results, textAt);
  const document = matrixDocument(results, { verdict, attributed });
  await writeFile(join(runFolder, 'matrix.json'), `${JSON.stringify(document, null, 2)}\n`);
  await writeFile(join(runFolder, 'matrix.html'), matrixPage(document));
  return document;
}
