import { type Timestamp, timestampDate } from '@bufbuild/protobuf/wkt';
import type * as common from '#proto/sagaproof/common/v1/common_pb.js';
import { JobKind, type Job as JobMessage, JobState } from '#proto/sagaproof/jobs/v1/jobs_pb.js';
import { type Order as OrderMessage, OrderStatus } from '#proto/sagaproof/order/v1/order_pb.js';
import { type GetPaymentResponse, PaymentStatus } from '#proto/sagaproof/payment/v1/payment_pb.js';
import type { OrderSummary as OrderSummaryMessage } from '#proto/sagaproof/query/v1/query_pb.js';
import {
  type Shipment as ShipmentMessage,
  ShipmentStatus,
} from '#proto/sagaproof/shipping/v1/shipping_pb.js';
import type { Job, Money, Order, OrderLine, OrderSummary, Payment, Shipment } from '../domain.ts';

/*
 * gRPC messages as the JSON that `contracts/spec/openapi.yaml` describes. An answer that breaks its
 * contract (a part that must be there is not, a member of a closed set is unknown) throws: what the
 * gateway cannot read, it does not show.
 */

/** A job as its owner sees it. */
export const jobView = (job: JobMessage): Job => ({
  jobId: job.jobId,
  kind: memberName(JobKind, job.kind, 'job kind'),
  state: memberName(JobState, job.state, 'job state'),
  orderId: job.orderId,
  sequence: integer(job.sequence),
  step: textOrNull(job.step),
  reason: textOrNull(job.reason),
  issuedAt: instant(job.issuedAt),
  updatedAt: instant(job.updatedAt),
  expiresAt: instant(job.expiresAt),
});

/** An order as its customer sees it, without the parts that others keep. */
export const orderView = (order: OrderMessage): Order => ({
  orderId: order.orderId,
  status: memberName(OrderStatus, order.status, 'order status'),
  lines: order.lines.map(lineView),
  total: moneyView(present(order.total, 'total')),
  reason: textOrNull(order.reason),
  placedAt: instant(order.placedAt),
  revision: integer(order.revision),
});

/** A payment; one that was voided before it was authorised has no amount. */
export const paymentView = (payment: GetPaymentResponse): Payment => ({
  status: memberName(PaymentStatus, payment.status, 'payment status'),
  amount: payment.amount === undefined ? null : moneyView(payment.amount),
});

/** A shipment. */
export const shipmentView = (shipment: ShipmentMessage): Shipment => ({
  status: memberName(ShipmentStatus, shipment.status, 'shipment status'),
  trackingNumber: textOrNull(shipment.trackingNumber),
});

/** An order as the read model tells it. */
export const summaryView = (order: OrderSummaryMessage): OrderSummary => ({
  orderId: order.orderId,
  status: order.status.toUpperCase(),
  lines: order.lines.map(lineView),
  total: moneyView(present(order.total, 'total')),
  reason: textOrNull(order.reason),
  placedAt: instant(order.placedAt),
  updatedAt: instant(order.updatedAt),
  sequence: integer(order.sequence),
});

/** A message field that the contract promises. */
export function present<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`The answer has no ${name}.`);
  return value;
}

/** A 64-bit integer as JSON can carry it. */
export function integer(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new Error(`${value} is too large for JSON.`);
  return number;
}

const lineView = (line: common.OrderLine): OrderLine => ({
  sku: line.sku,
  quantity: line.quantity,
  unitPrice: moneyView(present(line.unitPrice, 'unit price')),
});

const moneyView = (money: common.Money): Money => ({
  currency: money.currency,
  minorUnits: integer(money.minorUnits),
});

const textOrNull = (text: string): string | null => (text === '' ? null : text);

const instant = (timestamp: Timestamp | undefined): string =>
  timestampDate(present(timestamp, 'time')).toISOString();

/** Zero is UNSPECIFIED in every enum, which no server may send. */
function memberName(
  members: Readonly<Record<number, string>>,
  value: number,
  what: string,
): string {
  const name = members[value];
  if (value === 0 || name === undefined) throw new Error(`${value} is no ${what}.`);
  return name;
}
