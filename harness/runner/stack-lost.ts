import { join } from 'node:path';
import { orAborted } from '../kernel/poll.ts';
import type { Stack } from '../testbed/stack.ts';

/** What watching needs of a stack. */
type Watched = Pick<Stack, 'control' | 'runFolder'>;

/**
 * Aborts when the stack's supervisor goes, with or without its stack: whatever scenarios say after
 * that is no verdict on the system.
 */
export function watchStack(stack: Watched): { readonly lost: AbortSignal } & Disposable {
  const watching = new AbortController();
  const lost = new AbortController();
  const told = async (): Promise<string> => {
    for await (const { resource, phase } of stack.control.events(watching.signal)) {
      if (resource === 'stack' && phase !== 'ready') return `it was ${phase}`;
    }
    return SUPERVISOR_ENDED;
  };
  void told()
    .catch(() => SUPERVISOR_ENDED)
    .then((why) => {
      if (!watching.signal.aborted) lost.abort(lostError(stack, why));
    });
  return { lost: lost.signal, [Symbol.dispose]: () => watching.abort() };
}

const SUPERVISOR_ENDED = 'its supervisor ended';

function lostError({ runFolder }: Watched, why: string): Error {
  const log = join(runFolder, 'logs', 'supervisor.log');
  return new Error(`the system went away while it was asked: ${why}; see ${log}`);
}

/**
 * Asks a stack, and gives up at once when it goes away or nobody wants the answer any more. Answers
 * of a stack that is gone when they are all there are not given: they are about nothing.
 */
export async function whileThere<T>(
  stack: Watched,
  signal: AbortSignal,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  using watch = watchStack(stack);
  const stop = AbortSignal.any([signal, watch.lost]);
  const answers = await orAborted(ask(stop), stop);
  await stack.control.status().catch(() => {
    throw lostError(stack, SUPERVISOR_ENDED);
  });
  return answers;
}
