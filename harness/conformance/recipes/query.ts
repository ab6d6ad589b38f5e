import { v7 as uuidv7 } from 'uuid';
import { QueryService } from '#proto/sagaproof/query/v1/query_pb.js';
import { RpcClient } from '../../clients/rpc.ts';
import { until } from '../../kernel/poll.ts';
import { command, query, type RecipesOf } from '../recipe.ts';
import { mustAnswer, type RecipeWorld } from './world.ts';

/** An order in the read model, by the event that the order service publishes. */
export const queryRecipes: RecipesOf = (world, address) => {
  const model = new RpcClient(QueryService, address);
  const withOrder = async () => {
    const userId = world.name('user');
    await publishOrder(world, userId);
    await until(`the read model to have an order of ${userId}`, async () => {
      const page = await mustAnswer('ListOrders', model.call('listOrders', { userId }));
      return page.orders.length === 1;
    });
    return { userId, pageSize: 5 };
  };
  const { method } = QueryService;
  return {
    service: QueryService,
    end: () => model.close(),
    recipes: [
      query(method.listOrders, withOrder),
      command(method.rebuildProjection, {
        request: async () => ({}),
        busyCode: 'projection-rebuilding',
        slow: true,
      }),
    ],
  };
};

function publishOrder(world: RecipeWorld, userId: string): Promise<void> {
  const money = { currency: 'JPY', minorUnits: 1_200 };
  const payload = {
    type: 'OrderPlaced',
    lines: [{ sku: 'blue-teapot', quantity: 1, unitPrice: money }],
    total: money,
  };
  return world.publish('order.events', uuidv7(), payload, { userId, sequence: 1 });
}
