import { fromJson } from '@bufbuild/protobuf';
import { OrderStatus, PlaceOrderRequestSchema } from '#proto/sagaproof/order/v1/order_pb.js';
import { FICTIONAL_ORDER, REQUEST_HASH } from '../../fictional-order.ts';
import type { StateContext, States } from '../state.ts';
import { accepted, type Probe, slow, unreachable } from './outage.ts';
import { recordedOrder, reply } from './played.ts';

const order = ({ names, rpc }: StateContext) =>
  rpc.order.call('getOrder', { orderId: names.of('orderId'), userId: names.of('userId') });

const probe: Probe = order;

async function is(context: StateContext, status: OrderStatus, reason = ''): Promise<void> {
  await context.until(`the order to be ${OrderStatus[status]}`, async () => {
    const answer = await order(context);
    const seen = answer.ok ? answer.message.order : undefined;
    return seen?.status === status && seen.reason === reason;
  });
}

/** Places the fictional order; nobody answers what it asks of the participants. */
export async function placed({ names, rpc }: StateContext): Promise<void> {
  const { address, cardToken, lines } = names.toReal(FICTIONAL_ORDER);
  const request = fromJson(PlaceOrderRequestSchema, {
    jobId: names.of('jobId'),
    orderId: names.of('orderId'),
    userId: names.of('userId'),
    lines: lines.map((line) => ({ ...line })),
    cardToken,
    address,
    contactEmail: names.of('email'),
    requestHash: REQUEST_HASH,
  });
  accepted('the order', await rpc.order.call('placeOrder', request));
}

async function stockReserved(context: StateContext): Promise<void> {
  const { lines } = recordedOrder(context.names);
  await reply(context, 'inventory', 'ReserveStock', { type: 'StockReserved', lines });
}

async function paymentAuthorised(context: StateContext): Promise<void> {
  const { cardToken, total: amount } = recordedOrder(context.names);
  const authorised = { type: 'PaymentAuthorized', cardToken, amount };
  await reply(context, 'payment', 'AuthorizePayment', authorised);
}

/** Every participant agrees. */
export async function approved(context: StateContext): Promise<void> {
  await placed(context);
  await stockReserved(context);
  await paymentAuthorised(context);
  const { total: amount } = recordedOrder(context.names);
  const scheduled = { type: 'ShipmentScheduled', trackingNumber: 'JP-0193B3A0' };
  await reply(context, 'shipping', 'ScheduleShipment', scheduled);
  await reply(context, 'payment', 'CapturePayment', { type: 'PaymentCaptured', amount });
  await is(context, OrderStatus.APPROVED);
}

/** The second step is refused, and the first is undone. */
export async function rejected(context: StateContext): Promise<void> {
  await placed(context);
  await stockReserved(context);
  const declined = { type: 'PaymentDeclined', reason: 'card-declined' };
  await reply(context, 'payment', 'AuthorizePayment', declined);
  const { lines } = recordedOrder(context.names);
  const released = { type: 'StockReleased', effective: true, lines };
  await reply(context, 'inventory', 'ReleaseStock', released);
  await is(context, OrderStatus.REJECTED, 'card-declined');
}

/** Its customer has asked for the cancellation, by the other job. */
export async function cancelling(context: StateContext): Promise<void> {
  await approved(context);
  const { names, rpc } = context;
  const asked = await rpc.order.call('cancelOrder', {
    jobId: names.of('otherJobId'),
    orderId: names.of('orderId'),
    userId: names.of('userId'),
  });
  accepted('the cancellation', asked);
  await is(context, OrderStatus.CANCELLING);
}

/** How the states of order come about. */
export const orderOrderStates: States = {
  'there is no such order': async () => undefined,
  'the order is pending': placed,
  'the order is approved': approved,
  'the order is rejected since the card was declined': rejected,
  'the order is being cancelled by the other job': cancelling,
  'the order is cancelled': async (context) => {
    await cancelling(context);
    const { lines, total: amount } = recordedOrder(context.names);
    const cancelled = { type: 'ShipmentCancelled', effective: true };
    await reply(context, 'shipping', 'CancelShipment', cancelled);
    const refunded = { type: 'PaymentRefunded', effective: true, amount };
    await reply(context, 'payment', 'RefundPayment', refunded);
    const restocked = { type: 'StockRestocked', effective: true, lines };
    await reply(context, 'inventory', 'RestockItems', restocked);
    await is(context, OrderStatus.CANCELLED);
  },
  'the cancellation was refused since the parcel is dispatched': async (context) => {
    await cancelling(context);
    const refusal = { type: 'ShipmentCancellationRefused', reason: 'shipment-dispatched' };
    await reply(context, 'shipping', 'CancelShipment', refusal);
    await is(context, OrderStatus.APPROVED, 'shipment-dispatched');
  },
  'order cannot reach the event store': unreachable('order', 'eventstore', probe),
  'order cannot reach Kafka': unreachable('order', 'kafka', probe),
  'the event store is slow': slow('order', 'eventstore', probe),
};
