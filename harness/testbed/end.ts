/** Ends a stack, also one whose supervisor no longer listens. */

import { readJournal } from '../kernel/journal.ts';
import { retry } from '../kernel/poll.ts';
import { endProcess, isRunning } from '../kernel/process-identity.ts';
import type { RunPaths } from '../kernel/run-folder.ts';
import { createControl } from './control-client.ts';
import { sweepOrphans } from './orphans.ts';

/** Everything in it has its own, shorter deadline; this is for a supervisor that hangs. */
const DOWN_TIMEOUT_MS = 60_000;

/** Resolves when neither the supervisor nor anything that it started runs any more. */
export async function endStack(paths: RunPaths): Promise<void> {
  const supervisors = readJournal(paths.processes)
    .filter((event) => event.kind === 'supervisor' && event.event === 'started')
    .map((event) => event.identity);
  const signal = AbortSignal.timeout(DOWN_TIMEOUT_MS);
  try {
    await Promise.race([
      createControl(paths.controlSocket).down(),
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      }),
    ]);
    await retry(
      `the supervisor of ${paths.runId} has ended`,
      () => {
        if (supervisors.some(isRunning)) throw new Error('it still runs');
      },
      { signal },
    );
  } catch {
    for (const supervisor of supervisors) await endProcess(supervisor);
  }
  await sweepOrphans([paths]);
}
