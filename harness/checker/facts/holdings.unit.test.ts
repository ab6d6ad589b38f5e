import { expect, it } from 'vitest';
import { Holdings } from './holdings.ts';

it('finds the most that was held of each thing at once, and what made it up', () => {
  const holdings = new Holdings();
  holdings.note(0, 30, 5, 1);
  holdings.note(1, 10, 100, 2);
  holdings.note(0, 10, 3, 3);
  holdings.note(0, 20, -3, 3);
  holdings.note(0, 15, 1, 4);
  expect(holdings.peak(0)).toEqual({ most: 6, events: [4, 1] });
  expect(holdings.peak(1)).toEqual({ most: 100, events: [2] });
  expect(holdings.peak(7)).toEqual({ most: 0, events: [] });
});

it('takes what is given up first when both come at one time', () => {
  const holdings = new Holdings();
  holdings.note(0, 10, 4, 1);
  holdings.note(0, 20, 4, 2);
  holdings.note(0, 20, -4, 1);
  expect(holdings.peak(0).most).toBe(4);
});

it('adds up amounts beyond 32 bits, at times that no clock shows', () => {
  const holdings = new Holdings();
  const [past, later, future] = [-8.64e15, 1_767_225_600_000.25, 8.64e15 + 2];
  holdings.note(0, future, 2 ** 31, 3);
  holdings.note(0, past, 2 ** 40, 1);
  holdings.note(0, later, 0.5, 2);
  expect(holdings.peak(0)).toEqual({ most: 2 ** 40 + 2 ** 31 + 0.5, events: [1, 2, 3] });
  holdings.note(0, later + 0.25, -(2 ** 40), 1);
  expect(holdings.peak(0)).toEqual({ most: 2 ** 40 + 0.5, events: [1, 2] });
});
