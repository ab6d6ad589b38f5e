import type { Names } from '../../fiction.ts';
import type { StateContext, StateHandler, States } from '../state.ts';
import { accepted, type Probe, slow, unreachable } from './outage.ts';
import { orderEvents, recordedOrder } from './played.ts';

type Payload = Parameters<typeof orderEvents>[1][number];

const orders = ({ names, rpc }: StateContext, pageSize = 20) =>
  rpc.query.call('listOrders', { userId: names.of('userId'), pageSize });

const probe: Probe = (context) => orders(context);

const placed = (names: Names): Payload => {
  const { priced, total } = recordedOrder(names);
  return { type: 'OrderPlaced', lines: priced, total };
};

const approved = (names: Names): Payload => ({
  type: 'OrderApproved',
  total: recordedOrder(names).total,
  contactEmail: names.of('email'),
});

const mailed = (names: Names, payload: Payload): Payload => ({
  ...payload,
  contactEmail: names.of('email'),
});

/** Publishes the order's events and waits until the read model has folded the last one in. */
const history =
  (payloadsOf: (names: Names) => readonly Payload[]): StateHandler =>
  async (context) => {
    const payloads = payloadsOf(context.names);
    await orderEvents(context, payloads);
    await folded(context, context.names.of('orderId'), payloads.length);
  };

async function folded(context: StateContext, orderId: string, sequence: number): Promise<void> {
  await context.until(`event ${sequence} of the order to be in the read model`, async () => {
    const answer = await orders(context);
    const found = answer.ok ? answer.message.orders : [];
    return found.some((one) => one.orderId === orderId && one.sequence === BigInt(sequence));
  });
}

/** Sets up the provider states of query. */
export const queryHistoryStates: States = {
  'the customer has no orders': async () => undefined,
  'the order was placed': history((names) => [placed(names)]),
  'the order was approved': history((names) => [placed(names), approved(names)]),
  'the order was rejected since the card was declined': history((names) => [
    placed(names),
    mailed(names, { type: 'OrderRejected', reason: 'card-declined' }),
  ]),
  'the order was approved and is being cancelled': history((names) => [
    placed(names),
    approved(names),
    { type: 'OrderCancellationRequested' },
  ]),
  'the order was cancelled': history((names) => [
    placed(names),
    approved(names),
    { type: 'OrderCancellationRequested' },
    mailed(names, { type: 'OrderCancelled' }),
  ]),
  'the cancellation was refused since the parcel is dispatched': history((names) => [
    placed(names),
    approved(names),
    { type: 'OrderCancellationRequested' },
    mailed(names, { type: 'OrderCancellationRefused', reason: 'shipment-dispatched' }),
  ]),
  'the other order was placed, and then the order': async (context) => {
    const { names } = context;
    const other = names.of('otherOrderId');
    const asOther: Names = {
      ...names,
      of: (name) => (name === 'orderId' ? other : names.of(name)),
    };
    await orderEvents({ ...context, names: asOther }, [placed(names)]);
    await folded(context, other, 1);
    await history((own) => [placed(own)])(context, {});
  },
  'there is a token of the second page of one order each': async (context) => {
    const page = accepted('the first page', await orders(context, 1));
    context.names.bind('pageToken', page.nextPageToken);
  },
  'query cannot reach MongoDB': unreachable('query', 'mongodb', probe),
  'MongoDB is slow': slow('query', 'mongodb', probe),
};
