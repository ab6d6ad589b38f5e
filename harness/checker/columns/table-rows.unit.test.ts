import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TableRows } from './table-rows.ts';

const STATES = ['open', 'closed'] as const;
/** More texts than one packed cell can hold together with the others. */
const MANY = Array.from({ length: 1 << 12 }, (_, at) => `text ${at}`);
const COLUMNS = {
  at: 'number',
  isOpen: 'flag',
  state: STATES,
  first: MANY,
  ms: 'number',
  second: MANY,
  third: MANY,
} as const;

const values = fc.record(
  {
    at: fc.integer(),
    isOpen: fc.boolean(),
    state: fc.constantFrom(...STATES),
    first: fc.constantFrom(...MANY),
    ms: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
    second: fc.constantFrom(...MANY),
    third: fc.constantFrom(...MANY),
  },
  { noNullPrototype: true, requiredKeys: [] },
);

const EMPTY = {
  at: -1,
  isOpen: false,
  state: undefined,
  first: undefined,
  ms: -1,
  second: undefined,
  third: undefined,
};

it('returns the columns that were set last, and changes no other column or row', () => {
  const writes = fc.array(fc.tuple(fc.nat({ max: 3 }), values));
  fc.assert(
    fc.property(writes, (written) => {
      const table = new TableRows(COLUMNS);
      const expected = [EMPTY, EMPTY, EMPTY, EMPTY];
      for (const [row, one] of written) {
        table.set(row, one);
        expected[row] = { ...(expected[row] ?? EMPTY), ...one } as typeof EMPTY;
      }
      for (const [row, one] of expected.entries()) {
        expect(table.get(row)).toStrictEqual(one);
        expect(table.at(row, 'state')).toBe(one.state);
        expect(table.at(row, 'ms')).toBe(one.ms);
      }
    }),
    { seed: 20_260_101 },
  );
});

it('numbers the rows that are added, and reads an unlisted text as undefined', () => {
  const table = new TableRows({ state: STATES as readonly string[], at: 'number' });
  expect(table.add({ state: 'open' })).toBe(0);
  expect(table.add({ state: 'lost', at: 7 })).toBe(1);
  expect(table.count).toBe(2);
  expect([table.get(0), table.get(1)]).toStrictEqual([
    { state: 'open', at: -1 },
    { state: undefined, at: 7 },
  ]);
});
