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
  untilNothingIsLeft,
  untilSaid,
} from './killed.testkit.ts';

/** What the CLI says when a phase of a verification begins; a moment is drawn from there on. */
const PHASES = {
  'begins to listen': { says: /^playing /m, longestMs: 300 },
  'plays its scenarios': { says: /^playing /m, longestMs: 4_000 },
  'reads what is left to read': { says: /reading what is left/, longestMs: 2_000 },
  'takes the system down': { says: /taking the system down/, longestMs: 1_000 },
} as const;
type Phase = keyof typeof PHASES;
/** A boot of everything on a busy machine, and the scenario. */
const PHASE_TIMEOUT_MS = 180_000;
const CASE_TIMEOUT_MS = 300_000;

describe(`a verification (SAGAPROOF_TEST_SEED=${SEED})`, () => {
  useOwnRuns();
  const random = new Random(SEED, 'verification');

  afterEach(async () => {
    await startCli('down', '--all').ended;
  });

  it.each([
    ['SIGTERM', 'begins to listen'],
    ['kill -9 of the supervisor', 'begins to listen'],
    ['Ctrl-C', 'plays its scenarios'],
    ['kill -9 of the CLI', 'plays its scenarios'],
    ['kill -9 of the supervisor', 'plays its scenarios'],
    ['SIGTERM', 'reads what is left to read'],
    ['kill -9 of the CLI', 'takes the system down'],
  ] as const)(
    'that %s cuts off while it %s leaves nothing, and gives no verdict',
    async (ending, phase: Phase) => {
      const { says, longestMs } = PHASES[phase];
      const momentMs = random.integer(0, longestMs);
      const run = startCli('scenario', 'happy-path', '--json');
      // One that hangs is found by the case that it belongs to, and by no other.
      onTestFinished(run.kill);
      await untilSaid(run, says, PHASE_TIMEOUT_MS);
      // No waiting for something: it is the moment that is tried.
      await delay(momentMs);
      ENDINGS[ending](run);
      const { code, stdout } = await inTime(run.ended);
      await untilNothingIsLeft();
      for (const { data } of listRuns()) expect(existsSync(data)).toBe(false);
      // Killed, it says nothing; and it may have ended well before the moment came.
      if (code === 2) expect(JSON.parse(stdout)).toHaveProperty('error');
      else expect([0, null], stdout).toContain(code);
    },
    CASE_TIMEOUT_MS,
  );
});
