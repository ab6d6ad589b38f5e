import { expect } from 'vitest';
import type { OrderEventsOrderEvent as OrderEvent } from '#avro/types.generated.ts';
import { contractBetween, type Given, published } from '#harness/contracts/consumer/contract.ts';
import {
  AN_ID,
  anId,
  anInstant,
  aTraceparent,
  CANCELLATION_ASKED,
  PLACED,
  PRICED_LINES,
  replied,
  TOTAL,
  UNTIL_APPROVED,
} from '#harness/contracts/consumer/examples.ts';
import { recordInteraction } from '#harness/contracts/consumer/record.ts';
import { FICTION } from '#harness/contracts/fiction.ts';
import { folding, publishing } from '../../job-management.testkit.ts';

const { email, jobId, orderId, otherJobId, userId } = FICTION;

const contract = contractBetween({ consumer: 'job-management', provider: 'order' });

type Payload = OrderEvent['payload'];

interface Case {
  readonly description: string;
  readonly given: Given | readonly Given[];
  /** As far as job-management reads it. */
  readonly payload: Partial<Payload> & Pick<Payload, 'type'>;
  readonly unread?: object;
  readonly after: ReadonlyArray<Payload['type']>;
  /** The job whose saga it belongs to. */
  readonly job?: string;
  readonly becomes: object;
}

function eventInteraction(about: Case): void {
  const { description, given, payload, after, job = jobId } = about;
  recordInteraction(contract, {
    ...{ description, given, after },
    topic: 'order.events',
    key: orderId,
    headers: { eventType: payload.type, traceparent: aTraceparent() },
    value: {
      ...{ messageId: anId(), orderId, userId, jobId: job, occurredAt: anInstant() },
      payload,
    },
    unread: { sequence: 1, causationId: AN_ID, payload: about.unread ?? {} },
    consume: folding(),
    expect: (outcome) =>
      expect(outcome).toMatchObject(publishing({ jobId: job, userId, orderId, ...about.becomes })),
  });
}

const step = 'SagaStepCompleted';
const FOUR_STEPS = ['OrderPlaced', step, step, step, step] as const;
const APPROVED = [...FOUR_STEPS, 'OrderApproved'] as const;
const CANCELLING = [...APPROVED, 'OrderCancellationRequested'] as const;

const placing: readonly Case[] = [
  {
    description: 'an order that was placed',
    given: PLACED,
    payload: { type: 'OrderPlaced' },
    unread: { lines: PRICED_LINES, total: TOTAL },
    after: [],
    becomes: { kind: 'STARTED', level: 'PROGRESS', state: 'RUNNING' },
  },
  ...(['RESERVE_STOCK', 'AUTHORIZE_PAYMENT', 'SCHEDULE_SHIPMENT', 'CAPTURE_PAYMENT'] as const).map(
    (done, index): Case => ({
      description: `a step of PlaceOrder that is done: ${done}`,
      given: [PLACED, replied(...UNTIL_APPROVED.slice(0, index + 1))],
      payload: { type: step, saga: 'PLACE_ORDER', step: done },
      after: FOUR_STEPS.slice(0, index + 1),
      becomes: { kind: 'STEP_COMPLETED', level: 'PROGRESS', state: 'RUNNING', step: done },
    }),
  ),
  {
    description: 'a step that failed first of all',
    given: [PLACED, replied('StockReservationRefused')],
    payload: {
      ...{ type: 'SagaStepFailed', saga: 'PLACE_ORDER', step: 'RESERVE_STOCK' },
      reason: 'out-of-stock',
    },
    unread: { timedOut: false },
    after: ['OrderPlaced'],
    becomes: { kind: 'STEP_FAILED', level: 'PROGRESS', reason: 'out-of-stock' },
  },
  {
    description: 'a step that failed after another was done',
    given: [PLACED, replied('StockReserved', 'PaymentDeclined')],
    payload: {
      ...{ type: 'SagaStepFailed', saga: 'PLACE_ORDER', step: 'AUTHORIZE_PAYMENT' },
      reason: 'card-declined',
    },
    unread: { timedOut: false },
    after: ['OrderPlaced', step],
    becomes: { kind: 'STEP_FAILED', step: 'AUTHORIZE_PAYMENT', reason: 'card-declined' },
  },
  {
    description: 'the begin of the undoing',
    given: [PLACED, replied('StockReserved', 'PaymentDeclined')],
    payload: { type: 'SagaCompensationStarted', saga: 'PLACE_ORDER', reason: 'card-declined' },
    after: ['OrderPlaced', step, 'SagaStepFailed'],
    becomes: { kind: 'COMPENSATING', level: 'DETAIL', state: 'COMPENSATING' },
  },
  {
    description: 'a step that was undone',
    given: [PLACED, replied('StockReserved', 'PaymentDeclined', 'StockReleased')],
    payload: { type: 'SagaStepCompensated', saga: 'PLACE_ORDER', step: 'RESERVE_STOCK' },
    unread: { effective: true },
    after: ['OrderPlaced', step, 'SagaStepFailed', 'SagaCompensationStarted'],
    becomes: { kind: 'STEP_COMPENSATED', level: 'DETAIL', step: 'RESERVE_STOCK' },
  },
  {
    description: 'a step that is tried again',
    given: [PLACED, replied(...UNTIL_APPROVED.slice(0, 3), 'PaymentCaptureFailed')],
    payload: {
      ...{ type: 'SagaStepRetried', saga: 'PLACE_ORDER', step: 'CAPTURE_PAYMENT' },
      reason: 'acquirer-unavailable',
    },
    unread: { attempt: 2 },
    after: ['OrderPlaced', step, step, step],
    becomes: { kind: 'STEP_RETRIED', level: 'DETAIL', reason: 'acquirer-unavailable' },
  },
  {
    description: 'an approval',
    given: [PLACED, replied(...UNTIL_APPROVED)],
    payload: { type: 'OrderApproved' },
    unread: { total: TOTAL, contactEmail: email },
    after: FOUR_STEPS,
    becomes: { kind: 'SUCCEEDED', level: 'OUTCOME', state: 'SUCCEEDED' },
  },
  ...(
    [
      ['out-of-stock', ['StockReservationRefused'], ['OrderPlaced', 'SagaStepFailed']],
      [
        'address-undeliverable',
        ['StockReserved', 'PaymentAuthorized', 'ShipmentRefused', 'PaymentVoided', 'StockReleased'],
        [
          ...(['OrderPlaced', step, step, 'SagaStepFailed', 'SagaCompensationStarted'] as const),
          ...(['SagaStepCompensated', 'SagaStepCompensated'] as const),
        ],
      ],
    ] as const
  ).map(
    ([reason, replies, after]): Case => ({
      description: `a rejection: ${reason}`,
      given: [PLACED, replied(...replies)],
      payload: { type: 'OrderRejected', reason },
      unread: { contactEmail: email },
      after,
      becomes: { kind: 'FAILED', level: 'OUTCOME', state: 'FAILED', reason },
    }),
  ),
];

