/** The value that a share of the values does not exceed, by the nearest-rank method. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  const value = sorted[rank - 1];
  if (value === undefined) throw new Error('nothing was measured');
  return value;
}

export const median = (values: readonly number[]): number => percentile(values, 0.5);

export const seconds = (timeMs: number): string => `${(timeMs / 1_000).toFixed(1)} s`;

/** Milliseconds with as many digits as mean something. */
export const millis = (timeMs: number): string =>
  `${timeMs.toFixed(timeMs < 1 ? 3 : timeMs < 10 ? 2 : timeMs < 100 ? 1 : 0)} ms`;

export const times = (ratio: number): string => `${ratio.toFixed(2)}×`;
