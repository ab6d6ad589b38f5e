import { setTimeout as pause } from 'node:timers/promises';

/** Between two looks. */
const POLL_INTERVAL_MS = 50;

/**
 * Looks again and again until what is seen will do or the deadline has passed; resolves with what
 * was seen last. A look that fails, or that does not come back, counts as nothing, unless it is
 * the last one: then it rejects. So it does when the signal aborts.
 */
export async function poll<T>(
  look: () => Promise<T>,
  enough: (seen: T) => boolean,
  deadlineMs: number,
  signal?: AbortSignal,
): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    signal?.throwIfAborted();
    try {
      const seen = await within(look(), end - performance.now());
      if (enough(seen) || performance.now() >= end) return seen;
    } catch (error) {
      if (performance.now() >= end) throw error;
    }
    await pause(POLL_INTERVAL_MS);
  }
}

/** What a look gives, or a rejection when it takes longer than the time that is left. */
export async function within<T>(look: Promise<T>, leftMs: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error('it did not answer before the deadline')),
    Math.max(leftMs, POLL_INTERVAL_MS),
  );
  try {
    return await Promise.race([look, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
