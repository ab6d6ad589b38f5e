import { packageAsset } from '../kernel/package-assets.ts';
import { PACTS_FOLDER } from '../pacts/interaction.ts';
import { PactError } from '../pacts/pact-file.ts';
import { coverageOf } from './cover.ts';
import { COLUMNS, cellsOf, gapLines } from './render-coverage.ts';
import { wireFolder } from './wire-log.ts';

/** Keeps the page readable; `contracts coverage` prints all lines. */
const LINES_SHOWN_MAX = 60;

/** What a run's page shows of contract coverage. */
export interface CoverageView {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly lists: ReadonlyArray<{
    readonly title: string;
    readonly lines: readonly string[];
    readonly more: number;
  }>;
  readonly reasons: readonly string[];
}

/** Coverage of one history by the repository's contracts; undefined when there are none. */
export function coverageView(
  historyFile: string,
  pacts = packageAsset(PACTS_FOLDER),
): CoverageView | undefined {
  try {
    const coverage = coverageOf({
      histories: [historyFile],
      pacts,
      wire: wireFolder(),
      minimum: {},
    });
    const list = (title: string, lines: readonly string[]) => ({
      title,
      lines: lines.slice(0, LINES_SHOWN_MAX),
      more: Math.max(0, lines.length - LINES_SHOWN_MAX),
    });
    return {
      columns: COLUMNS,
      rows: cellsOf(coverage),
      lists: [
        list('Seen, and in no contract', gapLines(coverage.seenNotContracted)),
        list('Contracted, and never seen', gapLines(coverage.contractedNeverSeen)),
        list('Not observed', gapLines(coverage.unobserved)),
      ].filter(({ lines }) => lines.length > 0),
      reasons: coverage.reasons,
    };
  } catch (error) {
    if (error instanceof PactError) return undefined;
    throw error;
  }
}
