import { setTimeout as delay } from 'node:timers/promises';

/** First wait between two attempts; it doubles up to the last one. */
const INTERVAL_FIRST_MS = 10;
const INTERVAL_LAST_MS = 100;

export interface UntilOptions {
  readonly signal: AbortSignal;
}

/**
 * Asks again until the answer does not throw. It ends with the signal (a deadline or an abort) and
 * then says what the last attempt said, because that is what whoever reads it has to mend.
 */
export async function until<T>(
  label: string,
  attempt: () => Promise<T> | T,
  options: UntilOptions,
): Promise<T> {
  let intervalMs = INTERVAL_FIRST_MS;
  let lastError: unknown;
  for (;;) {
    if (options.signal.aborted) throw gaveUp(label, options.signal, lastError);
    try {
      return await attempt();
    } catch (error) {
      lastError = error;
    }
    await delay(intervalMs, undefined, { signal: options.signal }).catch(() => undefined);
    intervalMs = Math.min(intervalMs * 2, INTERVAL_LAST_MS);
  }
}

function gaveUp(label: string, signal: AbortSignal, lastError: unknown): Error {
  const last = lastError instanceof Error ? lastError.message || lastError.name : 'no answer yet';
  const reason = signal.reason instanceof Error ? signal.reason.message : 'stopped waiting';
  return new Error(`${label}: ${reason}; last answer: ${last}`, { cause: lastError });
}

/**
 * Settles with the promise, or rejects when the signal aborts first, so that nothing is awaited
 * without an end.
 */
export async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (onAbort) signal.removeEventListener('abort', onAbort);
  }
}

class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

/** A signal that aborts after `timeoutMs` or with `parent`; the reason names what took too long. */
export function deadline(
  label: string,
  timeoutMs: number,
  parent?: AbortSignal,
): { readonly signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new DeadlineError(`${label} took longer than ${timeoutMs} ms`)),
    timeoutMs,
  );
  const signal = parent ? AbortSignal.any([controller.signal, parent]) : controller.signal;
  return { signal, [Symbol.dispose]: () => clearTimeout(timer) };
}
