import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { allFaults, type Cell } from '../../../chaos/matrix/cell.ts';
import { enumerateCells } from '../../../chaos/matrix/enumerate.ts';
import { FACTS } from '../../../chaos/matrix/facts.ts';
import type { HuntDocument } from '../../../chaos/matrix/hunt-document.ts';
import { drawSchedules, faultsOfSchedule, scheduleOf } from '../../../chaos/matrix/schedules.ts';
import { shrink } from '../../../chaos/matrix/shrink.ts';
import { EXIT_CODES } from '../../checker/check.ts';
import { note, paints, result, resultJson } from '../../terminal/output.ts';
import {
  type CellRun,
  type CellStackOptions,
  optionWords,
  type PlayCells,
  withCellStack,
} from '../matrix-run.ts';

/** More than fit into any budget that is sensible. */
const SCHEDULES_MAX = 5_000;
/** Failed schedules that are reduced, and how often parts of each are played. */
const SHRUNK_MAX = 3;
const PLAYS_MAX = 12;

interface HuntOptions extends CellStackOptions {
  readonly seed?: string;
  /** In milliseconds. */
  readonly budget: number;
  readonly faults: number;
  readonly json?: boolean;
}

/** `sagaproof hunt` */
export async function hunt(options: HuntOptions): Promise<void> {
  const seed = options.seed ?? randomBytes(6).toString('hex');
  const draw = { seed, count: SCHEDULES_MAX, faultsMax: options.faults };
  const schedules = drawSchedules(enumerateCells(FACTS), draw);
  await withCellStack(options, async (play) => {
    const words = optionWords({ seed, faults: String(options.faults) }, options);
    const again = ['pnpm sagaproof hunt', ...words].join(' ');
    const how = { seed, again, isHunt: true, budgetMs: options.budget };
    const hunted = await play(schedules, how);
    const shrunk = await shrinkAll(hunted, schedules, play, how);
    const document = huntDocument(hunted, shrunk);
    writeFileSync(
      join(hunted.recorded.runFolder, 'hunt.json'),
      `${JSON.stringify(document, null, 2)}\n`,
    );
    if (options.json) resultJson(document);
    else result(renderHunt(document, hunted, again));
    process.exitCode = EXIT_CODES[document.verdict];
  });
}

async function shrinkAll(
  { document, recorded }: CellRun,
  schedules: readonly Cell[],
  play: PlayCells,
  how: { readonly seed: string; readonly again: string },
): Promise<HuntDocument['shrunk']> {
  const failed = document.cells.filter(({ outcome }) => outcome === 'FAIL').slice(0, SHRUNK_MAX);
  const shrunk: HuntDocument['shrunk'] = [];
  for (const { id } of failed) {
    const schedule = schedules.find((one) => one.id === id);
    if (schedule === undefined) continue;
    note(`reducing ${id}`);
    let plays = 0;
    let { run } = recorded;
    const fails = async (part: readonly Cell[]): Promise<boolean> => {
      plays += 1;
      const played = await play([scheduleOf(part)], { ...how, isHunt: true });
      const isFailure = played.document.tally.FAIL > 0;
      if (isFailure) ({ run } = played.recorded);
      return isFailure;
    };
    const part = await shrink(faultsOfSchedule(schedule), fails, PLAYS_MAX);
    shrunk.push({ from: id, id: scheduleOf(part).id, faults: part.length, plays, run });
  }
  return shrunk;
}

/** What a hunt found: schedules that met nothing are no doubt about the system. */
function huntDocument(
  { document, results }: CellRun,
  shrunk: HuntDocument['shrunk'],
): HuntDocument {
  const { seed, run, commit, cells, twins, otherViolations, reasons } = document;
  const schedules = cells.map(({ id, outcome, reason, durationMs }) => {
    const played = results.find((one) => one.id === id);
    return {
      ...{ id, outcome, durationMs, faults: played?.cell ? allFaults(played.cell).length : 1 },
      landed: [...new Set(played?.seen ?? [])],
      ...(reason === undefined ? {} : { reason }),
    };
  });
  const met = results.filter(({ cell, landed }) => cell !== undefined && landed !== undefined);
  const isBroken =
    schedules.some(({ outcome }) => outcome === 'FAIL') ||
    twins.some(({ outcome }) => outcome === 'FAIL') ||
    otherViolations.length > 0;
  const isDoubtful =
    met.length === 0 || reasons.length > 0 || twins.some(({ outcome }) => outcome !== 'PASS');
  return {
    verdict: isBroken ? 'invalid' : isDoubtful ? 'unknown' : 'valid',
    ...{ seed, run, commit, played: schedules.length, met: met.length, schedules, shrunk },
    reasons: [
      ...otherViolations.map(({ invariant, message }) => `${invariant}: ${message}`),
      ...reasons,
    ],
  };
}

function renderHunt(document: HuntDocument, { recorded }: CellRun, again: string): string {
  const { schedules, shrunk, reasons, verdict, seed, played, met } = document;
  const failed = schedules.filter(({ outcome }) => outcome === 'FAIL');
  const lines = failed.map(({ id, reason }) => `${paints.red('FAIL')} ${id}\n    ${reason ?? ''}`);
  for (const { from, id, plays } of shrunk) {
    if (id !== from) lines.push(`fewest faults that fail, after ${plays} plays: ${id}`);
  }
  for (const reason of reasons) lines.push(`${paints.yellow('?')} ${reason}`);
  const paint = { valid: paints.green, invalid: paints.red, unknown: paints.yellow }[verdict];
  const folder = relative(process.cwd(), recorded.runFolder);
  lines.push(
    `${paint(verdict.toUpperCase())}: ${played} schedules, ${met} met something, ` +
      `${failed.length} failed; seed ${seed}`,
    `Report: ${folder}/matrix.html (hunt.json, report.html, history.jsonl and logs/ in the same ` +
      'directory)',
  );
  if (failed.length > 0) lines.push(`Play them again with: pnpm sagaproof replay ${document.run}`);
  if (verdict !== 'valid') lines.push(`Hunt again with: ${again}`);
  return lines.join('\n');
}
