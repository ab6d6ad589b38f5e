import { v7 as uuidv7 } from 'uuid';
import { ShipmentStatus, ShippingService } from '#proto/sagaproof/shipping/v1/shipping_pb.js';
import { RpcClient } from '../../clients/rpc.ts';
import { until } from '../../kernel/poll.ts';
import { command, query, type RecipesOf } from '../recipe.ts';
import { mustAnswer } from './world.ts';

const ADDRESS = {
  recipient: 'Ada Lovelace',
  street: 'Kanda 1-1',
  city: 'Tokyo',
  postalCode: '101-0047',
  country: 'JP',
};

/** Shipments by the command that the order service sends. */
export const shippingRecipes: RecipesOf = (world, address) => {
  const shipping = new RpcClient(ShippingService, address);
  const scheduled = async () => {
    const orderId = uuidv7();
    const lines = [{ sku: 'blue-teapot', quantity: 1 }];
    const payload = { type: 'ScheduleShipment', lines, address: ADDRESS };
    await world.publish('shipping.commands', orderId, payload);
    await until(`order ${orderId} to have a shipment`, async () => {
      const found = await shipping.call('getShipment', { orderId });
      return found.ok;
    });
    return { orderId };
  };
  const { method } = ShippingService;
  return {
    service: ShippingService,
    end: () => shipping.close(),
    recipes: [
      query(method.getShipment, scheduled),
      command(method.dispatchShipment, {
        request: scheduled,
        wrongEffect: async (request) => {
          const { shipment } = await mustAnswer(
            'GetShipment',
            shipping.call('getShipment', request),
          );
          const status = ShipmentStatus[shipment?.status ?? 0];
          return status === 'DISPATCHED' ? undefined : `the shipment is ${status}`;
        },
      }),
    ],
  };
};
