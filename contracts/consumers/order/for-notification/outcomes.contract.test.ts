import { expect } from 'vitest';
import { contractBetween, type Given, published } from '#harness/contracts/consumer/contract.ts';
import {
  AN_ID,
  AN_INSTANT_MS,
  aTraceparent,
  CANCELLATION_ASKED,
  PLACED,
  PLACED_WITHOUT_EMAIL,
  PRICED_LINES,
  replied,
  TOTAL,
  TRACE_ID,
  UNTIL_APPROVED,
} from '#harness/contracts/consumer/examples.ts';
import { type ContractRecord, recordInteraction } from '#harness/contracts/consumer/record.ts';
import { FICTION } from '#harness/contracts/fiction.ts';
import { consumeRecord } from '#kit/consumer.testkit.ts';
import { createNotifier } from '../../../../reference-services/notification/app.ts';
import type { OrderEvent } from '../../../../reference-services/notification/domain.ts';

const { email, jobId, orderId, otherJobId, userId } = FICTION;

const PLACING = { saga: 'PLACE_ORDER' } as const;
const STOCK_RESERVED = [PLACED, replied('StockReserved')];
const DECLINED = [PLACED, replied('StockReserved', 'PaymentDeclined')];

const contract = contractBetween({ consumer: 'notification', provider: 'order' });

/** What notification keeps, to be sent, of an event. */
async function notifying(record: ContractRecord): Promise<unknown> {
  const kept: unknown[] = [];
  const notifier = createNotifier({
    notifications: {
      record: async (notification, { state, traceparent }) =>
        kept.push({ ...notification, state, traceId: traceparent.split('-')[1] }) > 0,
      claim: async () => [],
      markSent: async () => undefined,
      markForRetry: async () => undefined,
      markFailed: async () => undefined,
    },
    mailer: { send: async () => ({ kind: 'sent' }) },
    inTrace: (_, work) => work(),
    onOutcome: () => undefined,
    onRoundFailed: () => undefined,
  });
  const became = await consumeRecord(record, ['order.events'], ({ value, headers }) =>
    notifier.onEvent(value, headers['traceparent'] ?? ''),
  );
  return { became, kept };
}

const outcome = (payload: OrderEvent['payload'], job: string = jobId) => ({
  topic: 'order.events',
  key: orderId,
  headers: { eventType: payload.type, traceparent: aTraceparent() },
  value: { orderId, userId, jobId: job, payload },
  unread: {
    ...{ messageId: AN_ID, sequence: 9, causationId: AN_ID, occurredAt: AN_INSTANT_MS },
  },
  consume: notifying,
});

const keeping = (notification: object) => (made: unknown) =>
  expect(made).toMatchObject({
    kind: 'done',
    value: {
      became: 'handled',
      kept: [{ orderId, userId, traceId: TRACE_ID, ...notification }],
    },
  });

recordInteraction(contract, {
  description: 'the approval of an order',
  given: [PLACED, replied(...UNTIL_APPROVED)],
  ...outcome({ type: 'OrderApproved', total: TOTAL, contactEmail: email }),
  expect: keeping({
    ...{ kind: 'order-approved', jobId, recipient: email, state: 'pending' },
    text: expect.stringContaining('¥2,780'),
  }),
});

recordInteraction(contract, {
  description: 'the approval of an order whose customer left no address to write to',
  given: [PLACED_WITHOUT_EMAIL, replied(...UNTIL_APPROVED)],
  ...outcome({ type: 'OrderApproved', total: TOTAL, contactEmail: '' }),
  expect: keeping({ kind: 'order-approved', jobId, recipient: '', state: 'suppressed' }),
});

const REJECTIONS = [
  ['out-of-stock', [{ type: 'StockReservationRefused', reason: 'out-of-stock' }], 'not available'],
  [
    'card-declined',
    ['StockReserved', { type: 'PaymentDeclined', reason: 'card-declined' }, 'StockReleased'],
    'declines it',
  ],
  [
    'credit-limit-exceeded',
    [
      'StockReserved',
      { type: 'PaymentDeclined', reason: 'credit-limit-exceeded' },
      'StockReleased',
    ],
    'more than the card has left',
  ],
  [
    'address-undeliverable',
    ['StockReserved', 'PaymentAuthorized', 'ShipmentRefused', 'PaymentVoided', 'StockReleased'],
    'No carrier',
  ],
] as const;

