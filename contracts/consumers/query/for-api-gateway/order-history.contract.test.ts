import { contractBetween, published } from '#harness/contracts/consumer/contract.ts';
import { answered, grpcInteraction, refused } from '#harness/contracts/consumer/grpc.ts';
import { instant, opaque, positive } from '#harness/contracts/consumer/matchers.ts';
import { FICTION } from '#harness/contracts/fiction.ts';
import { FICTIONAL_ORDER } from '#harness/contracts/fictional-order.ts';
import { QueryService } from '#proto/sagaproof/query/v1/query_pb.js';
import { gatewayCalling } from '../../api-gateway.testkit.ts';
import { becomes, failsWith } from '../../outcomes.testkit.ts';

const { orderId, otherOrderId, pageToken, userId } = FICTION;
const { lines, total } = FICTIONAL_ORDER;

const contract = contractBetween({ consumer: 'api-gateway', provider: 'query' });

const asking = (pageSize: number, token = '') => ({
  method: QueryService.method.listOrders,
  request: { userId, pageSize, ...(token === '' ? {} : { pageToken: token }) },
  consume: gatewayCalling('query', ({ history }) =>
    history.ordersOf(userId, { pageSize, pageToken: token }),
  ),
});

/** What the gateway cannot do without. */
const brief = {
  orderId,
  status: 'pending',
  total,
  reason: '',
  placedAt: instant('2026-11-22T09:00:00.250Z'),
  updatedAt: instant('2026-11-22T09:00:01.250Z'),
  sequence: positive(),
};

grpcInteraction(contract, {
  ...asking(20),
  description: 'a question for the orders of a customer, and what was ordered',
  given: 'the order was placed',
  answer: answered({ orders: [{ ...brief, lines }], nextPageToken: '' }),
  expect: becomes({
    items: [
      {
        ...{ orderId, status: 'PENDING', reason: null, sequence: 1 },
        lines: lines.map(({ sku, quantity, unitPrice }) => ({
          ...{ sku, quantity },
          unitPrice: { currency: unitPrice.currency, minorUnits: Number(unitPrice.minorUnits) },
        })),
        total: { currency: 'JPY', minorUnits: 2780 },
        placedAt: '2026-11-22T09:00:00.250Z',
        updatedAt: '2026-11-22T09:00:01.250Z',
      },
    ],
    nextPageToken: null,
  }),
});

const STATUSES = [
  ['approved', 'the order was approved', null],
  ['rejected', 'the order was rejected since the card was declined', 'card-declined'],
  ['cancelling', 'the order was approved and is being cancelled', null],
  ['cancelled', 'the order was cancelled', null],
  ['approved', 'the cancellation was refused since the parcel is dispatched', null],
] as const;

for (const [status, given, reason] of STATUSES) {
  grpcInteraction(contract, {
    ...asking(20),
    description: `a question for the orders of a customer: ${given}`,
    given,
    answer: answered({
      orders: [{ ...brief, status, reason: reason ?? '' }],
      nextPageToken: '',
    }),
    expect: becomes({
      items: [{ orderId, status: status.toUpperCase(), reason }],
      nextPageToken: null,
    }),
  });
}

const other = { ...brief, orderId: otherOrderId };
const TWO = 'the other order was placed, and then the order';

grpcInteraction(contract, {
  ...asking(20),
  description: 'a question for all orders of a customer, newest first',
  given: TWO,
  answer: answered({ orders: [brief, other], nextPageToken: '' }),
  expect: becomes({ items: [{ orderId }, { orderId: otherOrderId }], nextPageToken: null }),
});

grpcInteraction(contract, {
  ...asking(1),
  description: 'a question for the first page of orders',
  given: TWO,
  answer: answered({ orders: [brief], nextPageToken: opaque('token') }),
  expect: becomes({ items: [{ orderId }], nextPageToken: 'token' }),
});

grpcInteraction(contract, {
  ...asking(1, pageToken),
  description: 'a question for the last page of orders',
  given: [TWO, 'there is a token of the second page of one order each'],
  answer: answered({ orders: [other], nextPageToken: '' }),
  expect: becomes({ items: [{ orderId: otherOrderId }], nextPageToken: null }),
});

grpcInteraction(contract, {
  ...asking(20),
  description: 'a question for the orders of a customer who has none',
  given: 'the customer has no orders',
  answer: answered({ orders: [], nextPageToken: '' }),
  expect: becomes({ items: [], nextPageToken: null }),
});

grpcInteraction(contract, {
  ...asking(20, 'no-token'),
  description: 'a question for a page of orders with a token that is none',
  given: 'the customer has no orders',
  answer: refused('INVALID_ARGUMENT', 'invalid-request'),
  expect: failsWith('invalid-request'),
});

grpcInteraction(contract, {
  ...asking(20),
  description: 'a question for orders that cannot be read',
  given: 'query cannot reach MongoDB',
  answer: refused('UNAVAILABLE', 'unavailable'),
  expect: failsWith('unavailable'),
});

grpcInteraction(contract, {
  ...asking(20),
  description: 'a question for orders, with little time',
  given: 'MongoDB is slow',
  deadlineMs: 250,
  answer: refused('DEADLINE_EXCEEDED'),
  expect: failsWith('unavailable'),
});

published(contract);
