import { defineFault } from '../../harness/links/fault.ts';
import { firstHit, hitText, type MessageContext } from './at-operation.ts';
import { type AtInstance, holdFor, liftHeld } from './held-instance.ts';
import { endOf, type ProcessContext, runningProcess } from './processes.ts';

/**
 * Claims: a service is killed at one operation, and no byte of what was held reaches it or, at the
 * point `request`, the dependency.
 * Checks: the wire proxy held this operation, and the supervisor saw this very process (pid, start
 * time, boot) end by SIGKILL.
 * Could be fooled: by another instance of the service that sent the operation.
 */
export const killAt = defineFault({
  name: 'kill-at',
  arm: (context: MessageContext & ProcessContext, link: string, options: AtInstance) =>
    holdFor(context, link, options, async (id) => {
      await context.control.killInstance(id, 'SIGKILL');
      return 'cut';
    }),
  async landed(held, context) {
    await firstHit(held);
    const hit = await held.acted;
    const end = endOf(context, held.identity);
    if (end?.signal !== 'SIGKILL') throw new Error(`${held.id} has not ended by SIGKILL`);
    return `${held.id} (pid ${held.identity.pid}) ended by SIGKILL at ${hitText(hit)}`;
  },
  async lift(held, context) {
    await liftHeld(held);
    if (!runningProcess(context, held.id)) await context.control.restartInstance(held.id);
  },
});
