import { expect } from 'vitest';
import { scenario } from '../harness/scenario/scenario.ts';

/**
 * Claims: an order for more than there is fails with its reason and takes nothing, not even of the
 * products that there were enough of.
 * Checks: outcome frame, job, stock of both products, card.
 * Could be fooled: by a service that reserves line by line and forgets the first; hence two lines.
 * Or compares each line with the stock by itself; hence an order of two lines of one product.
 */
scenario(
  { name: 'out-of-stock', claims: 'an order for more than there is fails and holds nothing' },
  async ({ world }) => {
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
);
