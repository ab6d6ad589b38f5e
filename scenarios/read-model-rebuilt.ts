import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';

/**
 * Claims: the read model can be thrown away: built from the first event it is the same.
 * Checks: a customer's history before and after a rebuild, with orders coming in meanwhile.
 * Could be fooled: by a rebuild that does nothing; it must say that it folded events, at least
 * those of these orders.
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
