import type { EndStateKind, EndStates } from '../../history/end-state.ts';
import type { Story } from './story.ts';
import type { OrderStory } from './story-types.ts';

const STOCK_STATUS = { held: 'RESERVED', undone: 'RELEASED' } as const;
const MONEY_STATUS = {
  held: 'AUTHORIZED',
  taken: 'CAPTURED',
  voided: 'VOIDED',
  refunded: 'REFUNDED',
} as const;
const SHIPMENT_STATUS = { scheduled: 'SCHEDULED', cancelled: 'CANCELLED' } as const;

/** Tells what is there when the run has ended. */
export function tellEnd(story: Story): void {
  for (const { tag, event } of story.tells.kept) story.to.add(tag, event);
  for (const order of story.orders) tellOrder(story, order);
  for (const { jobId, userId, orderId, state, sequence } of story.jobs) {
    tell(story, `state.job.${jobId}`, 'redis', 'job-management', 'job', jobId, {
      userId,
      orderId,
      state,
      sequence,
      ttlMs: 60_000,
    });
  }
}

function tellOrder(story: Story, order: OrderStory): void {
  const { name, orderId, userId, sku, card, status, reason, sequence } = order;
  const { stock, money, shipment } = order;
  const total = { currency: 'JPY', minorUnits: 2_000 };
  tell(story, `state.read-model.${name}`, 'mongodb', 'query', 'read-model', orderId, {
    userId,
    status,
    total,
    reason,
    sequence,
  });
  const reserved = stock === 'held' ? 2 : 0;
  tell(story, `state.stock.${name}`, 'postgres', 'inventory', 'stock', sku, {
    received: 2,
    reserved,
    available: 2 - reserved,
  });
  tell(story, `state.card.${name}`, 'postgres', 'payment', 'card', card, {
    limit: 2_000,
    held: money === 'held' ? 2_000 : 0,
    captured: money === 'taken' ? 2_000 : 0,
  });
  if (stock !== 'none') {
    const held = { status: STOCK_STATUS[stock] };
    tell(story, `state.reservation.${name}`, 'postgres', 'inventory', 'reservation', orderId, held);
  }
  if (money !== 'none') {
    const paid = { status: MONEY_STATUS[money], amount: 2_000 };
    tell(story, `state.payment.${name}`, 'postgres', 'payment', 'payment', orderId, paid);
  }
  if (shipment !== 'none') {
    const parcel = { status: SHIPMENT_STATUS[shipment] };
    tell(story, `state.shipment.${name}`, 'postgres', 'shipping', 'shipment', orderId, parcel);
  }
}

function tell<K extends EndStateKind>(
  story: Story,
  tag: string,
  source: 'postgres' | 'redis' | 'mongodb',
  service: string,
  kind: K,
  key: string,
  value: EndStates[K],
): void {
  story.to.add(tag, { type: 'state', source, kind, service, key, value: { ...value } });
}
