import { expect, it } from 'vitest';
import { fingerprint } from './fingerprint.ts';
import { IdTable } from './id-table.ts';

it('remembers where each of very many ids was seen first', () => {
  const table = new IdTable();
  for (let n = 0; n < 50_000; n++) expect(table.note(`id-${n}`, n, n % 7)).toBeUndefined();
  expect(table.note('id-777', 99_999, 1)).toEqual({ index: 777, fingerprint: 0 });
  expect(table.has('id-49999')).toBe(true);
  expect(table.has('id-50000')).toBe(false);
});

it('keeps a negative fingerprint and index 0', () => {
  const table = new IdTable();
  table.note('a', 0, -5);
  expect(table.note('a', 9, 9)).toEqual({ index: 0, fingerprint: -5 });
});

it('tells which ids were never matched', () => {
  const table = new IdTable();
  for (const id of ['a', 'b', 'c']) table.note(id, id.charCodeAt(0), 0);
  table.match('b');
  table.match('b');
  expect(table.unmatched()).toEqual([97, 99]);
  expect(table.note('b', 1, 1)).toEqual({ index: 98, fingerprint: 0 });
});

it('finds what was noted, and replaces it on request', () => {
  const table = new IdTable();
  expect(table.find('a')).toBeUndefined();
  table.replace('a', 3);
  expect(table.find('a')).toEqual({ index: 3, fingerprint: 0 });
  table.replace('a', 0, -8);
  expect(table.find('a')).toEqual({ index: 0, fingerprint: -8 });
  table.note('b', 1, 9);
  table.replace('b', 2);
  expect(table.find('b')).toEqual({ index: 2, fingerprint: 0 });
  for (let n = 0; n < 5_000; n++) table.replace(`id-${n % 2_500}`, n, n);
  for (let n = 0; n < 2_500; n++) {
    expect(table.find(`id-${n}`)).toEqual({ index: n + 2_500, fingerprint: n + 2_500 });
  }
});

it('gives equal values one fingerprint, and different values different ones', () => {
  const value = { messageId: 'm', amount: 3, lines: [{ sku: 'a', quantity: 1 }], reason: null };
  expect(fingerprint(structuredClone(value))).toBe(fingerprint(value));
  const others = [
    { ...value, amount: 4 },
    { ...value, amount: 3 + 2 ** 33 },
    { ...value, lines: [{ sku: 'a', quantity: 2 }] },
    { ...value, lines: [] },
    { ...value, reason: 'x' },
    { ...value, reason: false },
  ];
  const prints = [value, ...others].map(fingerprint);
  expect(new Set(prints).size).toBe(prints.length);
});
