import { expect } from 'vitest';
import { contractBetween, type Given, published } from '#harness/contracts/consumer/contract.ts';
import {
  AN_ID,
  AN_INSTANT_MS,
  anInstant,
  CANCELLATION_ASKED,
  PLACED,
  PRICED_LINES,
  replied,
  TOTAL,
  UNTIL_APPROVED,
} from '#harness/contracts/consumer/examples.ts';
import { type ContractRecord, recordInteraction } from '#harness/contracts/consumer/record.ts';
import { FICTION } from '#harness/contracts/fiction.ts';
import { consumeRecord } from '#kit/consumer.testkit.ts';
import { createQuery } from '../../../../reference-services/query/app.ts';
import type { OrderEvent, OrderView } from '../../../../reference-services/query/domain.ts';

const { email, orderId, userId } = FICTION;

const contract = contractBetween({ consumer: 'query', provider: 'order' });

/** What query writes of an event, after a view that it has of the order. */
const querying =
  (before: OrderView | undefined) =>
  async (record: ContractRecord): Promise<unknown> => {
    const saved: OrderView[] = [];
    const query = createQuery({
      views: {
        load: async (id) => (id === orderId ? before : undefined),
        save: async (view) => saved.push(view) > 0,
        page: async () => [],
        count: async () => 0,
      },
      rebuilds: { begin: async () => undefined },
      log: { ends: async () => new Map(), open: () => Promise.reject(new Error('not asked for')) },
      onProjected: () => undefined,
    });
    const became = await consumeRecord(record, ['order.events'], ({ value }) =>
      query.projectEvent(value),
    );
    return { became, saved };
  };

const VIEW: OrderView = {
  ...{ orderId, userId, status: 'pending', lines: PRICED_LINES, total: TOTAL, reason: '' },
  ...{ placedAtMs: 1, updatedAtMs: 1, sequence: 1, cancellationRequested: false },
};

interface Case {
  readonly description: string;
  readonly given: Given | readonly Given[];
  readonly payload: OrderEvent['payload'];
  /** Fields of the payload that query does not look at. */
  readonly unread?: object;
  readonly after: ReadonlyArray<OrderEvent['payload']['type']>;
  /** The view before it. */
  readonly before?: Partial<OrderView>;
  readonly becomes: Partial<OrderView>;
}

/** Query has to see each event of an order, since their numbers have no gap. */
function eventInteraction(about: Case): void {
  const { description, given, payload, after, becomes } = about;
  const sequence = after.length + 1;
  const before = sequence === 1 ? undefined : { ...VIEW, sequence: sequence - 1, ...about.before };
  recordInteraction(contract, {
    ...{ description, given, after },
    topic: 'order.events',
    key: orderId,
    headers: { eventType: payload.type },
    value: {
      orderId,
      sequence,
      occurredAt: anInstant(),
      // Whose it is says the first event.
      ...(sequence === 1 ? { userId } : {}),
      payload: IS_FOLDED.has(payload.type) ? payload : { type: payload.type },
    },
    unread: {
      ...{ messageId: AN_ID, jobId: AN_ID, causationId: AN_ID, userId },
      payload: { ...payload, ...about.unread },
    },
    consume: querying(before),
    expect: (outcome) =>
      expect(outcome).toMatchObject({
        kind: 'done',
        value: {
          became: 'handled',
          saved: [{ orderId, userId, sequence, updatedAtMs: AN_INSTANT_MS, ...becomes }],
        },
      }),
  });
}

/** Of other events query takes the number and the time, and that they are others. */
const IS_FOLDED: ReadonlySet<string> = new Set([
  'OrderPlaced',
  'OrderApproved',
  'OrderRejected',
  'OrderCancellationRequested',
  'OrderCancellationRefused',
  'OrderCancelled',
]);

const step = 'SagaStepCompleted';
const FOUR_STEPS = ['OrderPlaced', step, step, step, step] as const;
const APPROVED = [...FOUR_STEPS, 'OrderApproved'] as const;
const UNTIL_REQUESTED = [...APPROVED, 'OrderCancellationRequested'] as const;

