import { MatchersV3 } from '@pact-foundation/pact';
import type { ContractInMaking } from '#harness/contracts/consumer/contract.ts';
import { opaque } from '#harness/contracts/consumer/matchers.ts';
import { FICTION } from '#harness/contracts/fiction.ts';
import { WEB_ORDER } from '#harness/contracts/fictional-order.ts';
import { instant } from './answers.testkit.ts';
import {
  about,
  DECLINED,
  type Query,
  STUCK,
  secondPage,
  TWO,
  textOf,
} from './questions.testkit.ts';

const { integer, regex } = MatchersV3;
const { orderId, otherOrderId, pageToken } = FICTION;

type Json = Readonly<Record<string, unknown>>;

const { lines, unitPrice: minorUnits } = WEB_ORDER;
const money = (amount: number) => ({ currency: 'JPY', minorUnits: amount });
const priced = lines.map((line) => ({ ...line, unitPrice: money(minorUnits) }));
const total = money(lines.reduce((sum, { quantity }) => sum + quantity * minorUnits, 0));

const order = (status: string, more: Json = {}) => ({
  ...{ orderId, status, lines: priced, total, reason: null },
  ...{ placedAt: instant(), revision: integer(9), payment: null, shipment: null, missing: [] },
  ...more,
});
const shipped = (status: string) => ({
  ...{ status, trackingNumber: regex(/^.+$/, 'JP-0193B3A0') },
});
const paid = (status: string) => ({ status, amount: total });
const UNAVAILABLE = { status: 'UNAVAILABLE' };

const anOrder = (contract: ContractInMaking) =>
  about(contract, {
    ...{ what: 'an order', name: 'get-order', path: `/v1/orders/${orderId}`, behind: 'order' },
    ask: (user) => user.getOrder(orderId),
  });

/** What a question for one order is answered. */
export function orders(contract: ContractInMaking): void {
  const { answers, fails, refuses } = anOrder(contract);
  answers('the order waits for its stock', order('PENDING'), {
    ...{ status: 'PENDING', payment: null, shipment: null, missing: [] },
  });
  answers(
    STUCK,
    order('PENDING', { payment: paid('AUTHORIZED'), shipment: shipped('SCHEDULED') }),
    { status: 'PENDING', payment: { status: 'AUTHORIZED' } },
  );
  answers(
    'the order is approved',
    order('APPROVED', { payment: paid('CAPTURED'), shipment: shipped('SCHEDULED') }),
    { status: 'APPROVED', total, payment: { status: 'CAPTURED', amount: total }, missing: [] },
  );
  answers(
    'the order is approved, and its parcel is dispatched',
    order('APPROVED', { payment: paid('CAPTURED'), shipment: shipped('DISPATCHED') }),
    { shipment: { status: 'DISPATCHED' } },
  );
  answers(DECLINED, order('REJECTED', { reason: 'card-declined' }), { reason: 'card-declined' });
  answers(
    'the order is rejected since no carrier goes there',
    order('REJECTED', { reason: 'address-undeliverable', payment: paid('VOIDED') }),
    { status: 'REJECTED', payment: { status: 'VOIDED' } },
  );
  answers(
    'the order is cancelled by the job',
    order('CANCELLED', { payment: paid('REFUNDED'), shipment: shipped('CANCELLED') }),
    { status: 'CANCELLED', payment: { status: 'REFUNDED' }, shipment: { status: 'CANCELLED' } },
  );
  refuses('order-not-found', 'there is no such order');
  refuses('order-not-found', 'the order is another user’s');
  fails();
  about(contract, {
    ...{ what: 'something that is no order', name: 'get-order', path: '/v1/orders/1234' },
    ...{ behind: 'order', ask: (user) => user.getOrder('1234') },
  }).finds('path/orderId');
}

/** A part that cannot be had is named, and is not taken for one that there is not. */
export function orderParts(contract: ContractInMaking): void {
  const { answers } = anOrder(contract);
  const approved = order('APPROVED', {
    ...{ payment: paid('CAPTURED'), shipment: shipped('SCHEDULED') },
  });
  const cases = [
    [['payment'], 'payment'],
    [['shipment'], 'shipping'],
  ] as const;
  for (const [missing, service] of cases) {
    const part = missing[0];
    answers(
      ['the order is approved', `the gateway cannot reach ${service}`],
      { ...approved, [part]: UNAVAILABLE, missing },
      { status: 'APPROVED', [part]: UNAVAILABLE, missing },
    );
  }
  answers(
    ['the order is approved', 'the gateway can reach neither payment nor shipping'],
    { ...approved, payment: UNAVAILABLE, shipment: UNAVAILABLE, missing: ['payment', 'shipment'] },
    { missing: ['payment', 'shipment'] },
  );
  answers(
    ['the order is approved', 'shipping is slow to answer the gateway'],
    { ...approved, shipment: UNAVAILABLE, missing: ['shipment'] },
    { missing: ['shipment'] },
  );
}

/** What a question for the orders of a customer is answered. */
export function orderPages(contract: ContractInMaking): void {
  const path = '/v1/customers/me/orders';
  const paged = (what: string, query: Query = {}) =>
    about(contract, {
      ...{ what, name: 'list-orders', path, query, behind: 'query' },
      ask: (user) => user.listOrders(textOf(query)),
    });
  const summary = (status: string, reason: string | null = null) => ({
    ...{ orderId, status, lines: priced, total, reason },
    ...{ placedAt: instant(), updatedAt: instant(), sequence: integer(7) },
  });
  const newest = summary('REJECTED', 'out-of-stock');
  const older = { ...newest, orderId: otherOrderId };
  const all = paged('the orders of a customer');
  all.answers('the user has no orders', { orders: [], nextPageToken: null }, { orders: [] });
  all.answers(
    'the order is approved',
    { orders: [summary('APPROVED')], nextPageToken: null },
    {
      orders: [{ orderId, status: 'APPROVED', lines: priced, total, reason: null }],
    },
  );
  all.answers(
    DECLINED,
    { orders: [summary('REJECTED', 'card-declined')], nextPageToken: null },
    { orders: [{ status: 'REJECTED', reason: 'card-declined' }] },
  );
  all.answers(
    TWO,
    { orders: [newest, older], nextPageToken: null },
    {
      orders: [{ orderId }, { orderId: otherOrderId }],
    },
  );
  all.fails();
  paged('the newest order of a customer', { pageSize: '1' }).answers(
    TWO,
    { orders: [newest], nextPageToken: opaque('token') },
    { orders: [{ orderId }], nextPageToken: 'token' },
  );
  paged('the next order of a customer', { pageSize: '1', pageToken }).answers(
    [TWO, secondPage('orders')],
    { orders: [older], nextPageToken: null },
    { orders: [{ orderId: otherOrderId }], nextPageToken: null },
  );
  paged('no orders at all', { pageSize: '0' }).finds('query/pageSize');
}
