import { expect, it } from 'vitest';
import { NumberRows } from './number-rows.ts';

it('keeps very many rows of numbers', () => {
  const rows = new NumberRows(3);
  for (let n = 0; n < 5_000; n++) {
    expect(rows.add()).toBe(n);
    expect([rows.at(n, 0), rows.at(n, 1), rows.at(n, 2)]).toEqual([0, 0, 0]);
    for (const column of [0, 1, 2]) rows.set(n, column, n * 10 + column);
  }
  expect(rows.count).toBe(5_000);
  for (let n = 0; n < 5_000; n++) {
    expect([rows.at(n, 0), rows.at(n, 1), rows.at(n, 2)]).toEqual([n * 10, n * 10 + 1, n * 10 + 2]);
  }
});

it('fills new rows with the initial value, up to the requested row', () => {
  const rows = new NumberRows(2, -1);
  rows.reach(200);
  rows.reach(3);
  expect(rows.count).toBe(201);
  rows.set(200, 1, 7);
  expect([rows.at(0, 0), rows.at(150, 1), rows.at(200, 0), rows.at(200, 1)]).toEqual([
    -1, -1, -1, 7,
  ]);
});

/** What a hostile history can have where a number is due. */
const HOSTILE = [
  2 ** 30,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 53 + 2,
  Number.MAX_VALUE,
  -1,
  -(2 ** 30),
  -(2 ** 30) - 1,
  -(2 ** 31),
  -(2 ** 31) - 1,
  -1e300,
  0.5,
  1_767_225_600_023.75,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  '7',
  null,
  undefined,
  true,
] as readonly number[];

it('gives back what it was given, whatever that is', () => {
  const rows = new NumberRows(1);
  for (const [row, value] of HOSTILE.entries()) {
    rows.add();
    rows.set(row, 0, value);
  }
  expect(HOSTILE.map((_, row) => rows.at(row, 0))).toEqual(HOSTILE);
});

it('forgets a number when another one takes its place', () => {
  const rows = new NumberRows(2);
  rows.add();
  for (const value of [...HOSTILE, 3, ...HOSTILE.toReversed(), 4]) {
    rows.set(0, 0, value);
    expect(rows.at(0, 0)).toBe(value);
    expect(rows.at(0, 1)).toBe(0);
  }
});
