import { AsyncLocalStorage } from 'node:async_hooks';

interface Budget {
  readonly endsAtMs: number;
  readonly signal: AbortSignal | undefined;
}

const budgets = new AsyncLocalStorage<Budget>();

/**
 * Runs `work` with a budget of time that every call made within inherits: none of them waits
 * longer than what is left. An inner budget can only be shorter than the outer one.
 *
 * @param signal aborted when the caller no longer waits for the answer
 */
export function withDeadline<T>(
  timeoutMs: number,
  signal: AbortSignal | undefined,
  work: () => T,
): T {
  const endsAtMs = performance.now() + remainingMs(timeoutMs);
  return budgets.run({ endsAtMs, signal: signal ?? budgets.getStore()?.signal }, work);
}

/**
 * Runs `work` with a budget of its own, whatever is left of the one that is in force: for what has
 * to be put right after the caller's time is up.
 */
export function withFreshDeadline<T>(timeoutMs: number, work: () => T): T {
  return budgets.run({ endsAtMs: performance.now() + timeoutMs, signal: undefined }, work);
}

/** What is left of the budget that is in force here, and never more than `limitMs`. */
export function remainingMs(limitMs: number): number {
  const budget = budgets.getStore();
  if (budget === undefined) return limitMs;
  return Math.max(0, Math.min(limitMs, budget.endsAtMs - performance.now()));
}

/** Aborted when the caller of this work is gone; undefined when there is no such signal. */
export function callerSignal(): AbortSignal | undefined {
  return budgets.getStore()?.signal;
}
