import { describe, expect, it } from 'vitest';
import { Random, seedNumber } from './random.ts';

const DRAWS = 200;
const draws = (random: Random) => Array.from({ length: DRAWS }, () => random.integer(0, 1_000_000));
const HUNDRED = Array.from({ length: 100 }, (_, index) => index);

describe('the choices of a scenario', () => {
  it('are the same for the same seed, and others for another', () => {
    expect(draws(new Random('5f3c1a', 'happy-path'))).toEqual(
      draws(new Random('5f3c1a', 'happy-path')),
    );
    expect(draws(new Random('5f3c1b', 'happy-path'))).not.toEqual(
      draws(new Random('5f3c1a', 'happy-path')),
    );
  });

  it('do not depend on which other scenarios are played', () => {
    const alone = draws(new Random('seed', 'b'));
    draws(new Random('seed', 'a'));
    expect(draws(new Random('seed', 'b'))).toEqual(alone);
    expect(draws(new Random('seed', 'a'))).not.toEqual(alone);
  });

  it('tell a seed from the scenario that follows it', () => {
    expect(seedNumber('ab', 'c')).not.toBe(seedNumber('a', 'bc'));
  });

  it('reach both ends of a range and nothing beyond', () => {
    const random = new Random('seed', 'x');
    const seen = new Set(Array.from({ length: DRAWS }, () => random.integer(2, 4)));
    expect([...seen].sort()).toEqual([2, 3, 4]);
  });

  it('pick every one of a few', () => {
    const random = new Random('seed', 'x');
    const seen = new Set(Array.from({ length: DRAWS }, () => random.pick(['a', 'b', 'c'])));
    expect([...seen].sort()).toEqual(['a', 'b', 'c']);
    expect(() => random.pick([])).toThrow(/nothing to pick from/);
  });

  it('shuffle without losing any or touching what was given', () => {
    const shuffled = new Random('seed', 'x').shuffled(HUNDRED);
    expect(shuffled).not.toEqual(HUNDRED);
    expect(shuffled.toSorted((a, b) => a - b)).toEqual(HUNDRED);
    expect(new Random('seed', 'x').shuffled(HUNDRED)).toEqual(shuffled);
  });
});
