import { describe, expect, it } from 'vitest';
import { enumerateCells, enumeratePairs } from './enumerate.ts';
import { FACTS } from './facts.ts';
import { filterCells, mixedSample, sampleCells } from './select.ts';

const cells = enumerateCells(FACTS);

describe('filterCells', () => {
  it('keeps what matches all globs', () => {
    const chosen = filterCells(cells, { step: 'undo-*', fault: 'kill', service: 'payment' });
    expect(chosen.length).toBeGreaterThan(0);
    for (const { step, fault, participant } of chosen) {
      expect([step.slice(0, 5), fault, participant]).toEqual(['undo-', 'kill', 'payment']);
    }
  });

  it('suggests the nearest name for a glob that matches nothing', () => {
    expect(() => filterCells(cells, { fault: 'kil' })).toThrow(
      expect.objectContaining({ code: 'unknown-name', fix: 'did you mean kill?' }),
    );
  });
});

describe('sampleCells', () => {
  it('has the size that is asked for, without repetition, and all services', () => {
    const sample = sampleCells(cells, 40, 'a');
    expect(new Set(sample.map(({ id }) => id)).size).toBe(40);
    const services = new Set(cells.map(({ participant }) => participant));
    expect(new Set(sample.map(({ participant }) => participant))).toEqual(services);
    expect(new Set(sample.map(({ fault }) => fault)).size).toBeGreaterThan(5);
  });

  it('is the same for a seed and another one for another', () => {
    const ids = (seed: string) => sampleCells(cells, 30, seed).map(({ id }) => id);
    expect(ids('a')).toEqual(ids('a'));
    expect(ids('a')).not.toEqual(ids('b'));
  });

  it('is everything when everything is asked for', () => {
    expect(sampleCells(cells, 5_000, 'a')).toHaveLength(cells.length);
  });
});

describe('mixedSample', () => {
  const pairs = enumeratePairs(cells, FACTS);
  const sample = (subjects: readonly string[]) =>
    mixedSample(cells, pairs, { size: 40, seed: 'a', subjects: new Set(subjects) });

  it('has single faults and pairs', () => {
    const chosen = sample([]);
    expect(new Set(chosen.map(({ id }) => id)).size).toBe(40);
    expect(chosen.filter(({ second }) => second !== undefined)).toHaveLength(6);
  });

  it('is mostly about the services under test', () => {
    const own = sample(['payment']).filter(({ participant }) => participant === 'payment');
    expect(own.length).toBeGreaterThan(25);
    expect(own.length).toBeLessThan(40);
  });
});
