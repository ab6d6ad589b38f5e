import { fromJson } from '@bufbuild/protobuf';
import { v7 as uuidv7 } from 'uuid';
import { OrderStatus, PlaceOrderRequestSchema } from '#proto/sagaproof/order/v1/order_pb.js';
import { FICTIONAL_ORDER, REQUEST_HASH } from '../../fictional-order.ts';
import type { StateContext, States } from '../state.ts';
import { answerTo } from './order-replies.ts';
import { accepted, type Probe, slow, unreachable } from './outage.ts';

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

/** Places the fictional order; its commands to the participants are not answered. */
export async function placed(
  { names, rpc }: StateContext,
  contactEmail: string = names.of('email'),
): Promise<void> {
  const { address, cardToken, lines } = names.toReal(FICTIONAL_ORDER);
  const request = fromJson(PlaceOrderRequestSchema, {
    jobId: names.of('jobId'),
    orderId: names.of('orderId'),
    userId: names.of('userId'),
    lines: lines.map((line) => ({ ...line })),
    cardToken,
    address,
    contactEmail,
    requestHash: REQUEST_HASH,
  });
  accepted('the order', await rpc.order.call('placeOrder', request));
}

async function answeredWith(context: StateContext, ...replies: readonly string[]): Promise<void> {
  for (const reply of replies) await answerTo(context, reply);
}

/** Every participant agrees. */
export async function approved(context: StateContext): Promise<void> {
  await placed(context);
  const agreed = ['StockReserved', 'PaymentAuthorized', 'ShipmentScheduled', 'PaymentCaptured'];
  await answeredWith(context, ...agreed);
  await is(context, OrderStatus.APPROVED);
}

/** The second step is refused, and the first is undone. */
export async function rejected(context: StateContext): Promise<void> {
  await placed(context);
  await answeredWith(context, 'StockReserved', 'PaymentDeclined', 'StockReleased');
  await is(context, OrderStatus.REJECTED, 'card-declined');
}

/** Its customer asks for the cancellation, with the other job by default. */
async function askForCancellation(
  { names, rpc }: StateContext,
  jobId: string = names.of('otherJobId'),
): Promise<void> {
  const asked = await rpc.order.call('cancelOrder', {
    jobId,
    orderId: names.of('orderId'),
    userId: names.of('userId'),
  });
  accepted('the cancellation', asked);
}

export async function cancelling(context: StateContext, jobId?: string): Promise<void> {
  await approved(context);
  await askForCancellation(context, jobId);
  await is(context, OrderStatus.CANCELLING);
}

/** Sets up the provider states of order. */
export const orderOrderStates: States = {
  'there is no such order': async () => undefined,
  'the order is pending': (context) => placed(context),
  'the order is pending, with no address to write to': (context) => placed(context, ''),
  'its cancellation is asked for by the other job': (context) => askForCancellation(context),
  'the order is approved': approved,
  'the order is rejected since the card was declined': rejected,
  'the order is being cancelled by the other job': (context) => cancelling(context),
  // With a job that is in no contract: a request with the same job would be a repetition.
  'the order is cancelled': async (context) => {
    await cancelling(context, uuidv7());
    await answeredWith(context, 'ShipmentCancelled', 'PaymentRefunded', 'StockRestocked');
    await is(context, OrderStatus.CANCELLED);
  },
  'the cancellation was refused since the parcel is dispatched': async (context) => {
    await cancelling(context);
    await answeredWith(context, 'ShipmentCancellationRefused');
    await is(context, OrderStatus.APPROVED, 'shipment-dispatched');
  },
  'order cannot reach the event store': unreachable('order', 'eventstore', probe),
  'order cannot reach Kafka': unreachable('order', 'kafka', probe),
  'the event store is slow': slow('order', 'eventstore', probe),
};
