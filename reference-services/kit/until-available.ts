import pRetry, { AbortError } from 'p-retry';
import type { Logger } from 'pino';
import { errorCodeOf, isRetryable } from './errors.ts';

const DELAY_MS_MIN = 100;
const DELAY_MS_MAX = 2_000;

/**
 * Waits for a dependency at start: tries until it answers, or until the drain starts. A service
 * that comes up before its dependencies is not ready yet; it is not broken.
 *
 * @param what the dependency, as a log line names it
 */
export function untilAvailable<T>(
  options: { readonly what: string; readonly log: Logger; readonly signal?: AbortSignal },
  attempt: () => Promise<T>,
): Promise<T> {
  const attemptOrGiveUp = async () => {
    try {
      return await attempt();
    } catch (error) {
      // An error without a code is a bug, which waiting does not fix.
      if (errorCodeOf(error) !== undefined && isRetryable(error)) throw error;
      throw new AbortError(error instanceof Error ? error : String(error));
    }
  };
  return pRetry(attemptOrGiveUp, {
    retries: Number.POSITIVE_INFINITY,
    minTimeout: DELAY_MS_MIN,
    maxTimeout: DELAY_MS_MAX,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    onFailedAttempt: ({ error, attemptNumber }) => {
      options.log.warn({ err: error, attempt: attemptNumber }, `waiting for ${options.what}`);
    },
  });
}
