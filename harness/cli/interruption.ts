import { SagaproofError } from '../kernel/errors.ts';
/** Aborts on the first Ctrl-C, SIGTERM or SIGHUP; a second signal ends the process at once. */
export function interruption(): { readonly signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  const onSignal = (name: NodeJS.Signals) =>
    controller.abort(new SagaproofError('interrupted', `interrupted by ${name}`));
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of names) process.once(name, onSignal);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      for (const name of names) process.removeListener(name, onSignal);
    },
  };
}
