import type { StateContext, States } from '../state.ts';
import { type Payload, recordedOrder, reply } from './played.ts';

type Participant = Parameters<typeof reply>[1];
type Order = ReturnType<typeof recordedOrder>;

interface Answer {
  readonly by: Participant;
  /** Type of the command that it answers. */
  readonly to: string;
  /** What is in it besides its type, unless the state says otherwise. */
  readonly usual?: (order: Order) => object;
}

/** What participants say to an order's commands. */
const ANSWERS: Readonly<Record<string, Answer>> = {
  StockReserved: { by: 'inventory', to: 'ReserveStock', usual: ({ lines }) => ({ lines }) },
  StockReservationRefused: {
    ...{ by: 'inventory', to: 'ReserveStock' },
    usual: ({ lines: [first] }) => ({ reason: 'out-of-stock', sku: first?.sku ?? null }),
  },
  StockReleased: {
    ...{ by: 'inventory', to: 'ReleaseStock' },
    usual: ({ lines }) => ({ effective: true, lines }),
  },
  StockRestocked: {
    ...{ by: 'inventory', to: 'RestockItems' },
    usual: ({ lines }) => ({ effective: true, lines }),
  },
  PaymentAuthorized: {
    ...{ by: 'payment', to: 'AuthorizePayment' },
    usual: ({ cardToken, total: amount }) => ({ cardToken, amount }),
  },
  PaymentDeclined: {
    ...{ by: 'payment', to: 'AuthorizePayment' },
    usual: () => ({ reason: 'card-declined' }),
  },
  PaymentVoided: {
    ...{ by: 'payment', to: 'VoidPayment' },
    usual: ({ total: amount }) => ({ effective: true, amount }),
  },
  PaymentCaptured: {
    ...{ by: 'payment', to: 'CapturePayment' },
    usual: ({ total: amount }) => ({ amount }),
  },
  PaymentCaptureFailed: {
    ...{ by: 'payment', to: 'CapturePayment' },
    usual: () => ({ attempt: 1, reason: 'acquirer-unavailable' }),
  },
  PaymentRefunded: {
    ...{ by: 'payment', to: 'RefundPayment' },
    usual: ({ total: amount }) => ({ effective: true, amount }),
  },
  ShipmentScheduled: {
    ...{ by: 'shipping', to: 'ScheduleShipment' },
    usual: () => ({ trackingNumber: 'JP-0193B3A0' }),
  },
  ShipmentRefused: {
    ...{ by: 'shipping', to: 'ScheduleShipment' },
    usual: () => ({ reason: 'address-undeliverable' }),
  },
  ShipmentCancelled: {
    ...{ by: 'shipping', to: 'CancelShipment' },
    usual: () => ({ effective: true }),
  },
  ShipmentCancellationRefused: {
    ...{ by: 'shipping', to: 'CancelShipment' },
    usual: () => ({ reason: 'shipment-dispatched' }),
  },
};

/** An answer to the command that it belongs to, which order has to have sent. */
export async function answerTo(context: StateContext, named: string | Payload): Promise<void> {
  const { type, ...fields } = typeof named === 'string' ? { type: named } : named;
  const answer = ANSWERS[type];
  if (answer === undefined) throw new Error(`no participant answers ${type}`);
  const usual = answer.usual?.(recordedOrder(context.names));
  await reply(context, answer.by, answer.to, { ...usual, type, ...fields });
}

/** Sets up the provider states of order in which its participants have replied. */
export const orderReplyStates: States = {
  'its participants have answered': async (context, { replies }) => {
    const all = replies as ReadonlyArray<string | Payload>;
    for (const named of all) await answerTo(context, named);
    // A customer cancels an approved order only after its approval was published.
    if (all.at(-1) === 'PaymentCaptured') await context.crossed('OrderApproved');
  },
};
