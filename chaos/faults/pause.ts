import { groupStates, isRunning } from '../../harness/kernel/process-identity.ts';
import { defineFault } from '../../harness/links/fault.ts';
import { type ProcessContext, requireRunning } from './processes.ts';

const STOPPED = 'T';

/**
 * Claims: the process takes and answers nothing, while its connections stay open.
 * Checks: the kernel reports every process of its group as stopped (state T).
 * Could be fooled: by a process that left its group; no service of ours does.
 */
export const pause = defineFault({
  name: 'pause',
  async arm(context: ProcessContext, id: string, _: object) {
    const identity = requireRunning(context, id);
    await context.control.pause(id);
    return { id, identity };
  },
  async landed({ id, identity }) {
    const states = groupStates(identity);
    if (states.length === 0) throw new Error(`${id} (pid ${identity.pid}) has ended`);
    if (states.some((state) => state !== STOPPED)) {
      throw new Error(`${id} (pid ${identity.pid}) is in state ${states.join(', ')}`);
    }
    return `${id} (pid ${identity.pid}) is in state ${states.join(', ')} (stopped)`;
  },
  async lift({ id, identity }, context) {
    if (isRunning(identity)) await context.control.resume(id);
  },
});
