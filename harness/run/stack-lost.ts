import { join } from 'node:path';
import type { Stack } from '../testbed/stack.ts';

/**
 * Aborts when the stack's supervisor goes, with or without its stack: whatever scenarios say after
 * that is no verdict on the system.
 */
export function watchStack(stack: Stack): { readonly lost: AbortSignal } & Disposable {
  const watching = new AbortController();
  const lost = new AbortController();
  const told = async (): Promise<string> => {
    for await (const { resource, phase } of stack.control.events(watching.signal)) {
      if (resource === 'stack' && phase !== 'ready') return `it was ${phase}`;
    }
    return 'its supervisor ended';
  };
  void told()
    .catch(() => 'its supervisor ended')
    .then((why) => {
      if (watching.signal.aborted) return;
      const log = join(stack.runFolder, 'logs', 'supervisor.log');
      lost.abort(new Error(`the system went away while it was asked: ${why}; see ${log}`));
    });
  return { lost: lost.signal, [Symbol.dispose]: () => watching.abort() };
}
