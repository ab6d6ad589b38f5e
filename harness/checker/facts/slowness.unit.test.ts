import { describe, expect, it } from 'vitest';
import { SHARE_MAX, SLOW_FROM, Slowness } from './slowness.ts';

/** One sample a second, each as slowdown and share. */
function slowness(...seconds: ReadonlyArray<readonly [slowdown: number, share: number]>): Slowness {
  const samples = new Slowness();
  seconds.forEach(([slowdown, share], n) => {
    samples.add({ endMs: (n + 1) * 1_000, periodMs: 1_000, slowdown, share });
  });
  return samples;
}

describe('a machine', () => {
  it('is starved when work was slow and other programs had the CPUs', () => {
    expect(slowness([SLOW_FROM, SHARE_MAX]).starved(0, 1_000)).toBe(
      'the machine was starved: work took 8.0 times its CPU time, ' +
        'and other programs had 40 % of the CPUs',
    );
  });

  it('is not starved by the stack itself, however slow that made the work', () => {
    expect(slowness([14, SHARE_MAX + 0.01]).starved(0, 1_000)).toBeUndefined();
  });

  it('is not starved as long as work is done in time', () => {
    expect(slowness([SLOW_FROM - 0.1, 0.1]).starved(0, 1_000)).toBeUndefined();
  });

  it('is judged by the mean over a time, with parts of intervals counted as parts', () => {
    const samples = slowness([2, 0.2], [4, 0.2], [10, 0.2], [20, 0.2]);
    expect(samples.starved(0, 3_000)).toBeUndefined();
    expect(samples.starved(2_500, 4_000)).toContain('work took 16.7 times its CPU time');
  });

  it('is not starved where nothing was measured', () => {
    expect(slowness([30, 0.1]).starved(5_000, 6_000)).toBeUndefined();
    expect(slowness().starved(0, 1)).toBeUndefined();
  });
});
