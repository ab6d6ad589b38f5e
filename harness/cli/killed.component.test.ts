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
  untilNoProcessIsLeft,
} from './killed.testkit.ts';

/** Number of random moments for each way to end a run. */
const MOMENTS = Number(process.env['SAGAPROOF_TEST_MOMENTS'] ?? 1);
/** Longer than a boot of two servers takes, so that some moments come after it. */
const BOOT_MS = 4_000;
const DOWN_MS = 1_500;
const CASE_TIMEOUT_MS = 240_000;
const ONLY = ['--only', 'redis', 'postgres'];

/** Each way to end a run, at moments drawn from the seed. */
function moments(of: string, longestMs: number): ReadonlyArray<readonly [Ending, number]> {
  const random = new Random(SEED, of);
  const endings = Object.keys(ENDINGS) as Ending[];
  return endings.flatMap((ending) =>
    Array.from({ length: MOMENTS }, () => [ending, random.integer(0, longestMs)] as const),
  );
}

describe(`an interrupted command (SAGAPROOF_TEST_SEED=${SEED})`, () => {
  useOwnRuns();

  afterEach(async () => {
    await startCli('down', '--all').ended;
  });

  async function expectNextRunWorks(): Promise<void> {
    const next = await startCli('up', '--json', ...ONLY).ended;
    expect(next.code, next.stderr).toBe(0);
    // Shows that the search below can find processes.
    expect(processesOfRuns().join('\n')).toMatch(/valkey[\s\S]*postgres|postgres[\s\S]*valkey/);
    const down = await startCli('down', '--all', '--json').ended;
    expect(down.code, down.stderr).toBe(0);
    await untilNoProcessIsLeft();
    for (const { data } of listRuns()) expect(existsSync(data)).toBe(false);
  }

  // The delay is not a wait for a condition: the moment itself is under test.
  it.each(moments('boot', BOOT_MS))(
    'a boot that %s ends after %i ms does not disturb the next one',
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
    'a stop that %s ends after %i ms is completed by the next run',
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
