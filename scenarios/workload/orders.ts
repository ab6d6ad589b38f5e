import { type Timestamp, timestampMs } from '@bufbuild/protobuf/wkt';
import type { Money, OrderLine } from '#proto/sagaproof/common/v1/common_pb.js';
import { ReservationStatus } from '#proto/sagaproof/inventory/v1/inventory_pb.js';
import { OrderStatus } from '#proto/sagaproof/order/v1/order_pb.js';
import { PaymentStatus } from '#proto/sagaproof/payment/v1/payment_pb.js';
import { ShipmentStatus } from '#proto/sagaproof/shipping/v1/shipping_pb.js';
import type { Customer, PlacedOrder } from './customer.ts';
import type { Findings } from './findings.ts';
import { type Line, totalOf } from './ledger.ts';
import { inWords } from './resolve.ts';

/** An order as REST composes it, in the parts that are compared. */
export interface SeenOrder {
  readonly orderId: string;
  readonly status: string;
  readonly lines: readonly Line[];
  readonly total: { readonly currency: string; readonly minorUnits: number };
  readonly reason: string | null;
  readonly placedAt: string;
  readonly revision: number;
  readonly payment: { readonly status: string; readonly amount: unknown } | null;
  readonly shipment: { readonly status: string; readonly trackingNumber: string | null } | null;
}

/** The same for the same pieces at the same prices, however they are put into lines. */
export function linesInBrief(lines: readonly Line[]): string[] {
  const pieces = new Map<string, number>();
  for (const { sku, quantity, unitPrice } of lines) {
    const what = `${sku} at ${unitPrice.minorUnits} ${unitPrice.currency}`;
    pieces.set(what, (pieces.get(what) ?? 0) + quantity);
  }
  return [...pieces].map(([what, quantity]) => `${quantity} × ${what}`).sort();
}

export const statusOf = ({ outcome, isCancelled }: PlacedOrder): string => {
  if (outcome !== 'approved') return 'REJECTED';
  return isCancelled ? 'CANCELLED' : 'APPROVED';
};

/** What the parts of an order are in the end; `null` where there is none. */
function partsOf(order: PlacedOrder) {
  const { outcome, isCancelled, isDispatched } = order;
  if (outcome === 'approved') {
    return {
      reservation: isCancelled ? 'RESTOCKED' : 'RESERVED',
      payment: isCancelled ? 'REFUNDED' : 'CAPTURED',
      shipment: isCancelled ? 'CANCELLED' : isDispatched ? 'DISPATCHED' : 'SCHEDULED',
    };
  }
  return {
    reservation: outcome === 'out-of-stock' ? null : 'RELEASED',
    payment: outcome === 'address-undeliverable' ? 'VOIDED' : null,
    shipment: null,
  };
}

/** Compares the composed order with what was asked for, and with what the services answer. */
export async function checkOrder(customer: Customer, order: PlacedOrder): Promise<SeenOrder> {
  const { user, findings } = customer;
  const about = findings.about(`order ${order.orderId} (${inWords(order.command)})`);
  const seen = (await user.wholeOrder(order.orderId)) as unknown as SeenOrder;
  const { lines } = order.command;
  const total = { currency: lines[0]?.unitPrice.currency ?? '', minorUnits: totalOf(lines) };
  const parts = partsOf(order);
  about.equal('orderId', seen.orderId, order.orderId);
  about.equal('status', seen.status, statusOf(order));
  about.equal('lines', linesInBrief(seen.lines), linesInBrief(lines));
  about.equal('total', seen.total, total);
  const rejected = order.outcome === 'approved' ? null : order.outcome;
  const reason = order.isCancelled ? null : (order.cancellationRefused ?? rejected);
  about.equal('reason', seen.reason, reason);
  about.equal('payment', seen.payment?.status ?? null, parts.payment);
  if (parts.payment !== null) about.equal('amount', seen.payment?.amount, total);
  about.equal('shipment', seen.shipment?.status ?? null, parts.shipment);
  if (parts.shipment !== null && parts.shipment !== 'CANCELLED' && !seen.shipment?.trackingNumber) {
    about.add('the shipment has no tracking number');
  }
  await checkServices(customer, order, seen, about);
  return seen;
}

/** What the services answer for themselves is what REST shows. */
async function checkServices(
  { world, user }: Customer,
  order: PlacedOrder,
  seen: SeenOrder,
  about: Findings,
): Promise<void> {
  const { orderId } = order;
  const { rpc } = world;
  const [own, reservation, payment, shipment] = await Promise.all([
    rpc.order.call('getOrder', { orderId, userId: user.userId }),
    rpc.inventory.call('getReservation', { orderId }),
    rpc.payment.call('getPayment', { orderId }),
    rpc.shipping.call('getShipment', { orderId }),
  ]);
  const parts = partsOf(order);
  if (!own.ok || own.message.order === undefined) about.add('GetOrder does not find it');
  else {
    const { status, lines, total, reason, placedAt, revision, userId } = own.message.order;
    const isOwner = userId === user.userId;
    const inRest = { ...seen, status: OrderStatus[status], revision: Number(revision) };
    const brief = { ...inRest, reason: reason || null, placedAt: timeOf(placedAt) };
    about.equal('GetOrder', [isOwner, brief], [true, { ...seen, placedAt: msOf(seen.placedAt) }]);
    about.equal('lines of GetOrder', linesInBrief(lines.map(lineOf)), linesInBrief(seen.lines));
    about.equal('total of GetOrder', moneyOf(total), seen.total);
  }
  const status = reservation.ok ? ReservationStatus[reservation.message.status] : null;
  about.equal('GetReservation', status, parts.reservation);
  const paid = payment.ok ? payment.message : undefined;
  about.equal('GetPayment', paid ? PaymentStatus[paid.status] : null, parts.payment);
  if (parts.payment !== null) about.equal('GetPayment', moneyOf(paid?.amount), seen.total);
  const parcel = shipment.ok ? shipment.message.shipment : undefined;
  about.equal('GetShipment', parcel ? ShipmentStatus[parcel.status] : null, parts.shipment);
  about.equal(
    'the number of GetShipment',
    parcel?.trackingNumber || null,
    seen.shipment?.trackingNumber ?? null,
  );
}

export const msOf = (time: string): number => Date.parse(time);
export const timeOf = (time: Timestamp | undefined): number =>
  time === undefined ? 0 : timestampMs(time);

export const moneyOf = (money: Money | undefined) => ({
  currency: money?.currency ?? '',
  minorUnits: Number(money?.minorUnits),
});

export const lineOf = ({ sku, quantity, unitPrice }: OrderLine): Line => ({
  sku,
  quantity,
  unitPrice: moneyOf(unitPrice),
});
