import { describe, expect, it } from 'vitest';
import { median, millis, percentile } from './stats.ts';

const HUNDRED = Array.from({ length: 100 }, (_, index) => 100 - index);

describe('percentile', () => {
  it('takes the nearest rank, whatever the order of the values', () => {
    expect(percentile(HUNDRED, 0.5)).toBe(50);
    expect(percentile(HUNDRED, 0.99)).toBe(99);
    expect(percentile(HUNDRED, 1)).toBe(100);
  });

  it('is the only value there is', () => {
    expect(percentile([7], 0.99)).toBe(7);
    expect(median([7])).toBe(7);
  });

  it('refuses to judge nothing', () => {
    expect(() => percentile([], 0.5)).toThrow('nothing was measured');
  });
});

describe('millis', () => {
  it('shows no more digits than mean something', () => {
    expect([0.0421, 1.234, 45.67, 1234.5].map(millis)).toEqual([
      '0.042 ms',
      '1.23 ms',
      '45.7 ms',
      '1235 ms',
    ]);
  });
});
