import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';

/**
 * Claims: a read model that is rebuilt from the first event is the same as before.
 * Checks: a customer's order history before and after a rebuild, while an order is placed.
 * Could be fooled: by a rebuild that does nothing; hence it must report at least as many folded
 * events as these orders have.
 */
export default defineScenario({
  name: 'read-model-rebuilt',
  claims: 'a read model rebuilt from zero is the same',
  needs: ['rebuild'],
  async play({ world }) {
    const user = await world.user();
    const [sku, cardToken] = await Promise.all([world.sku(3), world.card()]);
    const placed: string[] = [];
    for (const quantity of [1, 1, 5]) {
      const order = await user.placeOrder({ lines: [{ sku, quantity }], cardToken });
      await user.jobEnded(order.jobId);
      await world.historyShows(user, order.orderId, quantity === 5 ? 'REJECTED' : 'APPROVED');
      placed.push(order.orderId);
    }
    const before = await user.listOrders();
    const [rebuilt] = await Promise.all([
      world.prepared('rebuild-projection', {}, () =>
        world.rpc.query.call('rebuildProjection', {}, { deadlineMs: 30_000 }),
      ),
      user.placeOrder({ lines: [{ sku, quantity: 1 }], cardToken }).then(async (order) => {
        await user.jobEnded(order.jobId);
        await world.historyShows(user, order.orderId, 'APPROVED');
      }),
    ]);
    expect(Number(rebuilt.events)).toBeGreaterThanOrEqual(placed.length * 2);
    const after = await user.listOrders();
    const orders = (page: typeof after) =>
      (page.body['orders'] as Array<{ orderId: string }>).filter((order) =>
        placed.includes(order.orderId),
      );
    expect(orders(after)).toEqual(orders(before));
    expect(orders(after)).toHaveLength(placed.length);
  },
});
