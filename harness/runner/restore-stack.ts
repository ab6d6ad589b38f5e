import type { Stack } from '../testbed/stack.ts';

/** What restoring needs of a stack. */
export type RestorableStack = Pick<Stack, 'control' | 'links'>;

/**
 * Undoes what a failed exclusive scenario left behind, so that the next one fails for its own
 * faults only: restores links, resumes paused processes, and starts those that have ended.
 */
export async function restoreStack({ control, links }: RestorableStack): Promise<void> {
  await links.restoreAll();
  const { resources } = await control.status();
  const named = (state: (typeof resources)[number]['state']) =>
    resources.filter((resource) => resource.state === state).map(({ name }) => name);
  await Promise.all(named('paused').map((name) => control.resume(name)));
  const ended = [...named('exited'), ...named('stopped')];
  await Promise.all(ended.map((name) => control.restartInstance(name)));
}
