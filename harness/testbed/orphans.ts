/** Ends what is left of stacks whose supervisor is gone: by identity, never by name. */
import { appendFileSync, rmSync } from 'node:fs';
import { readJournal, unfinished } from '../kernel/journal.ts';
import type { ProcessEvent } from '../kernel/process-event.ts';
import { endProcess, isRunning } from '../kernel/process-identity.ts';
import { listRuns, type RunPaths, removeData } from '../kernel/run-folder.ts';

export interface SweptRun {
  readonly runId: string;
  /** Ids of the processes that were still there. */
  readonly ended: readonly string[];
}

/** True while the supervisor of the run lives, whatever it is doing. */
export function isSupervised(events: readonly ProcessEvent[]): boolean {
  return events.some(
    (event) =>
      event.kind === 'supervisor' && event.event === 'started' && isRunning(event.identity),
  );
}

/**
 * Looks at every run in the runs folder. A run whose supervisor lives is left alone;
 * of any other, processes that were started and never seen to end are ended.
 */
export async function sweepOrphans(runs: readonly RunPaths[] = listRuns()): Promise<SweptRun[]> {
  const swept: SweptRun[] = [];
  for (const paths of runs) {
    const events = readJournal(paths.processes);
    const left = unfinished(events);
    if (left.length === 0 || isSupervised(events)) continue;
    const ended: string[] = [];
    for (const event of left) {
      const marker = `SAGAPROOF_RUN_ID=${paths.runId}`;
      if (await endProcess(event.identity, { marker })) ended.push(event.id);
    }
    // On a full disk, this makes the room to write down what was done.
    removeData(paths);
    const ends = left.map((event) => `${JSON.stringify(endOf(event))}\n`);
    appendFileSync(paths.processes, `\n${ends.join('')}`);
    rmSync(paths.controlSocket, { force: true });
    if (ended.length > 0) swept.push({ runId: paths.runId, ended });
  }
  return swept;
}

/** How it ended is not known: its supervisor had ended before. */
function endOf(event: ProcessEvent): ProcessEvent {
  const { id, kind, identity } = event;
  const service = event.service === undefined ? {} : { service: event.service };
  const at = new Date().toISOString();
  return {
    at,
    event: 'exited',
    id,
    kind,
    ...service,
    identity,
    code: null,
    signal: null,
    expected: false,
  };
}
