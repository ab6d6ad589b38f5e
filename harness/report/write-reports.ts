import { rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RunVerdict } from '../checker/check.ts';
import { coverageView } from '../coverage/coverage-view.ts';
import { readAsFar } from '../history/read-history.ts';
import { collectJobs, JOBS_SHOWN_MAX } from './collect-jobs.ts';
import { renderJunit } from './render-junit.ts';
import { renderPage } from './render-page.ts';

/** A page that is larger is slow to open and too large to send around. */
const PAGE_BYTES_MAX = 5_000_000;

/** What a run's folder gets besides its history. */
export interface Reports {
  readonly verdict: string;
  readonly junit: string;
  readonly page: string;
}

/**
 * Writes verdict.json, junit.xml and report.html. Resolves with their paths.
 *
 * @param runFolder where they go
 * @param historyFile the history that the verdict is about
 * @param again the command that does the same again
 */
export async function writeReports(
  runFolder: string,
  historyFile: string,
  verdict: RunVerdict,
  again: string,
): Promise<Reports> {
  const paths: Reports = {
    verdict: join(runFolder, 'verdict.json'),
    junit: join(runFolder, 'junit.xml'),
    page: join(runFolder, 'report.html'),
  };
  await writeWhole(paths.verdict, `${JSON.stringify(verdict, null, 2)}\n`);
  await writeWhole(paths.junit, renderJunit(verdict));
  await writeWhole(paths.page, pageOf(historyFile, verdict, again));
  return paths;
}

/** The page with as many jobs as fit. */
function pageOf(historyFile: string, verdict: RunVerdict, again: string): string {
  const coverage = coverageView(historyFile);
  const origin = { again, folder: dirname(historyFile) };
  for (let shownMax = JOBS_SHOWN_MAX; ; shownMax = Math.floor(shownMax / 2)) {
    const data = collectJobs(() => readAsFar(historyFile), verdict, shownMax);
    const page = renderPage(verdict, data, origin, coverage);
    if (Buffer.byteLength(page) <= PAGE_BYTES_MAX || shownMax <= 1) return page;
  }
}

/** Whoever opens the file meanwhile sees the old one or the new one, never half of it. */
async function writeWhole(path: string, text: string): Promise<void> {
  const part = `${path}.part`;
  await writeFile(part, text);
  await rename(part, path);
}
