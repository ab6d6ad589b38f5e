import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { Random } from '../kernel/random.ts';
import { listRuns } from '../kernel/run-folder.ts';
import { useOwnRuns } from '../testbed/stack.testkit.ts';
import {
  ENDINGS,
  type Ending,
  processesOfRuns,
  SEED,
  startCli,
  untilNothingIsLeft,
} from './killed.testkit.ts';

/** Of each way to end it, this many moments: another one in each run, or as many as wanted. */
const MOMENTS = Number(process.env['SAGAPROOF_TEST_MOMENTS'] ?? 1);
/** What a boot of two servers takes, and some more, so that some moments come after it. */
const BOOT_MS = 4_000;
const DOWN_MS = 1_500;
const CASE_TIMEOUT_MS = 240_000;
const ONLY = ['--only', 'redis', 'postgres'];

/** Each way to end it, at moments that the seed draws. */
function moments(of: string, longestMs: number): ReadonlyArray<readonly [Ending, number]> {
  const random = new Random(SEED, of);
  const endings = Object.keys(ENDINGS) as Ending[];
  return endings.flatMap((ending) =>
    Array.from({ length: MOMENTS }, () => [ending, random.integer(0, longestMs)] as const),
  );
}

describe(`whatever ends it (SAGAPROOF_TEST_SEED=${SEED})`, () => {
  useOwnRuns();

  afterEach(async () => {
    await startCli('down', '--all').ended;
  });

  async function expectNextRunWorks(): Promise<void> {
    const next = await startCli('up', '--json', ...ONLY).ended;
    expect(next.code, next.stderr).toBe(0);
    // What is looked for below is there to be found.
    expect(processesOfRuns().join('\n')).toMatch(/valkey[\s\S]*postgres|postgres[\s\S]*valkey/);
    const down = await startCli('down', '--all', '--json').ended;
    expect(down.code, down.stderr).toBe(0);
    await untilNothingIsLeft();
    for (const { data } of listRuns()) expect(existsSync(data)).toBe(false);
  }

  // The delay is no waiting for something: it is the moment that is tried.
  it.each(moments('boot', BOOT_MS))(
    'a boot that %s cuts off after %i ms leaves nothing that is in the way of the next',
    async (ending, ms) => {
      const run = startCli('up', ...ONLY);
      await delay(ms);
      ENDINGS[ending](run);
      await run.ended;
      await expectNextRunWorks();
    },
    CASE_TIMEOUT_MS,
  );

  it.each(moments('down', DOWN_MS))(
    'a stop that %s cuts off after %i ms is brought to its end by the next run',
    async (ending, ms) => {
      const up = await startCli('up', ...ONLY).ended;
      expect(up.code, up.stderr).toBe(0);
      const run = startCli('down');
      await delay(ms);
      ENDINGS[ending](run);
      await run.ended;
      await expectNextRunWorks();
    },
    CASE_TIMEOUT_MS,
  );
});
