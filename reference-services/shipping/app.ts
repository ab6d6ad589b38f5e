import { OperationalError } from '#kit/errors.ts';
import { announcement, answerOnce, type CommandOf } from '#kit/participant.ts';
import type { Clock, Ids } from '#kit/service.ts';
import { decide, dispatch, evolve, type Shipment } from './domain.ts';
import type { ShippingStore, ShippingUnit } from './ports.ts';

export interface Shipping {
  /** Gives a command its effect and its reply, once. */
  handle(command: CommandOf<'shipping'>): Promise<void>;
  /** Hands the parcel over to the carrier, once. */
  dispatch(orderId: string): Promise<Shipment>;
  shipment(orderId: string): Promise<Shipment>;
}

export function createShipping(parts: {
  readonly store: ShippingStore;
  readonly clock: Clock;
  readonly ids: Ids;
}): Shipping {
  const { store, clock, ids } = parts;
  return {
    handle: (command) =>
      store.transaction((unit) =>
        answerOnce(unit, command, clock, {
          load: () => unit.lockShipment(command.orderId),
          decide: async (before) => applyCommand(unit, command, before),
        }),
      ),
    dispatch: (orderId) =>
      store.transaction(async (unit) => {
        const result = dispatch(await unit.lockShipment(orderId));
        if (result === undefined) throw new OperationalError('shipment-not-scheduled');
        if (result.isNew) {
          unit.saveShipment(orderId, result.after);
          const payload = { type: 'ShipmentDispatched' } as const;
          const event = announcement<'shipping'>(ids.uuid(), orderId, clock.now(), payload);
          await unit.publish(orderId, event);
        }
        return result.after;
      }),
    async shipment(orderId) {
      const shipment = await store.shipment(orderId);
      if (shipment.status === 'none') throw new OperationalError('shipment-not-found');
      return shipment;
    },
  };
}

function applyCommand(
  unit: ShippingUnit,
  { orderId, payload }: CommandOf<'shipping'>,
  before: Shipment,
) {
  const reply = decide(before, payload, orderId);
  const after = evolve(before, reply);
  unit.saveShipment(orderId, after);
  if (payload.type === 'ScheduleShipment' && after !== before) {
    unit.saveParcel(orderId, payload.address, payload.lines);
  }
  return reply;
}
