import { REASONS } from '#contracts/spec/errors/registry.ts';
import type { Unrecorded } from '../../history/event.ts';
import { type OrderStory, TOTAL } from './story-types.ts';

export const emailOf = ({ userId }: OrderStory): string => `${userId}@customers.example`;

/** The mail about an outcome, as the mail server took it. */
export function mailOf(
  order: OrderStory,
  outcome: string,
  notificationId: string,
  atMs: number,
): Unrecorded {
  const reason = REASONS[order.reason as keyof typeof REASONS] ?? REASONS['shipment-dispatched'];
  const text: Readonly<Record<string, string>> = {
    OrderApproved: `We have charged ¥${TOTAL.minorUnits.toLocaleString('en')}.`,
    OrderRejected: `Nothing was charged. ${reason}`,
    OrderCancelled: 'What you paid is refunded.',
    OrderCancellationRefused: `Your order is unchanged. ${reason}`,
  };
  return {
    type: 'mail',
    receivedMs: atMs,
    messageId: `<${notificationId}@orders.example>`,
    from: 'orders@orders.example',
    to: [emailOf(order)],
    subject: order.orderId,
    text: text[outcome] ?? '',
    headers: { date: new Date(atMs).toUTCString() },
  };
}