const cancelling: readonly Case[] = [
  {
    description: 'the wish to cancel an approved order',
    given: [PLACED, replied(...UNTIL_APPROVED), CANCELLATION_ASKED],
    payload: { type: 'OrderCancellationRequested' },
    after: APPROVED,
    becomes: { kind: 'STARTED', level: 'PROGRESS', state: 'RUNNING' },
  },
  ...(['CANCEL_SHIPMENT', 'REFUND_PAYMENT', 'RESTOCK_ITEMS'] as const).map(
    (done, index): Case => ({
      description: `a step of CancelOrder that is done: ${done}`,
      given: [
        PLACED,
        replied(...UNTIL_APPROVED),
        CANCELLATION_ASKED,
        replied(...['ShipmentCancelled', 'PaymentRefunded', 'StockRestocked'].slice(0, index + 1)),
      ],
      payload: { type: step, saga: 'CANCEL_ORDER', step: done },
      after: [...CANCELLING, ...[step, step, step].slice(0, index).map(() => step as typeof step)],
      becomes: { kind: 'STEP_COMPLETED', step: done },
    }),
  ),
  {
    description: 'a step of CancelOrder that failed',
    given: [
      PLACED,
      replied(...UNTIL_APPROVED),
      CANCELLATION_ASKED,
      replied('ShipmentCancellationRefused'),
    ],
    payload: {
      ...{ type: 'SagaStepFailed', saga: 'CANCEL_ORDER', step: 'CANCEL_SHIPMENT' },
      reason: 'shipment-dispatched',
    },
    unread: { timedOut: false },
    after: CANCELLING,
    becomes: { kind: 'STEP_FAILED', step: 'CANCEL_SHIPMENT', reason: 'shipment-dispatched' },
  },
  {
    description: 'the refusal to cancel an order that is on its way',
    given: [
      PLACED,
      replied(...UNTIL_APPROVED),
      CANCELLATION_ASKED,
      replied('ShipmentCancellationRefused'),
    ],
    payload: { type: 'OrderCancellationRefused', reason: 'shipment-dispatched' },
    unread: { contactEmail: email },
    after: [...CANCELLING, 'SagaStepFailed'],
    becomes: { kind: 'FAILED', level: 'OUTCOME', state: 'FAILED', reason: 'shipment-dispatched' },
  },
  {
    description: 'the refusal to cancel an order that was rejected',
    given: [PLACED, CANCELLATION_ASKED, replied('StockReservationRefused')],
    payload: { type: 'OrderCancellationRefused', reason: 'order-rejected' },
    unread: { contactEmail: email },
    after: ['OrderPlaced', 'OrderCancellationRequested', 'SagaStepFailed', 'OrderRejected'],
    becomes: { kind: 'FAILED', level: 'OUTCOME', state: 'FAILED', reason: 'order-rejected' },
  },
  {
    description: 'a cancellation',
    given: [
      PLACED,
      replied(...UNTIL_APPROVED),
      CANCELLATION_ASKED,
      replied('ShipmentCancelled', 'PaymentRefunded', 'StockRestocked'),
    ],
    payload: { type: 'OrderCancelled' },
    unread: { contactEmail: email },
    after: [...CANCELLING, step, step, step],
    becomes: { kind: 'SUCCEEDED', level: 'OUTCOME', state: 'SUCCEEDED' },
  },
];

for (const about of placing) eventInteraction(about);
for (const about of cancelling) eventInteraction({ ...about, job: otherJobId });

published(contract);
