import { describe, expect, it } from 'vitest';
import { Slowness, STARVED_FROM } from './slowness.ts';

function slowness(...slowdowns: readonly number[]): Slowness {
  const samples = new Slowness();
  slowdowns.forEach((slowdown, n) => {
    samples.add({ endMs: (n + 1) * 1_000, periodMs: 1_000, slowdown });
  });
  return samples;
}

describe('slowness', () => {
  it('is the mean over a time, with parts of intervals counted as parts', () => {
    expect(slowness(2, 4, 10).within(500, 2_500)).toBe((2 * 500 + 4 * 1_000 + 10 * 500) / 2_000);
  });

  it('is none where nothing was measured', () => {
    expect(slowness(9).within(5_000, 6_000)).toBe(1);
    expect(slowness().starved(0, 1)).toBeUndefined();
  });

  it('starves the machine from a limit on, and is named then', () => {
    expect(slowness(STARVED_FROM - 0.1).starved(0, 1_000)).toBeUndefined();
    expect(slowness(STARVED_FROM).starved(0, 1_000)).toMatch(/starved.*8\.0 times/);
  });

  it('of a moment does not excuse what was slow at another time', () => {
    expect(slowness(30, 1, 1, 1, 1, 1).starved(1_000, 6_000)).toBeUndefined();
  });
});
