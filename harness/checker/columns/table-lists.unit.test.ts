import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TableLists } from './table-lists.ts';

const KINDS = ['asked', 'answered'] as const;

it('gives back the rows of each list as they were added, in their order', () => {
  const row = fc.record(
    { kind: fc.constantFrom(...KINDS), at: fc.nat() },
    { noNullPrototype: true },
  );
  const added = fc.array(fc.tuple(fc.nat({ max: 5 }), row));
  fc.assert(
    fc.property(added, (rows) => {
      const table = new TableLists({ kind: KINDS, at: 'number' });
      for (const [list, one] of rows) table.add(list, one);
      for (let list = 0; list <= 5; list++) {
        const expected = rows.filter(([of]) => of === list).map(([, one]) => one);
        expect(table.rowsOf(list)).toStrictEqual(expected);
      }
    }),
    { seed: 20_260_101 },
  );
});

it('has no rows in a list that was never added to', () => {
  expect(new TableLists({ at: 'number' }).rowsOf(7)).toStrictEqual([]);
});
