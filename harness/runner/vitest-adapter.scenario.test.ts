/** Scenarios as tests: `vitest run --project scenario`, with `-t <name>` for some of them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderText } from '../report/render-text.ts';
import { paintsFor } from '../terminal/paints.ts';
import { bootStack, type Stack } from '../testbed/stack.ts';
import { judgeRun } from './judge.ts';
import { findScenarios, SCENARIO_FOLDERS } from './scenario-files.ts';
import type { ScenarioResult } from './scenario-results.ts';
import { Scenarios } from './scenarios.ts';
import { type RecordedRun, recordRun } from './verification.ts';

/** A cold boot on a busy machine, and all scenarios. */
const RUN_TIMEOUT_MS = 15 * 60_000;
const DOWN_TIMEOUT_MS = 60_000;

const files = findScenarios(SCENARIO_FOLDERS);

describe('scenarios', () => {
  const results = new Map(
    files.map(({ name }) => [name, Promise.withResolvers<ScenarioResult>()] as const),
  );
  let stack: Stack | undefined;
  let recording: Promise<RecordedRun> | undefined;

  // biome-ignore lint/correctness/noEmptyPattern: Vitest parses the first argument as fixtures.
  beforeAll(async ({}, suite) => {
    const chosen = new Set(
      suite.tasks.filter(({ mode }) => mode === 'run').map(({ name }) => name),
    );
    const scenarios = new Scenarios(files.filter(({ name }) => chosen.has(name)));
    stack = await bootStack();
    recording = recordRun({
      stack,
      scenarios,
      onProgress: (progress) => {
        if (progress.event === 'ended') results.get(progress.name)?.resolve(progress);
      },
    }).finally(() => scenarios[Symbol.asyncDispose]());
    recording.catch((error) => {
      for (const { reject } of results.values()) reject(error);
    });
    for (const { promise } of results.values()) promise.catch(() => undefined);
  }, RUN_TIMEOUT_MS);

  afterAll(async () => {
    await stack?.[Symbol.asyncDispose]();
  }, DOWN_TIMEOUT_MS);

  it.each(files)('$name', { timeout: RUN_TIMEOUT_MS }, async ({ name }) => {
    const result = await results.get(name)?.promise;
    expect(result?.outcome, result?.message).toBe('passed');
  });

  it('leave a history that the invariants hold in', { timeout: RUN_TIMEOUT_MS }, async () => {
    if (recording === undefined) throw new Error('nothing was recorded');
    const recorded = await recording;
    const selection = recorded.scenarios.length < files.length;
    const again = 'vitest run --project scenario';
    const verdict = await judgeRun(recorded, { selection, again });
    expect(verdict.verdict, renderText(verdict, paintsFor(process.stdout))).toBe('valid');
  });
});
