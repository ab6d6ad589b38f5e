import { v7 as uuidv7 } from 'uuid';
import { InventoryService } from '#proto/sagaproof/inventory/v1/inventory_pb.js';
import { RpcClient } from '../../clients/rpc.ts';
import { until } from '../../kernel/poll.ts';
import { command, query, type RecipesOf } from '../recipe.ts';
import { mustAnswer } from './world.ts';

const QUANTITY = 7;

/** Stock by goods receipts, a reservation by the command that the order service sends. */
export const inventoryRecipes: RecipesOf = (world, address) => {
  const inventory = new RpcClient(InventoryService, address);
  const receipt = () => ({ receiptId: uuidv7(), sku: world.name('sku'), quantity: QUANTITY });
  const stocked = async () => {
    const goods = receipt();
    await mustAnswer('ReceiveStock', inventory.call('receiveStock', goods));
    return { sku: goods.sku };
  };
  const reserved = async () => {
    const { sku } = await stocked();
    const orderId = uuidv7();
    const lines = [{ sku, quantity: 1 }];
    await world.publish('inventory.commands', orderId, { type: 'ReserveStock', lines });
    await until(`order ${orderId} to have a reservation`, async () => {
      const found = await inventory.call('getReservation', { orderId });
      return found.ok;
    });
    return { orderId };
  };
  const { method } = InventoryService;
  return {
    service: InventoryService,
    end: () => inventory.close(),
    recipes: [
      command(method.receiveStock, {
        request: async () => receipt(),
        wrongEffect: async ({ sku }) => {
          const { stock } = await mustAnswer('GetStock', inventory.call('getStock', { sku }));
          const received = stock?.received;
          return received === BigInt(QUANTITY)
            ? undefined
            : `${received} received, not ${QUANTITY}`;
        },
      }),
      query(method.getStock, stocked),
      query(method.getReservation, reserved),
    ],
  };
};
