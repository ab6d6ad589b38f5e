import { expect, it } from 'vitest';
import { NO_ROW, RowLists } from './row-lists.ts';

const contentOf = (lists: RowLists, list: number): number[][] =>
  [...lists.rowsOf(list)].map((row) => [lists.at(row, 0), lists.at(row, 1)]);

it('keeps lists that grow side by side apart, each in its order', () => {
  const lists = new RowLists(2);
  for (let n = 0; n < 3_000; n++) lists.add(n % 7, n, 2 * n);
  for (let list = 0; list < 7; list++) {
    const due: number[][] = [];
    for (let n = list; n < 3_000; n += 7) due.push([n, 2 * n]);
    expect(contentOf(lists, list)).toEqual(due);
  }
});

it('has the first and the last row of each list', () => {
  const lists = new RowLists(2);
  lists.add(3, 1, 2);
  lists.add(3, 3, 4);
  lists.add(5, 2 ** 40, 0.25);
  expect(lists.at(lists.first(3), 1)).toBe(2);
  expect(lists.at(lists.last(3), 1)).toBe(4);
  expect(lists.next(lists.last(3))).toBe(NO_ROW);
  expect(lists.first(5)).toBe(lists.last(5));
  expect(contentOf(lists, 5)).toEqual([[2 ** 40, 0.25]]);
});

it('has no row of a list that nothing was added to', () => {
  const lists = new RowLists(2);
  lists.add(2, 0, 0);
  for (const list of [0, 1, 3, 1_000]) {
    expect(lists.first(list)).toBe(NO_ROW);
    expect(lists.last(list)).toBe(NO_ROW);
    expect(contentOf(lists, list)).toEqual([]);
  }
});
