import { setTimeout as pause } from 'node:timers/promises';
import { groupStates, isRunning } from '../../harness/kernel/process-identity.ts';
import { defineFault } from '../../harness/links/fault.ts';
import { firstHit, hitText, type MessageContext } from './at-operation.ts';
import { type AtInstance, holdFor, liftHeld } from './held-instance.ts';
import type { ProcessContext } from './processes.ts';

export interface PauseAt extends AtInstance {
  readonly ms: number;
}

const STOPPED = 'T';

/**
 * Claims: a service is stopped for a time at one operation and goes on as if nothing had
 * happened, with an answer that came long ago.
 * Checks: the wire proxy held this operation, and the kernel reported every process of the service
 * as stopped (state T) at the end of that time.
 * Could be fooled: by a pause that is shorter than every time-out of the others.
 */
export const pauseAt = defineFault({
  name: 'pause-at',
  async arm(context: MessageContext & ProcessContext, link: string, { ms, ...at }: PauseAt) {
    const states: string[] = [];
    const held = await holdFor(context, link, at, async (id) => {
      await context.control.pause(id);
      await pause(ms, undefined, { signal: held.stop.signal }).catch(() => undefined);
      states.push(...groupStates(held.identity));
      await context.control.resume(id);
      return 'forward';
    });
    return { ...held, states, ms };
  },
  async landed(held) {
    await firstHit(held);
    const hit = await held.acted;
    const { states, id, identity, ms } = held;
    if (states.length === 0 || states.some((state) => state !== STOPPED)) {
      throw new Error(`${id} (pid ${identity.pid}) was in state ${states.join(', ')}`);
    }
    const state = states.join(', ');
    return `${id} (pid ${identity.pid}) was in state ${state} for ${ms} ms at ${hitText(hit)}`;
  },
  async lift(held, context) {
    await liftHeld(held);
    if (isRunning(held.identity)) await context.control.resume(held.id);
  },
});
