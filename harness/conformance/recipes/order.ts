import { createHash } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { OrderService } from '#proto/sagaproof/order/v1/order_pb.js';
import { RpcClient } from '../../clients/rpc.ts';
import { command, query, type RecipesOf } from '../recipe.ts';
import { mustAnswer, type RecipeWorld } from './world.ts';

/**
 * What is cancelled can be fulfilled where the participants run, and else waits for them: an order
 * that was rejected could not be cancelled.
 */
export const orderRecipes: RecipesOf = (world, address) => {
  const orders = new RpcClient(OrderService, address);
  const placed = async () => {
    const order = place(world, { sku: await world.product(), cardToken: await world.card() });
    await mustAnswer('PlaceOrder', orders.call('placeOrder', order));
    return { orderId: order.orderId, userId: order.userId };
  };
  const { method } = OrderService;
  return {
    service: OrderService,
    end: () => orders.close(),
    recipes: [
      command(method.placeOrder, {
        request: async () => place(world),
        wrongEffect: async ({ orderId, userId, lines }) => {
          const found = await mustAnswer('GetOrder', orders.call('getOrder', { orderId, userId }));
          const { length } = found.order?.lines ?? [];
          return length === lines.length ? undefined : `the order has ${length} lines`;
        },
      }),
      command(method.cancelOrder, {
        request: async () => ({ ...(await placed()), jobId: uuidv7() }),
        wrongEffect: async (request) => {
          const { jobId } = await mustAnswer('CancelOrder', orders.call('cancelOrder', request));
          return jobId === request.jobId ? undefined : `another job cancels it: ${jobId}`;
        },
      }),
      query(method.getOrder, placed),
    ],
  };
};

/** Orders an unknown product by default, so that the saga ends after one step. */
const place = (
  world: RecipeWorld,
  { sku, cardToken } = { sku: world.name('sku'), cardToken: world.name('card') },
) => ({
  jobId: uuidv7(),
  orderId: uuidv7(),
  userId: world.name('user'),
  lines: [
    {
      sku,
      quantity: 2,
      unitPrice: { currency: 'JPY', minorUnits: 1_200n },
    },
  ],
  cardToken,
  address: {
    recipient: 'Ada Lovelace',
    street: 'Kanda 1-1',
    city: 'Tokyo',
    postalCode: '101-0047',
    country: 'JP',
  },
  contactEmail: 'ada@customers.example',
  requestHash: createHash('sha256').update(uuidv7()).digest('hex'),
});
