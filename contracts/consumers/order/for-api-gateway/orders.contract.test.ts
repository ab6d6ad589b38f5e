import { contractBetween, published } from '#harness/contracts/consumer/contract.ts';
import { answered, grpcInteraction, refused } from '#harness/contracts/consumer/grpc.ts';
import { instant, positive } from '#harness/contracts/consumer/matchers.ts';
import { FICTION } from '#harness/contracts/fiction.ts';
import {
  FICTIONAL_ORDER,
  OTHER_REQUEST_HASH,
  REQUEST_HASH,
} from '#harness/contracts/fictional-order.ts';
import { OrderService } from '#proto/sagaproof/order/v1/order_pb.js';
import type { OrderLine } from '../../../../reference-services/api-gateway/domain.ts';
import { gatewayCalling } from '../../api-gateway.testkit.ts';
import { becomes, failsWith } from '../../outcomes.testkit.ts';

const { jobId, orderId, otherJobId, strangerId, userId } = FICTION;
const { address, cardToken, lines, total } = FICTIONAL_ORDER;

const contract = contractBetween({ consumer: 'api-gateway', provider: 'order' });

interface WireLine {
  readonly sku: string;
  readonly quantity: number;
  readonly unitPrice: { readonly currency: string; readonly minorUnits: string };
}

interface Placement {
  readonly jobId?: string;
  readonly email?: string;
  readonly requestHash?: string;
  readonly lines?: readonly WireLine[];
}

const numbered = ({ sku, quantity, unitPrice }: WireLine): OrderLine => ({
  sku,
  quantity,
  unitPrice: { currency: unitPrice.currency, minorUnits: Number(unitPrice.minorUnits) },
});

const placing = (placement: Placement = {}) => {
  const asked = { jobId, email: FICTION.email, requestHash: REQUEST_HASH, lines, ...placement };
  const { email, requestHash } = asked;
  return {
    method: OrderService.method.placeOrder,
    request: {
      ...{ jobId: asked.jobId, orderId, userId, lines: asked.lines, cardToken, address },
      ...{ contactEmail: email, requestHash },
    },
    consume: gatewayCalling('order', ({ orders }) =>
      orders.place({
        jobId: asked.jobId,
        orderId,
        principal: { userId, roles: [], email },
        requestHash,
        order: { lines: asked.lines.map(numbered), cardToken, address },
      }),
    ),
  };
};

grpcInteraction(contract, {
  ...placing(),
  description: 'an order',
  given: 'there is no such order',
  answer: answered({ orderId, jobId }),
  expect: becomes({ orderId, jobId }),
});

grpcInteraction(contract, {
  ...placing({ email: '' }),
  description: 'an order of a customer without an e-mail address',
  given: 'there is no such order',
  answer: answered({ orderId, jobId }),
  expect: becomes({ orderId, jobId }),
});

grpcInteraction(contract, {
  ...placing({ jobId: otherJobId }),
  description: 'an order that was placed already, under another job',
  given: 'the order is pending',
  answer: answered({ orderId, jobId }),
  expect: becomes({ orderId, jobId }),
});

grpcInteraction(contract, {
  ...placing({ requestHash: OTHER_REQUEST_HASH }),
  description: 'another order with an id that is taken',
  given: 'the order is pending',
  answer: refused('FAILED_PRECONDITION', 'idempotency-key-reused'),
  expect: failsWith('idempotency-key-reused'),
});

grpcInteraction(contract, {
  ...placing({
    lines: [lines[0], { ...lines[1], unitPrice: { currency: 'USD', minorUnits: '380' } }],
  }),
  description: 'an order in two currencies',
  given: 'there is no such order',
  answer: refused('INVALID_ARGUMENT', 'invalid-request'),
  expect: failsWith('invalid-request'),
});

grpcInteraction(contract, {
  ...placing(),
  description: 'an order that cannot be stored',
  given: 'order cannot reach the event store',
  answer: refused('UNAVAILABLE', 'unavailable'),
  expect: failsWith('unavailable'),
});

grpcInteraction(contract, {
  ...placing(),
  description: 'an order whose saga could not go on',
  given: 'order cannot reach Kafka',
  answer: refused('UNAVAILABLE', 'unavailable'),
  expect: failsWith('unavailable'),
});

grpcInteraction(contract, {
  ...placing(),
  description: 'an order, with little time',
  given: 'the event store is slow',
  deadlineMs: 250,
  answer: refused('DEADLINE_EXCEEDED'),
  expect: failsWith('outcome-unknown'),
});

