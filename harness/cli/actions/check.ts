import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { EXIT_CODES } from '../../checker/check.ts';
import { checkFile } from '../../checker/check-file.ts';
import { SagaproofError } from '../../kernel/errors.ts';
import { makeFolder } from '../../kernel/make-folder.ts';
import { renderText } from '../../report/render-text.ts';
import { loadProject } from '../../runner/project.ts';
import { paints, result, resultJson } from '../../terminal/output.ts';
import { loadConfig } from '../../testbed/config.ts';

interface CheckOptions {
  readonly json?: boolean;
  readonly report?: string;
}

/** `sagaproof check`: checks all invariants against a recorded history. */
export async function check(history: string, options: CheckOptions): Promise<void> {
  const { invariants } = await loadProject(await loadConfig());
  const verdict = checkFile(history, invariants);
  const again = `pnpm sagaproof check ${history}`;
  if (options.report !== undefined) {
    const { writeReports } = await import('../../report/write-reports.ts');
    makeReportFolder(options.report);
    await writeReports(options.report, resolve(history), verdict, again);
  }
  if (options.json) resultJson(verdict);
  else {
    result(renderText(verdict, paints));
    if (options.report !== undefined) result(`Report: ${join(options.report, 'report.html')}`);
    if (verdict.verdict !== 'valid') result(`Repeat with: ${again}`);
  }
  process.exitCode = EXIT_CODES[verdict.verdict];
}

function makeReportFolder(folder: string): void {
  let reason = 'it is a file';
  try {
    makeFolder(resolve(folder));
    if (statSync(folder).isDirectory()) return;
  } catch (error) {
    reason = (error as Error).message;
  }
  throw new SagaproofError('file-unwritable', `${folder} cannot be written: ${reason}`, {
    file: folder,
    fix: 'pass a folder that you can write to with --report',
  });
}
