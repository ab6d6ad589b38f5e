import type { OrderEvent } from './domain.ts';

export const JOB_ID = '0192f0c1-2d3e-7a4b-8c5d-6e7f80910a2b';
export const ORDER_ID = '5e2f6a30-97a7-4a5e-8d8b-1f0f7a3c9b11';
export const EMAIL = 'ada@example.com';

type Payload = OrderEvent['payload'];

/** Every outcome, for a recipient. */
export const outcomesTo = (contactEmail: string) =>
  [
    { type: 'OrderApproved', total: { currency: 'EUR', minorUnits: 4_900 }, contactEmail },
    { type: 'OrderRejected', reason: 'out-of-stock', contactEmail },
    { type: 'OrderCancelled', contactEmail },
    { type: 'OrderCancellationRefused', reason: 'shipment-dispatched', contactEmail },
  ] as const satisfies readonly Payload[];

/** An event of one order. */
export const eventOf = (payload: Payload, jobId = JOB_ID): OrderEvent => ({
  messageId: crypto.randomUUID(),
  orderId: ORDER_ID,
  userId: 'user-1',
  jobId,
  sequence: 7,
  causationId: JOB_ID,
  occurredAt: 1_764_000_000_000,
  payload,
});
