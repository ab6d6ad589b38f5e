import { join } from 'node:path';
import { SagaproofError } from '../kernel/errors.ts';
import { orAborted } from '../kernel/poll.ts';
import type { Stack } from '../testbed/stack.ts';

/** The parts of a stack that the watch uses. */
type Watched = Pick<Stack, 'control' | 'runFolder'>;

/**
 * Aborts when the stack's supervisor exits, with or without its stack: results of scenarios after
 * that are no evidence about the system under test.
 */
export function watchStack(stack: Watched): { readonly lost: AbortSignal } & Disposable {
  const watching = new AbortController();
  const lost = new AbortController();
  const readReason = async (): Promise<string> => {
    for await (const { resource, phase } of stack.control.events(watching.signal)) {
      if (resource === 'stack' && phase !== 'ready') return `it is ${phase}`;
    }
    return SUPERVISOR_ENDED;
  };
  void readReason()
    .catch(() => SUPERVISOR_ENDED)
    .then((why) => {
      if (!watching.signal.aborted) lost.abort(lostError(stack, why));
    });
  return { lost: lost.signal, [Symbol.dispose]: () => watching.abort() };
}

const SUPERVISOR_ENDED = 'supervisor exited';

function lostError({ runFolder }: Watched, why: string): Error {
  const log = join(runFolder, 'logs', 'supervisor.log');
  return new SagaproofError('stack-lost', `the stack terminated unexpectedly: ${why}`, {
    file: log,
    fix: `read ${log}, then run the command again`,
  });
}

/**
 * Runs a task and aborts it if the stack's supervisor exits. Results are discarded if the stack is
 * gone when the task finishes.
 */
export async function withStackWatch<T>(
  stack: Watched,
  signal: AbortSignal,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  using watch = watchStack(stack);
  const stop = AbortSignal.any([signal, watch.lost]);
  const results = await orAborted(ask(stop), stop);
  await stack.control.status().catch(() => {
    throw lostError(stack, SUPERVISOR_ENDED);
  });
  return results;
}
