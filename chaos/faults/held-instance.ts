/** What faults share that act on a service while the wire proxy holds one of its operations. */
import type { WireHit, WirePoint, WireRelease } from '../../harness/links/wire-rules.ts';
import {
  type ArmedMessage,
  type AtOperation,
  armAt,
  liftMessage,
  type MessageContext,
} from './at-operation.ts';
import { type ProcessContext, requireRunning } from './processes.ts';

export interface AtInstance extends AtOperation {
  /** Where the operation is when it happens; `answer` by default: the dependency has done it. */
  readonly point?: WirePoint;
  /** Of a service that runs more than once; `<service>-1` by default. */
  readonly instance?: string;
}

export interface HeldInstance extends ArmedMessage {
  readonly id: string;
  readonly identity: ReturnType<typeof requireRunning>;
  /** What was done when the operation was held; rejects if that failed. */
  readonly acted: Promise<WireHit>;
  readonly stop: AbortController;
}

/** Waits for the operation, holds it, acts on the service, and lets go of the operation. */
export async function holdFor(
  context: MessageContext & ProcessContext,
  link: string,
  { instance, point = 'answer', ...at }: AtInstance,
  act: (id: string) => Promise<WireRelease>,
): Promise<HeldInstance> {
  const id = instance ?? `${link.slice(0, link.indexOf('→'))}-1`;
  const identity = requireRunning(context, id);
  const message = await armAt(context, link, at, { point, action: { kind: 'hold' } });
  const stop = new AbortController();
  const acted = (async () => {
    const hit = await message.armed.hit({ signal: stop.signal });
    await message.armed.release(hit, await act(id));
    return hit;
  })();
  // Whether it failed is asked for when the fault is to have landed.
  acted.catch(() => undefined);
  return { ...message, id, identity, acted, stop };
}

/** Lets go of what is held. */
export async function liftHeld(held: HeldInstance): Promise<void> {
  held.stop.abort();
  await held.acted.catch(() => undefined);
  await liftMessage(held);
}
