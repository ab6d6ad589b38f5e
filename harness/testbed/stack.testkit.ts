/** For tests that boot parts of a stack, in a runs folder that is removed with all processes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { readJournal } from '../kernel/journal.ts';
import { retry } from '../kernel/poll.ts';
import type { ProcessEvent, ProcessIdentity } from '../kernel/process-event.ts';
import { isRunning } from '../kernel/process-identity.ts';
import { listRuns, type RunPaths } from '../kernel/run-folder.ts';
import type { Installation } from '../provision/installation.ts';
import { provision } from '../provision/provision.ts';
import { endStack } from './end.ts';
import { runningStacks } from './stack.ts';

/** A cold cache is filled first: Maven, Go and pip at their slowest. */
const PROVISION_TIMEOUT_MS = 15 * 60_000;
const ENDED_TIMEOUT_MS = 20_000;

export interface StackTests {
  installation(): Installation;
  runsFolder(): string;
}

/**
 * Call it in a `describe`; everything that is booted in it goes down at its end.
 *
 * @param prefix how the name of the runs folder begins
 */
export function useOwnRuns(prefix = 'runs-'): StackTests {
  let folder = '';
  let installed: Installation | undefined;
  const before = process.env['SAGAPROOF_RUNS_DIR'];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), prefix));
    process.env['SAGAPROOF_RUNS_DIR'] = folder;
    installed = await provision();
  }, PROVISION_TIMEOUT_MS);
  afterAll(async () => {
    await Promise.all(runningStacks().map(endStack));
    rmSync(folder, { recursive: true, force: true });
    if (before === undefined) delete process.env['SAGAPROOF_RUNS_DIR'];
    else process.env['SAGAPROOF_RUNS_DIR'] = before;
  });
  return {
    installation() {
      if (!installed) throw new Error('nothing is installed before the tests begin');
      return installed;
    },
    runsFolder: () => folder,
  };
}

/** Every process that a run ever started. */
export const startedBy = (run: RunPaths): ProcessEvent[] =>
  readJournal(run.processes).filter((event) => event.event === 'started');

export const stillRunning = (run: RunPaths): string[] =>
  startedBy(run)
    .filter((event) => isRunning(event.identity))
    .map((event) => event.id);

/** Polls with a deadline, because an owner's death is noticed and not announced. */
export async function untilNothingRuns(run: RunPaths): Promise<void> {
  const signal = AbortSignal.timeout(ENDED_TIMEOUT_MS);
  const ended = () => {
    const left = stillRunning(run);
    if (left.length > 0) throw new Error(`${left.join(', ')} still run`);
  };
  await retry('nothing of the run is left', ended, { signal });
}

export async function untilEnded(identity: ProcessIdentity): Promise<void> {
  const signal = AbortSignal.timeout(ENDED_TIMEOUT_MS);
  const ended = () => {
    if (isRunning(identity)) throw new Error('it still runs');
  };
  await retry(`process ${identity.pid} has ended`, ended, { signal });
}

/** The newest run of the test's own folder. */
export function newestRun(): RunPaths {
  const [run] = listRuns();
  if (!run) throw new Error('there is no run');
  return run;
}
