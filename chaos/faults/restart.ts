import { defineFault } from '../../harness/links/fault.ts';
import { endOf, type ProcessContext, requireRunning, successorOf } from './processes.ts';

export interface RestartOptions {
  /** Replaces values of the service's manifest until the fault is lifted. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Claims: the process drains, ends and is replaced by a new one on the same ports.
 * Checks: the supervisor saw the old process end and another one under its name become ready.
 * Could be fooled: by a readiness check that passes too early.
 */
export const restart = defineFault({
  name: 'restart',
  async arm(context: ProcessContext, id: string, options: RestartOptions) {
    const identity = requireRunning(context, id);
    await context.control.restartInstance(id, options);
    return { id, identity, changed: options.env !== undefined };
  },
  async landed({ id, identity }, context) {
    const end = endOf(context, identity);
    if (!end) throw new Error(`${id} (pid ${identity.pid}) still runs`);
    const next = successorOf(context, id, identity);
    if (!next) throw new Error(`${id} ended and no other process became ready`);
    return `${id} is pid ${next.identity.pid} since ${next.at}; pid ${identity.pid} ended at ${end.at}`;
  },
  async lift({ id, changed }, context) {
    if (changed) await context.control.restartInstance(id);
  },
});
