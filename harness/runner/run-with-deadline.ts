import { deadline, orAborted } from '../kernel/poll.ts';

/** How long a scenario that was given up may take to stop. */
const GIVE_UP_MS = 20_000;

/** One play of a scenario, and how to release what it holds. */
export interface ScenarioRun {
  readonly name: string;
  readonly deadlineMs: number;
  /** @param signal aborts at the deadline, or when it crashes */
  readonly play: (signal: AbortSignal) => Promise<void>;
  /** Closes clients; called once, whether the play passed or failed. */
  readonly close: () => Promise<void>;
  /** Rejects on an error that the play does not await. */
  readonly crashed?: Promise<never>;
}

/**
 * Plays a scenario up to its deadline. A failed play is closed and then awaited for a while, so
 * that its `finally` blocks give back what they took.
 *
 * @returns why it failed, if it did, and whether its code has ended
 */
export async function runWithDeadline(
  run: ScenarioRun,
): Promise<{ readonly failure?: unknown; readonly isOver: boolean }> {
  using limit = deadline(`scenario ${run.name}`, run.deadlineMs);
  const failed = new AbortController();
  const signal = AbortSignal.any([limit.signal, failed.signal]);
  const playing = (async () => run.play(signal))();
  // Without this, a crash after the play would be an unhandled rejection itself.
  run.crashed?.catch(() => undefined);
  try {
    await orAborted(run.crashed ? Promise.race([playing, run.crashed]) : playing, limit.signal);
  } catch (cause) {
    failed.abort(cause);
    const [closed] = await Promise.allSettled([run.close()]);
    // With its clients closed, it soon fails at what it waits for.
    const isOver = await isSettledWithin(playing, GIVE_UP_MS);
    return { failure: withFailedClose(cause, closed), isOver };
  }
  try {
    await run.close();
    return { isOver: true };
  } catch (failure) {
    return { failure, isOver: true };
  }
}

async function isSettledWithin(playing: Promise<void>, timeoutMs: number): Promise<boolean> {
  using patience = deadline('the end of the play', timeoutMs);
  await Promise.allSettled([orAborted(playing, patience.signal)]);
  return !patience.signal.aborted;
}

function withFailedClose(cause: unknown, closed: PromiseSettledResult<void>): unknown {
  if (closed.status === 'fulfilled') return cause;
  const message = `${messageOf(cause)}; closing its clients failed: ${messageOf(closed.reason)}`;
  return new Error(message, { cause });
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
