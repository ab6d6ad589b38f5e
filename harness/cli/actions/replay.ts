import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { enumerateCells } from '../../../chaos/matrix/enumerate.ts';
import { FACTS } from '../../../chaos/matrix/facts.ts';
import {
  type HuntDocument,
  HuntSchema,
  type ReplayDocument,
} from '../../../chaos/matrix/hunt-document.ts';
import { schedulesById } from '../../../chaos/matrix/schedules.ts';
import { SagaproofError } from '../../kernel/errors.ts';
import { runsFolder } from '../../kernel/run-folder.ts';
import { paints, result, resultJson } from '../../terminal/output.ts';
import { type CellStackOptions, withCellStack } from '../matrix-run.ts';

interface ReplayOptions extends CellStackOptions {
  readonly times: number;
  readonly json?: boolean;
}

/**
 * `sagaproof replay`: plays the failed schedules of a hunt again. Exit code 1 if one of them fails
 * again, 0 if none does.
 */
export async function replay(run: string, options: ReplayOptions): Promise<void> {
  const { seed, schedules, shrunk } = readHunt(basename(run));
  const failed = schedules.filter(({ outcome }) => outcome === 'FAIL').map(({ id }) => id);
  const ids = failed.map((id) => shrunk.find(({ from }) => from === id)?.id ?? id);
  if (ids.length === 0) {
    throw new SagaproofError('usage', `no schedule of run ${run} failed`, {
      fix: 'name a run of `sagaproof hunt` with a failed schedule',
    });
  }
  const cells = schedulesById(ids, enumerateCells(FACTS));
  await withCellStack(options, async (play) => {
    const document: ReplayDocument = { run: basename(run), schedules: [] };
    for (const cell of cells) {
      const row = { id: cell.id, plays: 0, failed: 0, inconclusive: 0, runs: [] as string[] };
      for (let time = 0; time < options.times; time += 1) {
        const again = `pnpm sagaproof replay ${run}`;
        const played = await play([cell], { seed, again, isHunt: true });
        row.plays += 1;
        row.failed += played.document.tally.FAIL;
        row.inconclusive += played.document.tally.INCONCLUSIVE;
        row.runs.push(played.recorded.run);
      }
      document.schedules.push(row);
    }
    if (options.json) resultJson(document);
    else result(document.schedules.map(renderRow).join('\n'));
    process.exitCode = document.schedules.some((row) => row.failed > 0) ? 1 : 0;
  });
}

function renderRow({ id, plays, failed, runs }: ReplayDocument['schedules'][number]): string {
  const paint = failed > 0 ? paints.red : paints.green;
  return `${paint(`failed ${failed} of ${plays} times`)}: ${id}\n    runs: ${runs.join(', ')}`;
}

function readHunt(run: string): HuntDocument {
  const file = join(runsFolder(), run, 'hunt.json');
  if (!existsSync(file)) {
    throw new SagaproofError('unknown-name', `run ${run} has no hunt.json`, {
      file,
      fix: 'name a run of `sagaproof hunt` that went to its end',
    });
  }
  const parsed = HuntSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (parsed.success) return parsed.data;
  throw new SagaproofError('unknown-name', `${file} was written by another version`, { file });
}
