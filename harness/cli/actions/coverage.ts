import { join, resolve } from 'node:path';
import { EXIT_CODES } from '../../checker/check.ts';
import { coverageOf } from '../../coverage/cover.ts';
import { coverageJson } from '../../coverage/coverage-schema.ts';
import { renderCoverage } from '../../coverage/render-coverage.ts';
import { parseMinimum } from '../../coverage/thresholds.ts';
import { wireFolder } from '../../coverage/wire-log.ts';
import { packageAsset } from '../../kernel/package-assets.ts';
import { runsFolder } from '../../kernel/run-folder.ts';
import { PACTS_FOLDER } from '../../pacts/interaction.ts';
import { paints, result, resultJson } from '../../terminal/output.ts';

interface CoverageOptions {
  readonly pacts?: string;
  readonly wire?: string;
  readonly unread?: string;
  readonly min?: string;
  readonly json?: boolean;
}

/** `sagaproof contracts coverage`: compares recorded traffic with the contracts. */
export function coverage(histories: readonly string[], options: CoverageOptions): void {
  const { pacts = packageAsset(PACTS_FOLDER), wire, unread, min } = options;
  const latest = join(runsFolder(), 'latest', 'history.jsonl');
  const found = coverageOf({
    histories: histories.length === 0 ? [latest] : histories.map((path) => resolve(path)),
    pacts: resolve(pacts),
    wire: wire === undefined ? wireFolder() : resolve(wire),
    ...(unread === undefined ? {} : { unread: resolve(unread) }),
    minimum: min === undefined ? {} : parseMinimum(min),
  });
  if (options.json) resultJson(coverageJson(found));
  else result(renderCoverage(found, paints));
  process.exitCode = EXIT_CODES[found.verdict];
}
