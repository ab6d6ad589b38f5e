import type { TopicValues } from '#avro/types.generated.ts';
import { type IssueJob, jobIdOf } from './domain.ts';
import { readOrderEvent, readParticipantEvent } from './domain-events.ts';

type OrderEvent = TopicValues['order.events'];

/** Commands and events of one job, for tests. */
export const USER = 'user-1';
export const ORDER = '0192f0c1-0000-7000-8000-000000000001';
export const JOB = jobIdOf(USER, 'key-1');
export const NOW = 1_000_000;
export const issue: IssueJob = {
  userId: USER,
  kind: 'PLACE_ORDER',
  idempotencyKey: 'key-1',
  requestHash: 'a'.repeat(64),
  orderId: ORDER,
  nowMs: NOW,
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
};

const MONEY = { currency: 'EUR', minorUnits: 100 };
const SAGA = { saga: 'PLACE_ORDER', step: 'RESERVE_STOCK' } as const;
const PAYLOADS = {
  OrderPlaced: { type: 'OrderPlaced', lines: [], total: MONEY },
  SagaStepCompleted: { type: 'SagaStepCompleted', ...SAGA },
  SagaStepFailed: { type: 'SagaStepFailed', ...SAGA, reason: 'out-of-stock', timedOut: false },
  SagaStepRetried: { type: 'SagaStepRetried', ...SAGA, attempt: 2, reason: 'step-timed-out' },
  SagaCompensationStarted: {
    type: 'SagaCompensationStarted',
    saga: 'PLACE_ORDER',
    reason: 'out-of-stock',
  },
  SagaStepCompensated: { type: 'SagaStepCompensated', ...SAGA, effective: true },
  OrderApproved: { type: 'OrderApproved', total: MONEY, contactEmail: '' },
  OrderRejected: { type: 'OrderRejected', reason: 'out-of-stock', contactEmail: '' },
  OrderCancellationRequested: { type: 'OrderCancellationRequested' },
  OrderCancellationRefused: {
    type: 'OrderCancellationRefused',
    reason: 'shipment-dispatched',
    contactEmail: '',
  },
  OrderCancelled: { type: 'OrderCancelled', contactEmail: '' },
} as const satisfies {
  [K in OrderEvent['payload']['type']]: Extract<OrderEvent['payload'], { readonly type: K }>;
};
export type PayloadName = keyof typeof PAYLOADS;

let counter = 0;
export const nextId = () => {
  counter += 1;
  return `0192f0c1-0000-7000-8000-${String(counter).padStart(12, '0')}`;
};

export const orderEvent = (name: PayloadName, changes: Partial<OrderEvent> = {}) =>
  readOrderEvent({
    messageId: nextId(),
    orderId: ORDER,
    userId: USER,
    jobId: JOB,
    sequence: 1,
    causationId: nextId(),
    occurredAt: NOW - 5,
    payload: PAYLOADS[name],
    ...changes,
  });

export const participantEvent = () => {
  const event = readParticipantEvent({
    messageId: nextId(),
    orderId: ORDER,
    jobId: JOB,
    causationId: null,
    occurredAt: NOW - 5,
    payload: { type: 'StockReserved', lines: [] },
  });
  if (event === undefined) throw new Error('an event with a job was not read');
  return event;
};
