import { defineFault } from '../../harness/links/fault.ts';
import { endOf, type ProcessContext, requireRunning, runningProcess } from './processes.ts';

/**
 * Claims: the process ends at once, without a chance to finish or save anything.
 * Checks: the supervisor saw this very process (pid, start time, boot) end by SIGKILL.
 * Could be fooled: by another sender of SIGKILL at the same moment (the kernel, out of memory).
 */
export const kill = defineFault({
  name: 'kill',
  async arm(context: ProcessContext, id: string, _: object) {
    const identity = requireRunning(context, id);
    await context.control.killInstance(id, 'SIGKILL');
    return { id, identity };
  },
  async landed({ id, identity }, context) {
    const end = endOf(context, identity);
    if (!end) throw new Error(`${id} (pid ${identity.pid}) still runs`);
    if (end.signal !== 'SIGKILL') {
      throw new Error(`${id} (pid ${identity.pid}) ended with ${end.signal ?? `code ${end.code}`}`);
    }
    return `${id} (pid ${identity.pid}, started at ${identity.startTime}) ended by SIGKILL at ${end.at}`;
  },
  async lift({ id }, context) {
    if (!runningProcess(context, id)) await context.control.restartInstance(id);
  },
});
