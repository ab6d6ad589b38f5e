/** All waiting: with a label, and with a deadline or a signal. */
import { setTimeout as delay } from 'node:timers/promises';

/** First wait between two attempts; it doubles up to the last one. */
const INTERVAL_FIRST_MS = 10;
const INTERVAL_LAST_MS = 100;
/** Between two looks of a scenario: short, so that scenarios do not wait for it. */
const LOOK_INTERVAL_MS = 25;
const LOOK_DEADLINE_MS = 30_000;

interface RetryOptions {
  /** A deadline or an abort. */
  readonly signal: AbortSignal;
  readonly intervalMsMax?: number;
}

/**
 * Retries until an attempt does not throw. An attempt that does not return ends with the signal.
 *
 * @param label what is waited for: `kafka answers`
 * @throws when the signal aborts, with the label, its reason and the last failure as the cause
 */
export async function retry<T>(
  label: string,
  attempt: () => Promise<T> | T,
  { signal, intervalMsMax = INTERVAL_LAST_MS }: RetryOptions,
): Promise<T> {
  let intervalMs = INTERVAL_FIRST_MS;
  let lastError: unknown;
  for (;;) {
    if (signal.aborted) throw gaveUp(label, signal, lastError);
    try {
      return await orAborted((async () => attempt())(), signal);
    } catch (error) {
      if (!signal.aborted || error !== signal.reason) lastError = error;
    }
    await delay(intervalMs, undefined, { signal }).catch(() => undefined);
    intervalMs = Math.min(intervalMs * 2, intervalMsMax);
  }
}

/**
 * Looks until there is something to see.
 *
 * @param label what is waited for, as the end of "gave up waiting for …"
 * @param look returns undefined or false as long as there is nothing to see; throwing counts as
 *   nothing yet
 * @throws at the deadline, with the label and the last failure as the cause
 */
export async function until<T>(
  label: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  deadlineMs: number = LOOK_DEADLINE_MS,
  parent?: AbortSignal,
): Promise<T> {
  using limit = deadline(`waiting for ${label}`, deadlineMs, parent);
  const attempt = async (): Promise<T> => {
    const seen = await look();
    if (seen === undefined || seen === false) throw new NothingYet();
    return seen;
  };
  const options = { signal: limit.signal, intervalMsMax: LOOK_INTERVAL_MS };
  try {
    return await retry(label, attempt, options);
  } catch (error) {
    parent?.throwIfAborted();
    const { cause } = error as Error;
    const why = cause instanceof NothingYet || !(cause instanceof Error) ? '' : cause.message;
    const last = why === '' ? '' : `; the last look failed: ${why}`;
    throw new TimeoutError(`gave up waiting for ${label} after ${deadlineMs} ms${last}`, { cause });
  }
}

class NothingYet extends Error {}

function gaveUp(label: string, signal: AbortSignal, lastError: unknown): Error {
  const last = lastError instanceof Error ? lastError.message || lastError.name : 'no answer yet';
  const reason = signal.reason instanceof Error ? signal.reason.message : 'stopped waiting';
  return new Error(`${label}: ${reason}; last answer: ${last}`, { cause: lastError });
}

/** Settles with the promise, or rejects with the signal's reason if it aborts first. */
export async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  // Both may reject, and only one of them is reported.
  promise.catch(() => undefined);
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

/** Settles with the promise, or rejects if it takes longer. */
export async function within<T>(label: string, timeoutMs: number, promise: Promise<T>): Promise<T> {
  using limit = deadline(label, timeoutMs);
  return await orAborted(promise, limit.signal);
}

/** Something took longer than it may: nothing else is known to be wrong. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
}

/** Whether a deadline that passed is what failed: also if cleaning up failed after it. */
export function isTimeout(error: unknown): boolean {
  if (error instanceof SuppressedError) return isTimeout(error.suppressed);
  if (!(error instanceof Error)) return false;
  return error.name === 'TimeoutError' || isTimeout(error.cause);
}

/** A signal that aborts after `timeoutMs` or with `parent`; the reason names what took too long. */
export function deadline(
  label: string,
  timeoutMs: number,
  parent?: AbortSignal,
): { readonly signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new TimeoutError(`${label} took longer than ${timeoutMs} ms`)),
    timeoutMs,
  );
  const signal = parent ? AbortSignal.any([controller.signal, parent]) : controller.signal;
  return { signal, [Symbol.dispose]: () => clearTimeout(timer) };
}
