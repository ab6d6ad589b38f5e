import { setTimeout as pause } from 'node:timers/promises';

/** Between two looks. Short enough not to be what a scenario waits for. */
const POLL_INTERVAL_MS = 25;

/**
 * Looks until there is something to see, or fails with the label and the last look.
 *
 * @param label what is waited for, as the end of "gave up waiting for …"
 * @param look answers undefined (or false) while there is nothing to see; may throw, which counts
 *   as nothing yet
 * @param deadlineMs how long to go on
 */
export async function until<T>(
  label: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  deadlineMs = 30_000,
): Promise<T> {
  const end = performance.now() + deadlineMs;
  let last: unknown;
  for (;;) {
    try {
      const seen = await look();
      if (seen !== undefined && seen !== false) return seen;
      last = seen;
    } catch (error) {
      last = error;
    }
    if (performance.now() >= end) {
      const why = last instanceof Error ? `; the last look failed: ${last.message}` : '';
      throw new Error(`gave up waiting for ${label} after ${deadlineMs} ms${why}`, {
        cause: last,
      });
    }
    await pause(POLL_INTERVAL_MS);
  }
}
