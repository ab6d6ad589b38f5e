/** What faults of processes act on, and how they tell one process from its successor. */
import type { ProcessEvent, ProcessIdentity } from '../../harness/kernel/process-event.ts';
import type { StackControl } from '../../harness/testbed/control-client.ts';

export interface ProcessContext {
  readonly control: Pick<StackControl, 'killInstance' | 'pause' | 'resume' | 'restartInstance'>;
  /** What the supervisor has recorded of its processes so far, in order. */
  readonly processEvents: () => readonly ProcessEvent[];
}

const isSame = (a: ProcessIdentity, b: ProcessIdentity): boolean =>
  a.pid === b.pid && a.startTime === b.startTime && a.bootId === b.bootId;

/** The process that runs under this id now. */
export function runningProcess(context: ProcessContext, id: string): ProcessIdentity | undefined {
  const started = context.processEvents().filter((e) => e.id === id && e.event === 'started');
  const identity = started.at(-1)?.identity;
  return identity && endOf(context, identity) === undefined ? identity : undefined;
}

/** As {@link runningProcess}; a process that does not run cannot be disturbed. */
export function requireRunning(context: ProcessContext, id: string): ProcessIdentity {
  const identity = runningProcess(context, id);
  if (identity) return identity;
  const events = context.processEvents();
  if (events.some((event) => event.id === id)) throw new Error(`${id} is not running`);
  const known = [...new Set(events.map((event) => event.id))].filter((k) => k !== 'supervisor');
  throw new Error(`unknown process "${id}"; known processes: ${known.join(', ')}`);
}

/** How the supervisor saw this process end, if it did. */
export const endOf = (
  context: ProcessContext,
  identity: ProcessIdentity,
): ProcessEvent | undefined =>
  context.processEvents().find((e) => e.event === 'exited' && isSame(e.identity, identity));

/** The first `ready` of a process under this id that is not the given one. */
export const successorOf = (
  context: ProcessContext,
  id: string,
  identity: ProcessIdentity,
): ProcessEvent | undefined =>
  context
    .processEvents()
    .findLast((e) => e.id === id && e.event === 'ready' && !isSame(e.identity, identity));
