import { describe, expect, test } from 'vitest';
import { ERRORS, type ErrorCode } from '#contracts/spec/errors/registry.ts';
import {
  canonicalCancelOrder,
  canonicalPlaceOrder,
  codeOfQueryFailure,
  composeOrder,
  type Order,
  settle,
} from './domain.ts';

const order: Order = {
  orderId: 'o-1',
  status: 'PENDING',
  lines: [],
  total: { currency: 'EUR', minorUnits: 1 },
  reason: null,
  placedAt: '2025-11-24T16:00:00.000Z',
  revision: 1,
};
const payment = { status: 'AUTHORIZED', amount: { currency: 'EUR', minorUnits: 1 } };

describe('composing an order', () => {
  test('marks what could not be had, and shows what is not there as null', () => {
    const composed = composeOrder(order, {
      payment: { kind: 'unavailable' },
      shipment: { kind: 'absent' },
    });
    expect(composed).toEqual({
      ...order,
      payment: { status: 'UNAVAILABLE' },
      shipment: null,
      missing: ['payment'],
    });
  });

  test('misses nothing when every part is there', () => {
    const composed = composeOrder(order, {
      payment: { kind: 'present', value: payment },
      shipment: { kind: 'present', value: { status: 'SCHEDULED', trackingNumber: 'T' } },
    });
    expect(composed.missing).toEqual([]);
    expect(composed.payment).toBe(payment);
  });
});

describe('the canonical form of a command', () => {
  const command = {
    lines: [{ sku: 'a', quantity: 1, unitPrice: { currency: 'EUR', minorUnits: 5 } }],
    cardToken: 'card',
    address: { recipient: 'r', street: 's', city: 'c', postalCode: 'p', country: 'GB' },
  };
  const line = command.lines[0] as (typeof command.lines)[number];

  test('is the same however the properties are ordered', () => {
    const { country, ...address } = command.address;
    const reordered = {
      address: { country, ...address },
      cardToken: 'card',
      lines: [{ unitPrice: { minorUnits: 5, currency: 'EUR' }, quantity: 1, sku: 'a' }],
    };
    expect(canonicalPlaceOrder(reordered)).toBe(canonicalPlaceOrder(command));
  });

  test.each([
    { ...command, cardToken: 'other' },
    { ...command, address: { ...command.address, city: 'x' } },
    { ...command, lines: [{ ...line, sku: 'b' }] },
    { ...command, lines: [{ ...line, quantity: 2 }] },
    { ...command, lines: [{ ...line, unitPrice: { currency: 'USD', minorUnits: 5 } }] },
    { ...command, lines: [{ ...line, unitPrice: { currency: 'EUR', minorUnits: 6 } }] },
    { ...command, lines: [line, line] },
  ])('differs when anything in it does (%#)', (changed) => {
    expect(canonicalPlaceOrder(changed)).not.toBe(canonicalPlaceOrder(command));
  });

  test('cannot be taken for another kind of command', () => {
    expect(canonicalCancelOrder('o-1')).not.toBe(canonicalCancelOrder('o-2'));
    expect(canonicalCancelOrder('o-1')).toContain('cancel');
    expect(canonicalPlaceOrder(command)).not.toContain('cancel');
  });
});

describe('settling a job whose command was not acknowledged', () => {
  const cases: ReadonlyArray<[ErrorCode | undefined, boolean, ReturnType<typeof settle>]> = [
    ['order-not-cancellable', false, 'withdraw'],
    ['order-not-cancellable', true, 'withdraw'],
    ['unavailable', false, 'withdraw'],
    ['unavailable', true, 'leave-to-expire'],
    ['outcome-unknown', false, 'leave-to-expire'],
    ['outcome-unknown', true, 'leave-to-expire'],
    ['internal', false, 'leave-to-expire'],
    [undefined, false, 'leave-to-expire'],
  ];
  test.each(cases)('given %s, replayed %s: %s', (code, replayed, settlement) => {
    expect(settle({ code, replayed })).toBe(settlement);
  });
});

test('a query never claims that its outcome is unknown', () => {
  expect(codeOfQueryFailure('outcome-unknown')).toBe('unavailable');
  const others = (Object.keys(ERRORS) as ErrorCode[]).filter((code) => code !== 'outcome-unknown');
  for (const code of others) expect(codeOfQueryFailure(code)).toBe(code);
});
