import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';

/**
 * Claims: an order for more than is in stock fails with its reason and takes nothing, not even of
 * the products with enough stock.
 * Checks: outcome frame, job, stock of both products, card.
 * Could be fooled: by a service that reserves line by line and forgets the first; hence two lines.
 * Or by one that compares each line with the stock on its own; hence an order with two lines of one
 * product.
 */
export default defineScenario({
  name: 'out-of-stock',
  claims: 'an order for more than is in stock fails and holds nothing',
  async play({ world }) {
    const user = await world.user();
    const [plenty, scarce, cardToken] = await Promise.all([
      world.sku(10),
      world.sku(1),
      world.card(),
    ]);
    const socket = await user.socket();
    const order = await user.placeOrder({
      lines: [
        { sku: plenty, quantity: 3 },
        { sku: scarce, quantity: 2 },
      ],
      cardToken,
    });
    await socket.subscribe({ jobId: order.jobId, level: 'outcome' });
    expect(await socket.terminal(order.jobId)).toMatchObject({
      kind: 'FAILED',
      reason: 'out-of-stock',
    });
    expect(await user.jobEnded(order.jobId)).toMatchObject({
      state: 'FAILED',
      reason: 'out-of-stock',
    });
    const twice = { sku: plenty, quantity: 6 };
    const both = await user.placeOrder({ lines: [twice, twice], cardToken });
    expect(await user.jobEnded(both.jobId)).toMatchObject({ state: 'FAILED' });
    for (const [sku, available] of [
      [plenty, 10n],
      [scarce, 1n],
    ] as const) {
      const stock = await world.rpc.inventory.call('getStock', { sku });
      expect(stock).toMatchObject({ message: { stock: { available } } });
    }
    const card = await world.rpc.payment.call('getCard', { cardToken });
    expect(card).toMatchObject({ message: { card: { held: { minorUnits: 0n } } } });
    await world.historyShows(user, order.orderId, 'REJECTED');
  },
});
