import { describe, expect, it } from 'vitest';
import { shrink } from './shrink.ts';

const ITEMS = ['a', 'b', 'c', 'd', 'e'];
const failsWith =
  (...needed: readonly string[]) =>
  (part: readonly string[]) =>
    Promise.resolve(needed.every((item) => part.includes(item)));

describe('a failing schedule', () => {
  it.each([[['c']], [['a', 'e']], [['b', 'c', 'd']], [ITEMS]])(
    'is reduced to %j',
    async (needed) => {
      expect(await shrink(ITEMS, failsWith(...needed), 100)).toEqual(needed);
    },
  );

  it('stays as it is when no part of it fails', async () => {
    expect(await shrink(ITEMS, () => Promise.resolve(false), 100)).toEqual(ITEMS);
  });

  it('is played no more often than allowed', async () => {
    let plays = 0;
    const fails = (part: readonly string[]) => {
      plays += 1;
      return failsWith('a', 'e')(part);
    };
    const result = await shrink(ITEMS, fails, 3);
    expect(plays).toBe(3);
    expect(result).toEqual(expect.arrayContaining(['a', 'e']));
  });
});
