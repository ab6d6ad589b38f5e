import type { Acquirer } from '../ports.ts';

/** Attempts that a token can ask to fail: `tok_slow_3_...`. */
const SLOW = /^tok_slow_(\d{1,3})_/;
const DECLINED = /^tok_declined_/;

/**
 * The acquirer's sandbox. Like those of real acquirers it reads what shall happen from the card
 * token, and agrees to everything else:
 *
 * - `tok_declined_...` is declined when it is authorised;
 * - `tok_slow_<n>_...` cannot be captured on its first n attempts.
 */
export function sandboxAcquirer(): Acquirer {
  return {
    authorize: async (_orderId, cardToken) => (DECLINED.test(cardToken) ? 'declined' : 'ok'),
    capture: async ({ cardToken, attempt }) => {
      const failing = Number(SLOW.exec(cardToken)?.[1] ?? 0);
      return attempt <= failing ? 'unavailable' : 'ok';
    },
  };
}
