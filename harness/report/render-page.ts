import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { Eta } from 'eta';
import type { RunVerdict } from '../checker/check.ts';
import type { CoverageView } from '../coverage/coverage-view.ts';
import { INVARIANTS } from '../invariants/all.ts';
import type { ReportData } from './report-data.ts';

const PAGE = fileURLToPath(new URL('./page', import.meta.url));
const STYLES = ['theme.css', 'sheet.css', 'coverage.css', 'jobs.css'];
/** Each after the ones that it imports from. */
const SCRIPTS = ['dom.js', 'axis.js', 'timeline.js', 'job-view.js', 'main.js'];

const WORDS = { valid: 'Valid', invalid: 'Invalid', unknown: 'Unknown' } as const;

/** What the page says of where it comes from. */
export interface PageOrigin {
  /** The command that does the same again. */
  readonly again: string;
  /** Where the history and everything else of the run is. */
  readonly folder: string;
}

/** The report as one page that needs nothing else. */
export function renderPage(
  verdict: RunVerdict,
  data: ReportData,
  origin: PageOrigin,
  coverage?: CoverageView,
): string {
  const eta = new Eta({ views: PAGE });
  return eta.render('./report', {
    verdict: {
      ...verdict,
      scenarios: verdict.scenarios.map((scenario) => ({
        ...scenario,
        took: scenario.durationMs === undefined ? '' : seconds(scenario.durationMs),
      })),
    },
    word: WORDS[verdict.verdict],
    because: because(verdict),
    facts: facts(verdict, origin),
    promises: promises(verdict),
    coverage,
    css: STYLES.map(read).join('\n'),
    script: script(),
    data: compressed(data),
  });
}

/** The data as it is in the page. */
export const compressed = (data: ReportData): string =>
  gzipSync(JSON.stringify(data)).toString('base64');

const read = (name: string): string => readFileSync(`${PAGE}/${name}`, 'utf8');

/**
 * The page's modules as one script: a page from a file cannot import others. What they import from
 * each other stands before them, so imports and the word `export` are left out.
 */
export function script(): string {
  const modules = SCRIPTS.map((name) =>
    read(name)
      .replaceAll(/^import [^;]+;\n/gm, '')
      .replaceAll(/^export /gm, ''),
  );
  return `(() => {\n'use strict';\n${modules.join('\n')}\n})();`;
}

function because({ verdict, invariants, scenarios, sources, reasons }: RunVerdict): string {
  const events = sources.reduce((sum, source) => sum + source.events, 0).toLocaleString('en');
  const broken = invariants.filter((result) => result.verdict === 'invalid').length;
  const unknown = invariants.filter((result) => result.verdict === 'unknown').length;
  const failed = scenarios.filter(({ outcome }) => outcome !== 'passed').length;
  const parts: string[] = [];
  if (broken > 0) parts.push(`${broken} of ${invariants.length} promises were broken`);
  if (failed > 0) parts.push(`${failed} of ${scenarios.length} scenarios did not pass`);
  if (unknown > 0) parts.push(`${unknown} promises could not be judged`);
  if (reasons.length > 0) parts.push('the history is not whole');
  if (verdict === 'valid' && parts.length === 0) {
    return `All ${invariants.length} promises were kept, over ${events} events.`;
  }
  return `${parts.join('; ')}, in a history of ${events} events.`;
}

function facts(
  { run, seed, commit, durationMs, scenarios }: RunVerdict,
  { again, folder }: PageOrigin,
): string[][] {
  const passed = scenarios.filter(({ outcome }) => outcome === 'passed').length;
  return [
    ['run', run || '?'],
    ['seed', seed || '?'],
    ['commit', commit || '?'],
    ['took', seconds(durationMs)],
    ['scenarios passed', `${passed} of ${scenarios.length}`],
    ['run folder', folder],
    ['again', again],
  ];
}

/** Broken promises first, then those that could not be judged. */
function promises({ invariants }: RunVerdict): unknown[] {
  const rank = { invalid: 0, unknown: 1, valid: 2 } as const;
  return invariants
    .toSorted((a, b) => rank[a.verdict] - rank[b.verdict])
    .map(({ name, verdict, looked, found = 0, witness = [], reason }) => ({
      name,
      verdict,
      reason,
      looked: looked.toLocaleString('en'),
      promise: INVARIANTS.find((invariant) => invariant.name === name)?.promise ?? '',
      violations: witness,
      more: found - witness.length,
    }));
}

const seconds = (ms: number): string =>
  ms < 1_000 ? `${ms} ms` : `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`;
