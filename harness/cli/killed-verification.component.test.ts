import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { Random } from '../kernel/random.ts';
import { listRuns } from '../kernel/run-folder.ts';
import { useOwnRuns } from '../testbed/stack.testkit.ts';
import {
  ENDINGS,
  inTime,
  SEED,
  startCli,
  untilNoProcessIsLeft,
  untilPrinted,
} from './killed.testkit.ts';

/** The line that starts each phase of a verification; the seed draws a moment after it. */
const PHASES = {
  'starts its witnesses': { prints: /^running /m, longestMs: 300 },
  'runs its scenarios': { prints: /^running /m, longestMs: 4_000 },
  'drains its event sources': { prints: /draining event sources/, longestMs: 2_000 },
  'stops its stack': { prints: /taking the system down/, longestMs: 1_000 },
} as const;
type Phase = keyof typeof PHASES;
/** A boot of the whole stack on a busy machine, and the scenario. */
const PHASE_TIMEOUT_MS = 180_000;
const CASE_TIMEOUT_MS = 300_000;

describe(`a verification (SAGAPROOF_TEST_SEED=${SEED})`, () => {
  useOwnRuns();
  const random = new Random(SEED, 'verification');

  afterEach(async () => {
    await startCli('down', '--all').ended;
  });

  it.each([
    ['SIGTERM', 'starts its witnesses'],
    ['kill -9 of the supervisor', 'starts its witnesses'],
    ['Ctrl-C', 'runs its scenarios'],
    ['kill -9 of the CLI', 'runs its scenarios'],
    ['kill -9 of the supervisor', 'runs its scenarios'],
    ['SIGTERM', 'drains its event sources'],
    ['kill -9 of the CLI', 'stops its stack'],
  ] as const)(
    'that %s ends while it %s leaves no process and prints no verdict',
    async (ending, phase: Phase) => {
      const { prints, longestMs } = PHASES[phase];
      const momentMs = random.integer(0, longestMs);
      const run = startCli('scenario', 'happy-path', '--json');
      // A hanging command fails its own case and no other.
      onTestFinished(run.kill);
      await untilPrinted(run, prints, PHASE_TIMEOUT_MS);
      // Not a wait for a condition: the moment itself is under test.
      await delay(momentMs);
      ENDINGS[ending](run);
      const { code, stdout } = await inTime(run.ended);
      await untilNoProcessIsLeft();
      for (const { data } of listRuns()) expect(existsSync(data)).toBe(false);
      // A killed command prints nothing; a fast one may have finished before the moment.
      if (code === 2) expect(JSON.parse(stdout)).toHaveProperty('error');
      else expect([0, null], stdout).toContain(code);
    },
    CASE_TIMEOUT_MS,
  );
});
