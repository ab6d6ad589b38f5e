import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { Random } from '../kernel/random.ts';
import { useOwnRuns } from '../testbed/stack.testkit.ts';
import {
  ENDINGS,
  inTime,
  SEED,
  startCli,
  untilNothingIsLeft,
  untilSaid,
} from './killed.testkit.ts';

/** A boot on a busy machine. */
const BOOT_TIMEOUT_MS = 120_000;
const CASE_TIMEOUT_MS = 200_000;
/** All of them ask for seconds more. */
const MOMENT_MS_MAX = 1_000;

describe(`whoever asks a service of a system that goes away (SAGAPROOF_TEST_SEED=${SEED})`, () => {
  useOwnRuns();
  const random = new Random(SEED, 'stack-lost');

  afterEach(async () => {
    await startCli('down', '--all').ended;
  });

  it.each([
    ['contracts verify', /^verifying order/m],
    ['contracts conform', /^order at /m],
  ])(
    'says so, and not that it breaks its promises: %s',
    async (command, asks) => {
      const momentMs = random.integer(0, MOMENT_MS_MAX);
      const run = startCli(...command.split(' '), 'order', '--json');
      onTestFinished(run.kill);
      await untilSaid(run, asks, BOOT_TIMEOUT_MS);
      // No waiting for something: it is the moment that is tried.
      await delay(momentMs);
      ENDINGS['kill -9 of the supervisor']();
      const { code, stdout } = await inTime(run.ended);
      expect(JSON.parse(stdout)).toStrictEqual({
        error: expect.stringContaining('the system went away while it was asked'),
      });
      expect(code).toBe(2);
      await untilNothingIsLeft();
    },
    CASE_TIMEOUT_MS,
  );
});
