import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { Random } from '../kernel/random.ts';
import { useOwnRuns } from '../testbed/stack.testkit.ts';
import {
  ENDINGS,
  inTime,
  SEED,
  startCli,
  untilNoProcessIsLeft,
  untilPrinted,
} from './killed.testkit.ts';

/** A boot on a busy machine. */
const BOOT_TIMEOUT_MS = 120_000;
const CASE_TIMEOUT_MS = 200_000;
/** Shorter than each command, which takes seconds. */
const MOMENT_MS_MAX = 1_000;

describe(`a command whose stack terminates (SAGAPROOF_TEST_SEED=${SEED})`, () => {
  useOwnRuns();
  const random = new Random(SEED, 'stack-lost');

  afterEach(async () => {
    await startCli('down', '--all').ended;
  });

  it.each([
    ['contracts verify', /^verifying order/m],
    ['contracts conform', /^order at /m],
  ])(
    'reports the lost stack and no failed check: %s',
    async (command, asks) => {
      const momentMs = random.integer(0, MOMENT_MS_MAX);
      const run = startCli(...command.split(' '), 'order', '--json');
      onTestFinished(run.kill);
      await untilPrinted(run, asks, BOOT_TIMEOUT_MS);
      // Not a wait for a condition: the moment itself is under test.
      await delay(momentMs);
      ENDINGS['kill -9 of the supervisor']();
      const { code, stdout } = await inTime(run.ended);
      expect(JSON.parse(stdout)).toStrictEqual({
        error: {
          code: 'stack-lost',
          message: expect.stringContaining('the stack terminated unexpectedly'),
          file: expect.stringMatching(/supervisor\.log$/),
          fix: expect.stringContaining('supervisor.log'),
        },
      });
      expect(code).toBe(2);
      await untilNoProcessIsLeft();
    },
    CASE_TIMEOUT_MS,
  );
});
