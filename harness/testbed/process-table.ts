/** The processes of a stack by id: they are signalled, ended and started again by name. */

import type { ProcessJournal } from '../kernel/journal.ts';
import { type Child, type ChildSpec, type Exit, startChild } from './child.ts';

export interface ProcessTable {
  start(spec: ChildSpec, signal: AbortSignal): Promise<Child>;
  /**
   * Starts the command that this id was ordered with again.
   *
   * @param env instead of the ordered values, for this start alone
   */
  again(id: string, signal: AbortSignal, env?: Readonly<Record<string, string>>): Promise<Child>;
  find(id: string): Child | undefined;
  get(id: string): Child;
  /** @param signal what to ask with, instead of the command's own stop signal */
  stop(id: string, signal?: NodeJS.Signals): Promise<Exit | undefined>;
  ids(): readonly string[];
  markReady(id: string): void;
}

/** @param onExit is told of every end, asked for or not */
export function createProcessTable(
  journal: ProcessJournal,
  onExit: (child: Child, exit: Exit) => void,
): ProcessTable {
  const children = new Map<string, Child>();
  const ordered = new Map<string, ChildSpec>();
  const launch = async (spec: ChildSpec, signal: AbortSignal): Promise<Child> => {
    signal.throwIfAborted();
    const running = children.get(spec.id);
    if (running && !running.exit) throw new Error(`${spec.id} is running already`);
    const child = await startChild(spec, journal);
    children.set(spec.id, child);
    void child.exited.then((exit) => onExit(child, exit));
    return child;
  };
  const get = (id: string): Child => {
    const child = children.get(id);
    if (child) return child;
    const known = [...children.keys()].join(', ') || 'none';
    throw new Error(`no process is called ${id}; there are: ${known}`);
  };
  return {
    async start(spec, signal) {
      const child = await launch(spec, signal);
      ordered.set(spec.id, spec);
      return child;
    },
    async again(id, signal, env = {}) {
      const spec = ordered.get(id) ?? get(id).spec;
      return launch({ ...spec, env: { ...spec.env, ...env } }, signal);
    },
    find: (id) => children.get(id),
    get,
    stop: async (id, signal) => children.get(id)?.stop(signal),
    ids: () => [...children.keys()],
    markReady(id) {
      const { spec, identity } = get(id);
      const service = spec.service === undefined ? {} : { service: spec.service };
      journal.append({ event: 'ready', id, kind: spec.kind, ...service, identity });
    },
  };
}
