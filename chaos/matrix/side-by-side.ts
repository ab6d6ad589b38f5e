/** Work that disturbs something, and what: the same is disturbed by one at a time. */
export interface Disturbing {
  /** Undefined: it disturbs nothing. */
  readonly disturbs: string | undefined;
  readonly run: () => Promise<void>;
}

export interface SideBySideOptions {
  readonly concurrency: number;
  readonly signal: AbortSignal;
  /** Nothing more begins once this is false; what runs goes on to its end. */
  readonly hasTime: () => boolean;
}

/**
 * Runs all of it, in order where the concurrency and what is disturbed allow.
 *
 * @throws the first failure, or the signal's reason
 */
export async function sideBySide(
  work: readonly Disturbing[],
  { concurrency, signal, hasTime }: SideBySideOptions,
): Promise<void> {
  const waiting = [...work];
  const running = new Map<Promise<void>, string | undefined>();
  for (;;) {
    signal.throwIfAborted();
    if (!hasTime()) waiting.length = 0;
    const busy = new Set([...running.values()].filter((name) => name !== undefined));
    const next = running.size < concurrency ? indexOfFree(waiting, busy) : -1;
    const [task] = next === -1 ? [] : waiting.splice(next, 1);
    if (task === undefined) {
      if (running.size === 0) return;
      await Promise.race(running.keys());
      continue;
    }
    const run = task.run().finally(() => running.delete(run));
    // The race reports it, unless another failure ends the race before.
    run.catch(() => undefined);
    running.set(run, task.disturbs);
  }
}

const indexOfFree = (waiting: readonly Disturbing[], busy: ReadonlySet<string>): number =>
  waiting.findIndex(({ disturbs }) => disturbs === undefined || !busy.has(disturbs));
