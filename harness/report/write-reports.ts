import { rename, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { RunVerdict } from '../checker/check.ts';
import { coverageView } from '../coverage/coverage-view.ts';
import { readAsFar } from '../history/read-history.ts';
import { collectJobs, JOBS_SHOWN_MAX } from './collect-jobs.ts';
import { loadView } from './load-charts.ts';
import { renderJunit } from './render-junit.ts';
import { renderPage } from './render-page.ts';

/** A larger page opens slowly and is too large to send. */
const PAGE_BYTES_MAX = 5_000_000;

/** Files written to the run folder. */
export interface Reports {
  readonly verdict: string;
  readonly junit: string;
  readonly page: string;
}

/**
 * Writes verdict.json, junit.xml and report.html. Resolves with their paths.
 *
 * @param runFolder target folder
 * @param historyFile the checked history
 * @param again the command that repeats the run
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
  await writeAtomically(paths.verdict, `${JSON.stringify(verdict, null, 2)}\n`);
  await writeAtomically(paths.junit, renderJunit(verdict));
  await writeAtomically(paths.page, pageOf(historyFile, verdict, again));
  return paths;
}

/** Renders the page with as many jobs as fit. */
function pageOf(historyFile: string, verdict: RunVerdict, again: string): string {
  const coverage = coverageView(historyFile);
  const hasLoad = verdict.sources.some(({ name }) => name === 'load');
  const load = hasLoad ? loadView(readAsFar(historyFile)) : undefined;
  const origin = { again, folder: shortest(dirname(historyFile)) };
  for (let shownMax = JOBS_SHOWN_MAX; ; shownMax = Math.floor(shownMax / 2)) {
    const data = collectJobs(() => readAsFar(historyFile), verdict, shownMax);
    const page = renderPage(verdict, data, origin, { coverage, load });
    if (Buffer.byteLength(page) <= PAGE_BYTES_MAX || shownMax <= 1) return page;
  }
}

/** The path from the working directory, when the file is below it. */
function shortest(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
}

/** Replaces the file atomically, so that a reader never sees a partial one. */
async function writeAtomically(path: string, text: string): Promise<void> {
  const part = `${path}.part`;
  await writeFile(part, text);
  await rename(part, path);
}
