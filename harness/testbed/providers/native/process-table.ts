/** The processes of a stack by id: they are signalled, ended and started again by name. */

import type { ProcessJournal } from '../../../kernel/journal.ts';
import type { Exit } from '../provider.ts';
import { type Child, type ChildSpec, startChild } from './child.ts';

export interface ProcessTable {
  start(spec: ChildSpec, signal: AbortSignal): Promise<Child>;
  /**
   * Runs the command of this id again.
   *
   * @param env replaces values of its environment, for this start only
   */
  respawn(id: string, signal: AbortSignal, env?: Readonly<Record<string, string>>): Promise<Child>;
  find(id: string): Child | undefined;
  get(id: string): Child;
  /** @param signal is sent in place of the command's own stop signal */
  stop(id: string, signal?: NodeJS.Signals): Promise<Exit | undefined>;
  ids(): readonly string[];
  markReady(id: string): void;
}

/** @param onExit is called for every end, expected or not */
export function createProcessTable(
  journal: ProcessJournal,
  onExit: (child: Child, exit: Exit) => void,
): ProcessTable {
  const children = new Map<string, Child>();
  const specs = new Map<string, ChildSpec>();
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
    throw new Error(`unknown process "${id}"; known processes: ${known}`);
  };
  return {
    async start(spec, signal) {
      const child = await launch(spec, signal);
      specs.set(spec.id, spec);
      return child;
    },
    async respawn(id, signal, env = {}) {
      const spec = specs.get(id) ?? get(id).spec;
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
