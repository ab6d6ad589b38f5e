import { setTimeout as pause } from 'node:timers/promises';

/** Between two looks. */
const POLL_INTERVAL_MS = 50;

/**
 * Looks again and again until what is seen will do or the deadline has passed; resolves with what
 * was seen last. A look that fails counts as nothing, unless it is the last one.
 */
export async function poll<T>(
  look: () => Promise<T>,
  enough: (seen: T) => boolean,
  deadlineMs: number,
): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    try {
      const seen = await look();
      if (enough(seen) || performance.now() >= end) return seen;
    } catch (error) {
      if (performance.now() >= end) throw error;
    }
    await pause(POLL_INTERVAL_MS);
  }
}
