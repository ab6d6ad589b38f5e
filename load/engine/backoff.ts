/** How long a client that was lost waits before it comes back. */

const FIRST_MS = 100;
const LONGEST_MS = 5_000;

export interface Backoff {
  /** Any time up to a bound that doubles (full jitter): a storm of clients spreads by itself. */
  next(): number;
  reset(): void;
}

/** @param random from 0 up to 1 */
export function newBackoff(random: () => number): Backoff {
  let boundMs = FIRST_MS;
  return {
    next() {
      const waitMs = random() * boundMs;
      boundMs = Math.min(LONGEST_MS, boundMs * 2);
      return waitMs;
    },
    reset() {
      boundMs = FIRST_MS;
    },
  };
}
