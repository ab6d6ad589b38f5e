import { describe, expect, it } from 'vitest';
import { enumerateCells } from './enumerate.ts';
import { FACTS } from './facts.ts';
import { drawSchedules, faultsOfSchedule, scheduleOf, schedulesById } from './schedules.ts';

const CELLS = enumerateCells(FACTS);
const draw = (seed: string) => drawSchedules(CELLS, { seed, count: 200, faultsMax: 5 });

describe('schedules of a hunt', () => {
  it('are the same for one seed, and others for another', () => {
    const ids = (seed: string) => draw(seed).map(({ id }) => id);
    expect(ids('a')).toEqual(ids('a'));
    expect(ids('a')).not.toEqual(ids('b'));
  });

  it('have one to five faults of one saga, none twice', () => {
    const sizes = new Set<number>();
    for (const schedule of draw('a')) {
      const faults = faultsOfSchedule(schedule);
      sizes.add(faults.length);
      expect(new Set(faults.map(({ saga }) => saga)).size).toBe(1);
      expect(new Set(faults.map(({ id }) => id)).size).toBe(faults.length);
    }
    expect([...sizes].sort()).toEqual([1, 2, 3, 4, 5]);
  });

  it('leave kinds of faults out, others each time', () => {
    const kinds = draw('a').map((one) => new Set(faultsOfSchedule(one).map(({ fault }) => fault)));
    expect(kinds.some((of) => of.has('kill') && !of.has('duplicate'))).toBe(true);
    expect(kinds.some((of) => of.has('duplicate') && !of.has('kill'))).toBe(true);
    expect(kinds.some((of) => of.has('time-out'))).toBe(false);
  });

  it('are found again by their ids', () => {
    const [schedule] = draw('a').filter(({ others }) => others?.length === 4);
    expect(schedulesById([schedule?.id ?? ''], CELLS)).toEqual([schedule]);
    expect(() => schedulesById(['no/such/cell'], CELLS)).toThrow(
      'the matrix has no cell no/such/cell',
    );
  });

  it('can be taken apart and put together', () => {
    const faults = CELLS.slice(0, 3);
    expect(faultsOfSchedule(scheduleOf(faults))).toEqual(faults);
  });
});