const CASES: readonly Case[] = [
  {
    description: 'an order that was placed',
    given: PLACED,
    payload: { type: 'OrderPlaced', lines: PRICED_LINES, total: TOTAL },
    after: [],
    becomes: { status: 'pending', lines: PRICED_LINES, total: TOTAL, placedAtMs: AN_INSTANT_MS },
  },
  {
    description: 'a step that is done',
    given: [PLACED, replied('StockReserved')],
    payload: { type: step, saga: 'PLACE_ORDER', step: 'RESERVE_STOCK' },
    after: ['OrderPlaced'],
    becomes: { status: 'pending' },
  },
  {
    description: 'a step that failed',
    given: [PLACED, replied('StockReserved', 'PaymentDeclined')],
    payload: {
      ...{ type: 'SagaStepFailed', saga: 'PLACE_ORDER', step: 'AUTHORIZE_PAYMENT' },
      ...{ reason: 'card-declined', timedOut: false },
    },
    after: ['OrderPlaced', step],
    becomes: { status: 'pending' },
  },
  {
    description: 'the begin of the undoing',
    given: [PLACED, replied('StockReserved', 'PaymentDeclined')],
    payload: { type: 'SagaCompensationStarted', saga: 'PLACE_ORDER', reason: 'card-declined' },
    after: ['OrderPlaced', step, 'SagaStepFailed'],
    becomes: { status: 'pending' },
  },
  {
    description: 'a step that was undone',
    given: [PLACED, replied('StockReserved', 'PaymentDeclined', 'StockReleased')],
    payload: {
      ...{ type: 'SagaStepCompensated', saga: 'PLACE_ORDER', step: 'RESERVE_STOCK' },
      effective: true,
    },
    after: ['OrderPlaced', step, 'SagaStepFailed', 'SagaCompensationStarted'],
    becomes: { status: 'pending' },
  },
  {
    description: 'a step that is tried again',
    given: [PLACED, replied(...UNTIL_APPROVED.slice(0, 3), 'PaymentCaptureFailed')],
    payload: {
      ...{ type: 'SagaStepRetried', saga: 'PLACE_ORDER', step: 'CAPTURE_PAYMENT' },
      ...{ attempt: 2, reason: 'acquirer-unavailable' },
    },
    after: ['OrderPlaced', step, step, step],
    becomes: { status: 'pending' },
  },
  {
    description: 'an approval',
    given: [PLACED, replied(...UNTIL_APPROVED)],
    payload: { type: 'OrderApproved' } as never,
    unread: { total: TOTAL, contactEmail: email },
    after: FOUR_STEPS,
    becomes: { status: 'approved' },
  },
  {
    description: 'an approval of an order that is to be cancelled',
    given: [PLACED, CANCELLATION_ASKED, replied(...UNTIL_APPROVED)],
    payload: { type: 'OrderApproved' } as never,
    unread: { total: TOTAL, contactEmail: email },
    after: ['OrderPlaced', 'OrderCancellationRequested', step, step, step, step],
    before: { cancellationRequested: true },
    becomes: { status: 'cancelling' },
  },
  {
    description: 'a rejection',
    given: [PLACED, replied('StockReservationRefused')],
    payload: { type: 'OrderRejected', reason: 'out-of-stock' } as never,
    unread: { contactEmail: email },
    after: ['OrderPlaced', 'SagaStepFailed'],
    becomes: { status: 'rejected', reason: 'out-of-stock' },
  },
  {
    description: 'the wish to cancel an order while it is being placed',
    given: [PLACED, CANCELLATION_ASKED],
    payload: { type: 'OrderCancellationRequested' },
    after: ['OrderPlaced'],
    becomes: { status: 'pending', cancellationRequested: true },
  },
  {
    description: 'the wish to cancel an approved order',
    given: [PLACED, replied(...UNTIL_APPROVED), CANCELLATION_ASKED],
    payload: { type: 'OrderCancellationRequested' },
    after: APPROVED,
    before: { status: 'approved' },
    becomes: { status: 'cancelling', cancellationRequested: true },
  },
  {
    description: 'the refusal to cancel an order that is on its way',
    given: [
      PLACED,
      replied(...UNTIL_APPROVED),
      CANCELLATION_ASKED,
      replied('ShipmentCancellationRefused'),
    ],
    payload: { type: 'OrderCancellationRefused' } as never,
    unread: { reason: 'shipment-dispatched', contactEmail: email },
    after: [...UNTIL_REQUESTED, 'SagaStepFailed'],
    before: { status: 'cancelling', cancellationRequested: true },
    becomes: { status: 'approved', cancellationRequested: false },
  },
  {
    description: 'the refusal to cancel an order that was rejected',
    given: [PLACED, CANCELLATION_ASKED, replied('StockReservationRefused')],
    payload: { type: 'OrderCancellationRefused' } as never,
    unread: { reason: 'order-rejected', contactEmail: email },
    after: ['OrderPlaced', 'OrderCancellationRequested', 'SagaStepFailed', 'OrderRejected'],
    before: { status: 'rejected', reason: 'out-of-stock', cancellationRequested: true },
    becomes: { status: 'rejected', reason: 'out-of-stock', cancellationRequested: false },
  },
  {
    description: 'a cancellation',
    given: [
      PLACED,
      replied(...UNTIL_APPROVED),
      CANCELLATION_ASKED,
      replied('ShipmentCancelled', 'PaymentRefunded', 'StockRestocked'),
    ],
    payload: { type: 'OrderCancelled' } as never,
    unread: { contactEmail: email },
    after: [...UNTIL_REQUESTED, step, step, step],
    before: { status: 'cancelling', cancellationRequested: true },
    becomes: { status: 'cancelled', cancellationRequested: false },
  },
];

for (const about of CASES) eventInteraction(about);

published(contract);
