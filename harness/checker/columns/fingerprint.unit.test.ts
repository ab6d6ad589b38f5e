import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fingerprint } from './fingerprint.ts';

/** Fixed, so that a chance collision of two 32-bit numbers cannot fail one run in a million. */
const SEED = 20_260_101;

it.each([
  ['strings that end alike', 'card expired: ask the customer', 'card blocked: ask the customer'],
  ['e-mail addresses of one domain', 'anna@customers.example', 'omar@customers.example'],
  [
    'UUIDs that end alike',
    '018faaaa-0000-7000-8000-000000000001',
    '018fbbbb-0000-7000-8000-000000000001',
  ],
  ['fractions', 1.1, 1.2],
  ['numbers above 32 bits', 2 ** 40, 2 ** 41],
  ['a number and its negative', 1, -1],
  ['a number and its text', 1, '1'],
  ['the names of fields', { sku: 'a' }, { name: 'a' }],
  ['an absent field and null', {}, { reason: null }],
  ['null and false', null, false],
  ['an empty list and an empty object', [], {}],
  ['where a list ends', [['a'], 'b'], [['a', 'b']]],
  ['where a string ends', ['ab', 'c'], ['a', 'bc']],
])('tells %s apart', (_, one, other) => {
  expect(fingerprint(one)).not.toBe(fingerprint(other));
});

it('is the same for the same content', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(fingerprint(structuredClone(value))).toBe(fingerprint(value));
    }),
    { seed: SEED },
  );
});

it('differs for any two JSON values that differ', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
      fc.pre(JSON.stringify(one) !== JSON.stringify(other));
      expect(fingerprint(one)).not.toBe(fingerprint(other));
    }),
    { seed: SEED, numRuns: 2_000 },
  );
});

it('differs when any one character of a string changes', () => {
  const changed = fc
    .tuple(fc.string({ minLength: 1, maxLength: 200 }), fc.nat(), fc.string({ minLength: 1 }))
    .map(([text, at, put]) => {
      const place = at % text.length;
      return [text, text.slice(0, place) + put.charAt(0) + text.slice(place + 1)] as const;
    });
  fc.assert(
    fc.property(changed, ([one, other]) => {
      fc.pre(one !== other);
      expect(fingerprint({ reason: one })).not.toBe(fingerprint({ reason: other }));
    }),
    { seed: SEED, numRuns: 2_000 },
  );
});
