import type { OrderEvent } from './domain.ts';

type Payload = OrderEvent['payload'];

export const MONEY = { currency: 'EUR', minorUnits: 4_900 };

export const PLACED: Payload = {
  type: 'OrderPlaced',
  lines: [{ sku: 'blue-teapot', quantity: 2, unitPrice: { currency: 'EUR', minorUnits: 2_450 } }],
  total: MONEY,
};
export const STEP_COMPLETED: Payload = {
  type: 'SagaStepCompleted',
  saga: 'PLACE_ORDER',
  step: 'RESERVE_STOCK',
};
export const APPROVED: Payload = { type: 'OrderApproved', total: MONEY, contactEmail: '' };
export const REJECTED: Payload = {
  type: 'OrderRejected',
  reason: 'out-of-stock',
  contactEmail: '',
};
export const CANCELLATION_REQUESTED: Payload = { type: 'OrderCancellationRequested' };
export const CANCELLATION_REFUSED: Payload = {
  type: 'OrderCancellationRefused',
  reason: 'shipment-dispatched',
  contactEmail: '',
};
export const CANCELLED: Payload = { type: 'OrderCancelled', contactEmail: '' };

export const PLACED_AT_MS = 1_764_000_000_000;

/** The id of the n-th order of a test. */
export const orderIdOf = (n: number): string =>
  `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;

/** An order's events, numbered from 1, a second apart. */
export function eventsOf(
  payloads: readonly Payload[],
  order: { readonly orderId?: string; readonly userId?: string; readonly placedAtMs?: number } = {},
): OrderEvent[] {
  const { orderId = orderIdOf(1), userId = 'user-1', placedAtMs = PLACED_AT_MS } = order;
  return payloads.map((payload, index) => ({
    messageId: `${orderId}#${index + 1}`,
    orderId,
    userId,
    jobId: orderIdOf(0),
    sequence: index + 1,
    causationId: orderIdOf(0),
    occurredAt: placedAtMs + index * 1_000,
    payload,
  }));
}
