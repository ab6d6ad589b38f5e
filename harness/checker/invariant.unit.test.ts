import { describe, expect, it } from 'vitest';
import { INVARIANTS } from '../invariants/all.ts';
import { defineInvariant } from './invariant.ts';

const define = (name: string) =>
  defineInvariant({
    name,
    promise: 'Nothing.',
    needs: [],
    reads: [],
    start: () => ({
      observe: () => undefined,
      finish: () => ({ looked: 0, found: 0, violations: [] }),
    }),
  });

describe('defineInvariant', () => {
  it('gives back the invariant, which cannot be changed any more', () => {
    const invariant = define('stock-never-negative');
    expect(invariant.name).toBe('stock-never-negative');
    expect(Object.isFrozen(invariant)).toBe(true);
  });

  it.each(['StockNeverNegative', 'stock never negative', '', '-stock'])(
    'refuses the name %j, which is not kebab-case',
    (name) => {
      expect(() => define(name)).toThrow(TypeError);
    },
  );
});

describe('the invariants', () => {
  it('have names of their own', () => {
    const names = INVARIANTS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('state their promise in one sentence', () => {
    for (const { promise } of INVARIANTS) expect(promise).toMatch(/^[A-Z].+\.$/);
  });
});
