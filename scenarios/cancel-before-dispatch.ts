import { sendWithRetry } from '../harness/clients/rest.ts';
import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';

/**
 * Claims: an order that was not dispatched yet can be cancelled: it is refunded and restocked,
 * once.
 * Checks: both jobs, card, stock, read model; a second cancellation is refused.
 * Could be fooled: by a cancel job that ends before the refund; hence card and stock are read at
 * its end.
 */
export default defineScenario({
  name: 'cancel-before-dispatch',
  claims: 'a cancelled order is refunded and restocked',
  async play({ world }) {
    const user = await world.user();
    const quantity = world.random.integer(1, 9);
    const [sku, cardToken] = await Promise.all([world.sku(quantity), world.card(9_000)]);
    const socket = await user.socket();
    await socket.subscribe({ level: 'detail' });
    const order = await user.placeOrder({ lines: [{ sku, quantity }], cardToken });
    expect(await socket.terminal(order.jobId)).toMatchObject({ kind: 'SUCCEEDED' });

    const cancel = await user.cancelOrder(order.orderId);
    expect(cancel.orderId).toBe(order.orderId);
    expect(cancel.jobId).not.toBe(order.jobId);
    expect(await socket.terminal(cancel.jobId)).toMatchObject({ kind: 'SUCCEEDED' });
    expect(await user.wholeOrder(order.orderId)).toMatchObject({
      status: 'CANCELLED',
      payment: { status: 'REFUNDED' },
      shipment: { status: 'CANCELLED' },
    });
    const card = await world.rpc.payment.call('getCard', { cardToken });
    expect(card).toMatchObject({
      message: { card: { held: { minorUnits: 0n }, captured: { minorUnits: 0n } } },
    });
    const stock = await world.rpc.inventory.call('getStock', { sku });
    expect(stock).toMatchObject({ message: { stock: { available: BigInt(quantity) } } });

    const again = await sendWithRetry(() => user.tryCancelOrder(order.orderId));
    expect([again.status, again.body['code']]).toEqual([409, 'order-not-cancellable']);
    await world.historyShows(user, order.orderId, 'CANCELLED');
  },
});
