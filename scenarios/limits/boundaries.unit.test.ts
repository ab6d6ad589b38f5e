import { describe, expect, it } from 'vitest';
import { readOpenapi } from '../../harness/documents/openapi.ts';
import { orderBody } from '../../harness/scenario/user.ts';
import { Boundaries } from './boundaries.ts';

const body = orderBody({ lines: [{ sku: 'sku', quantity: 1 }], cardToken: 'card' });
const boundaries = new Boundaries(readOpenapi());
const variants = boundaries.variants('/components/schemas/PlaceOrder', body);

/** What is allowed and what is not at one place. */
const at = (where: string) =>
  Object.fromEntries(
    variants.filter((one) => one.where === where).map(({ what, isValid }) => [what, isValid]),
  );

describe('variants of a document', () => {
  it.each([
    ['/lines', { '0 items': false, '1 items': true, '50 items': true, '51 items': false }],
    ['/lines/0/quantity', { 0: false, 1: true, 1000: true, 1001: false, '0.5': false }],
    [
      '/lines/0/unitPrice/minorUnits',
      { '-1': false, 0: true, 100000000000: true, 100000000001: false },
    ],
    ['/lines/0/sku', { '0 × a': false, '1 × a': true, '64 × a': true, '65 × a': false }],
    ['/cardToken', { 'U+0020': false, 'U+0021': true, 'U+007e': true, 'U+007f': false }],
    ['/cardToken', { 'left out': false, null: false, 'a number': false }],
    ['/address/street', { '200 × 𠮷': true, '201 × 𠮷': false, 'U+009f': false, 'U+00a0': true }],
    ['/address/country', { '1 × A': false, '2 × A': true, '3 × A': false, 'U+005b': false }],
    ['', { 'one more property': false }],
  ])('meet the limits of %s', (where, limits) => {
    expect(at(where)).toMatchObject(limits);
  });

  it('differ from the valid document each', () => {
    const same = variants.filter(
      ({ value, isValid }) => !isValid && JSON.stringify(value) === JSON.stringify(body),
    );
    expect(same).toEqual([]);
    expect(variants.length).toBeGreaterThan(100);
  });

  it('of a text with a fixed form are changes of it', () => {
    const { Uuid } = readOpenapi().components.schemas;
    const id = '7d9f3f0e-5b1c-4f0e-9f43-0d9b5a8c1e01';
    const texts = boundaries.texts(Uuid ?? {}, id);
    expect(texts.length).toBeGreaterThan(3);
    expect(texts.every(({ isValid }) => !isValid)).toBe(true);
  });
});
