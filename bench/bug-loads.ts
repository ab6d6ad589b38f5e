import { judgeRun } from '#harness/runner/judge.ts';
import { recordRun } from '#harness/runner/verification.ts';
import type { Stack } from '#harness/testbed/stack.ts';
import { LoadPlay } from '../load/engine/load-play.ts';
import { readModel, readSlo } from '../load/model/read-model.ts';

/** Enough for a bug that shows under load, on a stack that serves many bugs. */
const SECONDS_MAX = 15;

/** Plays a load model: what noticed something, and the verdict. */
export async function playLoad(
  stack: Stack,
  name: string,
  signal: AbortSignal,
): Promise<{ readonly verdict: string; readonly by: readonly string[] }> {
  const model = readModel(name);
  const durationSeconds = Math.min(SECONDS_MAX, model.durationSeconds);
  const play = new LoadPlay({ model: { ...model, durationSeconds }, slo: readSlo(model.slo) });
  const recorded = await recordRun({ stack, scenarios: play, signal });
  const verdict = await judgeRun(recorded, { selection: true, again: 'pnpm bench bugs' });
  const missed = play.document?.limits.filter(({ isKept }) => !isKept) ?? [];
  const broken = verdict.invariants.filter((one) => one.verdict === 'invalid');
  const by = [
    ...missed.map((limit) => `load ${name}: ${limit.name}`),
    ...broken.map((one) => one.name),
    ...verdict.reasons,
  ];
  return { verdict: verdict.verdict, by };
}
