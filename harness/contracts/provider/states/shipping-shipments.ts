import { ShipmentStatus } from '#proto/sagaproof/shipping/v1/shipping_pb.js';
import type { StateContext, States } from '../state.ts';
import { commandStates } from './commanded.ts';
import { accepted, type Probe, slow, unreachable } from './outage.ts';
import { command, recordedOrder } from './played.ts';

const shipment = ({ names, rpc }: StateContext) =>
  rpc.shipping.call('getShipment', { orderId: names.of('orderId') });

const probe: Probe = shipment;

async function is(context: StateContext, status: ShipmentStatus): Promise<void> {
  await context.until(`the shipment to be ${ShipmentStatus[status]}`, async () => {
    const answer = await shipment(context);
    return answer.ok && answer.message.shipment?.status === status;
  });
}

async function schedule(context: StateContext, to: { readonly country?: string } = {}) {
  const { address, lines } = recordedOrder(context.names);
  const where = { ...address, ...to };
  await command(context, 'shipping', { type: 'ScheduleShipment', address: where, lines });
}

async function cancel(context: StateContext): Promise<void> {
  await command(context, 'shipping', { type: 'CancelShipment' });
  await is(context, ShipmentStatus.CANCELLED);
}

async function scheduled(context: StateContext): Promise<void> {
  await schedule(context);
  await is(context, ShipmentStatus.SCHEDULED);
}

async function handOver({ names, rpc }: StateContext): Promise<void> {
  const parcel = { orderId: names.of('orderId') };
  accepted('a hand-over', await rpc.shipping.call('dispatchShipment', parcel));
}

/** Sets up the provider states of shipping. */
export const shippingShipmentStates: States = {
  ...commandStates('shipping'),
  'the order has no shipment': async () => undefined,
  'the shipment is scheduled': scheduled,
  'the shipment is dispatched': async (context) => {
    await scheduled(context);
    await handOver(context);
  },
  'the shipment is handed over to the carrier': async (context) => {
    await is(context, ShipmentStatus.SCHEDULED);
    await handOver(context);
  },
  'the shipment was scheduled and cancelled': async (context) => {
    await scheduled(context);
    await cancel(context);
  },
  'the shipment was cancelled before it was scheduled': cancel,
  'the shipment was refused': async (context) => {
    await schedule(context, { country: 'AQ' });
    await context.crossed('ShipmentRefused');
  },
  'shipping cannot reach Postgres': unreachable('shipping', 'postgres', probe),
  'Postgres is slow': slow('shipping', 'postgres', probe),
};
