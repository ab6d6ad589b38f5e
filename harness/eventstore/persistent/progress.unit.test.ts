import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProgressTracker } from './progress.ts';

describe('the progress of a group', () => {
  it('begins where the group began', () => {
    expect(new ProgressTracker(41n).current()).toEqual({ position: 41n, count: 0 });
  });

  it('stays before the first message that is not processed', () => {
    const progress = new ProgressTracker(-1n);
    const [first, second, third] = [0n, 1n, 2n].map((position) => progress.read(position));
    progress.processed(second as number);
    progress.processed(third as number);
    expect(progress.current().position).toBe(-1n);
    progress.processed(first as number);
    expect(progress.current()).toEqual({ position: 2n, count: 3 });
  });

  it('goes over events that the filter leaves out, but not past a message before them', () => {
    const progress = new ProgressTracker(0n);
    progress.skip(10n);
    expect(progress.current().position).toBe(10n);
    const number = progress.read(20n);
    progress.skip(30n);
    expect(progress.current().position).toBe(10n);
    progress.processed(number);
    expect(progress.current().position).toBe(30n);
  });

  it('is never ahead of a message that is not processed, in whatever order they are', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30), { maxLength: 60 }), (order) => {
        const progress = new ProgressTracker(-1n);
        const numbers = Array.from({ length: 31 }, (_, n) => progress.read(BigInt(n)));
        const processed = new Set<number>();
        for (const index of order) {
          progress.processed(numbers[index] as number);
          processed.add(index);
          const { position } = progress.current();
          for (let n = 0n; n <= position; n++) expect(processed.has(Number(n))).toBe(true);
          expect(processed.has(Number(position) + 1)).toBe(false);
        }
      }),
    );
  });
});