for (const [reason, replies, said] of REJECTIONS) {
  recordInteraction(contract, {
    description: `the rejection of an order: ${reason}`,
    given: [PLACED, replied(...replies)],
    ...outcome({ type: 'OrderRejected', reason, contactEmail: email }),
    expect: keeping({
      ...{ kind: 'order-rejected', jobId, recipient: email, state: 'pending' },
      text: expect.stringContaining(said),
    }),
  });
}

recordInteraction(contract, {
  description: 'the cancellation of an order',
  given: [
    PLACED,
    replied(...UNTIL_APPROVED),
    CANCELLATION_ASKED,
    replied('ShipmentCancelled', 'PaymentRefunded', 'StockRestocked'),
  ],
  ...outcome({ type: 'OrderCancelled', contactEmail: email }, otherJobId),
  expect: keeping({ kind: 'order-cancelled', jobId: otherJobId, recipient: email }),
});

recordInteraction(contract, {
  description: 'the refusal to cancel an order that is on its way',
  given: [
    PLACED,
    replied(...UNTIL_APPROVED),
    CANCELLATION_ASKED,
    replied('ShipmentCancellationRefused'),
  ],
  ...outcome(
    { type: 'OrderCancellationRefused', reason: 'shipment-dispatched', contactEmail: email },
    otherJobId,
  ),
  expect: keeping({
    ...{ kind: 'order-cancellation-refused', jobId: otherJobId, recipient: email },
    text: expect.stringContaining('with the carrier'),
  }),
});

recordInteraction(contract, {
  description: 'the refusal to cancel an order that was rejected',
  given: [PLACED, CANCELLATION_ASKED, replied('StockReservationRefused')],
  ...outcome(
    { type: 'OrderCancellationRefused', reason: 'order-rejected', contactEmail: email },
    otherJobId,
  ),
  expect: keeping({
    ...{ kind: 'order-cancellation-refused', jobId: otherJobId, recipient: email },
    text: expect.stringContaining('rejected before'),
  }),
});

/** Events before the outcome, which lead to no notification. */
const ON_THE_WAY: ReadonlyArray<readonly [OrderEvent['payload'], readonly Given[]]> = [
  [{ type: 'OrderPlaced', lines: PRICED_LINES, total: TOTAL }, [PLACED]],
  [{ type: 'SagaStepCompleted', ...PLACING, step: 'RESERVE_STOCK' }, STOCK_RESERVED],
  [
    {
      ...{ type: 'SagaStepFailed', ...PLACING, step: 'RESERVE_STOCK' },
      ...{ reason: 'out-of-stock', timedOut: false },
    },
    [PLACED, replied('StockReservationRefused')],
  ],
  [
    {
      ...{ type: 'SagaStepRetried', ...PLACING, step: 'CAPTURE_PAYMENT' },
      ...{ attempt: 2, reason: 'acquirer-unavailable' },
    },
    [PLACED, replied(...UNTIL_APPROVED.slice(0, 3), 'PaymentCaptureFailed')],
  ],
  [{ type: 'SagaCompensationStarted', ...PLACING, reason: 'card-declined' }, DECLINED],
  [
    { type: 'SagaStepCompensated', ...PLACING, step: 'RESERVE_STOCK', effective: true },
    [...DECLINED, replied('StockReleased')],
  ],
  [{ type: 'OrderCancellationRequested' }, [PLACED, CANCELLATION_ASKED]],
];

for (const [payload, given] of ON_THE_WAY) {
  const { unread, ...event } = outcome(payload);
  recordInteraction(contract, {
    ...event,
    description: `what is no outcome: ${payload.type}`,
    given,
    headers: { eventType: payload.type },
    value: { payload: { type: payload.type } },
    unread: { ...unread, ...event.value },
    expect: (made) =>
      expect(made).toEqual({ kind: 'done', value: { became: 'handled', kept: [] } }),
  });
}

published(contract);
