import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { Eta } from 'eta';
import type { RunVerdict } from '../checker/check.ts';
import type { CoverageView } from '../coverage/coverage-view.ts';
import { exposureMatrix, subjectWords } from './exposure-view.ts';
import type { LoadView } from './load-charts.ts';
import { diagnosisOf } from './promise-links.ts';
import type { ReportData } from './report-data.ts';

const PAGE = fileURLToPath(new URL('./page', import.meta.url));
const STYLES = ['theme.css', 'sheet.css', 'exposure.css', 'load.css', 'coverage.css', 'jobs.css'];
/** In dependency order. */
const SCRIPTS = ['dom.js', 'axis.js', 'timeline.js', 'job-view.js', 'main.js'];

const WORDS = { valid: 'Valid', invalid: 'Invalid', unknown: 'Unknown' } as const;

/** Where the page comes from. */
export interface PageOrigin {
  /** The command that repeats the run. */
  readonly again: string;
  /** The run folder. */
  readonly folder: string;
}

/** Renders the report as one self-contained page. */
export function renderPage(
  verdict: RunVerdict,
  data: ReportData,
  origin: PageOrigin,
  views: {
    readonly coverage?: CoverageView | undefined;
    readonly load?: LoadView | undefined;
  } = {},
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
    summary: summary(verdict),
    facts: facts(verdict, origin),
    invariants: invariantRows(verdict),
    exposure: exposureMatrix(verdict),
    ...views,
    css: STYLES.map(read).join('\n'),
    script: script(),
    data: compressed(data),
  });
}

/** The data as embedded in the page. */
export const compressed = (data: ReportData): string =>
  gzipSync(JSON.stringify(data)).toString('base64');

const read = (name: string): string => readFileSync(`${PAGE}/${name}`, 'utf8');

/**
 * Joins the page's modules into one script, because a page opened from disk cannot import modules.
 * They are in dependency order, so `import` and `export` are removed.
 */
export function script(): string {
  const modules = SCRIPTS.map((name) =>
    read(name)
      .replaceAll(/^import [^;]+;\n/gm, '')
      .replaceAll(/^export /gm, ''),
  );
  return `(() => {\n'use strict';\n${modules.join('\n')}\n})();`;
}

function summary({ verdict, invariants, scenarios, sources, reasons }: RunVerdict): string {
  const events = sources.reduce((sum, source) => sum + source.events, 0).toLocaleString('en');
  const violated = invariants.filter((result) => result.verdict === 'invalid').length;
  const unknown = invariants.filter((result) => result.verdict === 'unknown').length;
  const failed = scenarios.filter(({ outcome }) => outcome !== 'passed').length;
  const parts: string[] = [];
  if (violated > 0) {
    parts.push(`${violated} of ${counted(invariants.length, 'invariant')} violated`);
  }
  if (failed > 0) {
    parts.push(`${failed} of ${counted(scenarios.length, 'scenario')} did not pass`);
  }
  if (unknown > 0) parts.push(`${counted(unknown, 'invariant')} could not be checked`);
  if (reasons.length > 0) parts.push('the history is incomplete');
  if (verdict === 'valid' && parts.length === 0) {
    return `All ${invariants.length} invariants hold over ${events} recorded events.`;
  }
  return `${parts.join('; ')}, over ${events} recorded events.`;
}

function facts(
  { run, seed, commit, durationMs, scenarios, subjects }: RunVerdict,
  { again, folder }: PageOrigin,
): string[][] {
  const passed = scenarios.filter(({ outcome }) => outcome === 'passed').length;
  return [
    ['run', run || '?'],
    ['seed', seed || '?'],
    ['commit', commit || '?'],
    ['duration', seconds(durationMs)],
    ['under test', subjects.map(subjectWords).join('; ') || 'the reference services'],
    ['scenarios passed', `${passed} of ${scenarios.length}`],
    ['run folder', folder],
    ['repeat with', again],
  ];
}

/** Violated invariants first, then unknown ones. */
function invariantRows({ invariants }: RunVerdict): unknown[] {
  const rank = { invalid: 0, unknown: 1, valid: 2 } as const;
  return invariants
    .toSorted((a, b) => rank[a.verdict] - rank[b.verdict])
    .map(({ name, promise, verdict, looked, found = 0, witness = [], reason }) => ({
      name,
      verdict,
      reason,
      looked: looked.toLocaleString('en'),
      promise,
      violations: witness,
      more: found - witness.length,
      diagnosis: verdict === 'invalid' ? diagnosisOf(name) : undefined,
    }));
}

const counted = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? '' : 's'}`;

const seconds = (ms: number): string =>
  ms < 1_000 ? `${ms} ms` : `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`;