const cancelling = ({ by = userId as string } = {}) => ({
  method: OrderService.method.cancelOrder,
  request: { jobId: otherJobId, orderId, userId: by },
  consume: gatewayCalling('order', ({ orders }) =>
    orders.cancel({ jobId: otherJobId, orderId, principal: { userId: by, roles: [], email: '' } }),
  ),
});

const CANCELLABLE = {
  'a cancellation of an order that is approved': 'the order is approved',
  'a cancellation of an order whose saga runs': 'the order is pending',
  'a cancellation that was asked for already': 'the order is being cancelled by the other job',
};

for (const [description, given] of Object.entries(CANCELLABLE)) {
  grpcInteraction(contract, {
    ...cancelling(),
    description,
    given,
    answer: answered({ orderId, jobId: otherJobId }),
    expect: becomes({ orderId, jobId: otherJobId }),
  });
}

const NOT_CANCELLABLE = {
  'a cancellation of an order that is rejected':
    'the order is rejected since the card was declined',
  'a cancellation of an order that is cancelled': 'the order is cancelled',
};

for (const [description, given] of Object.entries(NOT_CANCELLABLE)) {
  grpcInteraction(contract, {
    ...cancelling(),
    description,
    given,
    answer: refused('FAILED_PRECONDITION', 'order-not-cancellable'),
    expect: failsWith('order-not-cancellable'),
  });
}

grpcInteraction(contract, {
  ...cancelling(),
  description: 'a cancellation of an order that is not there',
  given: 'there is no such order',
  answer: refused('NOT_FOUND', 'order-not-found'),
  expect: failsWith('order-not-found'),
});

grpcInteraction(contract, {
  ...cancelling({ by: strangerId }),
  description: 'a cancellation by another user',
  given: 'the order is pending',
  answer: refused('NOT_FOUND', 'order-not-found'),
  expect: failsWith('order-not-found'),
});

grpcInteraction(contract, {
  ...cancelling(),
  description: 'a cancellation that cannot be stored',
  given: 'order cannot reach the event store',
  answer: refused('UNAVAILABLE', 'unavailable'),
  expect: failsWith('unavailable'),
});

const asking = ({ by = userId as string } = {}) => ({
  method: OrderService.method.getOrder,
  request: { orderId, userId: by },
  consume: gatewayCalling('order', ({ orders }) => orders.get(orderId, by)),
});

/** What the gateway cannot do without. */
const brief = {
  orderId,
  total,
  placedAt: instant('2026-11-22T09:00:00.250Z'),
  revision: positive(),
};

grpcInteraction(contract, {
  ...asking(),
  description: 'a question for an order, and what was ordered',
  given: 'the order is pending',
  answer: answered({
    order: { ...brief, status: 'ORDER_STATUS_PENDING', lines, reason: '' },
  }),
  expect: becomes({
    ...{ orderId, status: 'PENDING', lines: lines.map(numbered), reason: null, revision: 1 },
    total: { currency: 'JPY', minorUnits: 2780 },
    placedAt: '2026-11-22T09:00:00.250Z',
  }),
});

const SHOWN = [
  ['APPROVED', 'the order is approved', null],
  ['REJECTED', 'the order is rejected since the card was declined', 'card-declined'],
  ['CANCELLING', 'the order is being cancelled by the other job', null],
  ['CANCELLED', 'the order is cancelled', null],
  [
    'APPROVED',
    'the cancellation was refused since the parcel is dispatched',
    'shipment-dispatched',
  ],
] as const;

for (const [status, given, reason] of SHOWN) {
  grpcInteraction(contract, {
    ...asking(),
    description: `a question for an order: ${given}`,
    given,
    answer: answered({
      order: { ...brief, status: `ORDER_STATUS_${status}`, reason: reason ?? '' },
    }),
    expect: becomes({ orderId, status, reason }),
  });
}

const ABSENT = {
  'a question for an order that is not there': ['there is no such order', userId],
  'a question for an order by another user': ['the order is pending', strangerId],
} as const;

for (const [description, [given, by]] of Object.entries(ABSENT)) {
  grpcInteraction(contract, {
    ...asking({ by }),
    description,
    given,
    answer: refused('NOT_FOUND', 'order-not-found'),
    expect: failsWith('order-not-found'),
  });
}

grpcInteraction(contract, {
  ...asking(),
  description: 'a question for an order that cannot be read',
  given: 'order cannot reach the event store',
  answer: refused('UNAVAILABLE', 'unavailable'),
  expect: failsWith('unavailable'),
});

grpcInteraction(contract, {
  ...asking(),
  description: 'a question for an order, with little time',
  given: 'the event store is slow',
  deadlineMs: 250,
  answer: refused('DEADLINE_EXCEEDED'),
  expect: failsWith('unavailable'),
});

published(contract);
