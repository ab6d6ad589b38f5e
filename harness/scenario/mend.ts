import { deadline, orAborted } from '../kernel/poll.ts';
import type { Stack } from '../testbed/stack.ts';

/** What mending needs of a stack. */
export type Mendable = Pick<Stack, 'control' | 'links'>;

/**
 * Makes a stack whole again for whoever plays next: links are joined, what is paused goes on, what
 * has ended is started. For a scenario that failed or ran out of time while it had taken something
 * away; one that ends well gives back what it took.
 */
export async function mend({ control, links }: Mendable): Promise<void> {
  await links.restoreAll();
  const { resources } = await control.status();
  const named = (state: (typeof resources)[number]['state']) =>
    resources.filter((resource) => resource.state === state).map(({ name }) => name);
  await Promise.all(named('paused').map((name) => control.resume(name)));
  const ended = [...named('exited'), ...named('stopped')];
  await Promise.all(ended.map((name) => control.restartInstance(name)));
}

/** How long a scenario that was given up may take to notice. */
const GIVING_UP_MS = 20_000;

/** A play, and how to clear up after it. */
export interface Performance {
  readonly name: string;
  readonly play: () => Promise<void>;
  /** Whatever became of it. */
  readonly close: () => Promise<void>;
  /** When it failed or ran out of time; undefined where others play beside it. */
  readonly mend: (() => Promise<void>) | undefined;
}

/**
 * Plays. What fails, or is not over by the deadline, is cleared up after before this rejects with
 * the reason; when that fails too, the message says both.
 */
export async function playWithin(deadlineMs: number, performance: Performance): Promise<void> {
  const { name, play, close, mend: clearUp } = performance;
  const playing = play();
  try {
    using limit = deadline(`scenario ${name}`, deadlineMs);
    await orAborted(playing, limit.signal);
    await close();
  } catch (cause) {
    const [closed] = await Promise.allSettled([close()]);
    // Closed, it soon fails at what it waits for, and gives back itself what it can.
    using patience = deadline(`the end of scenario ${name}`, GIVING_UP_MS);
    await Promise.allSettled([orAborted(playing, patience.signal)]);
    const [mended] = await Promise.allSettled([clearUp?.()]);
    const left = [closed, mended].flatMap((done) =>
      done.status === 'rejected' ? [messageOf(done.reason)] : [],
    );
    if (left.length === 0) throw cause;
    throw new Error(`${messageOf(cause)}; and it leaves something behind: ${left.join('; ')}`, {
      cause,
    });
  }
}

export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
