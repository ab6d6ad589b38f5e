import { expect } from 'vitest';
import { scenario } from '../harness/scenario/scenario.ts';

/**
 * Claims: an order that nothing stands against is approved, and everybody who looks sees the same.
 * Checks: the 202, the frames up to the outcome, REST job and order, stock, card, read model.
 * Could be fooled: by a system that answers from the request; hence stock and card are asked too.
 */
scenario(
  { name: 'happy-path', claims: 'an order with stock, money and an address is approved' },
  async ({ world }) => {
    const user = await world.user();
    const [sku, cardToken] = await Promise.all([world.sku(5), world.card(10_000)]);
    const socket = await user.socket();

    const order = await user.placeOrder({ lines: [{ sku, quantity: 2 }], cardToken });
    await socket.subscribe({ jobId: order.jobId, level: 'detail' });
    const outcome = await socket.terminal(order.jobId);
    expect(outcome).toMatchObject({ kind: 'SUCCEEDED', orderId: order.orderId });
    const steps = socket
      .updates(order.jobId)
      .filter((frame) => frame.kind === 'STEP_COMPLETED')
      .map((frame) => frame.step);
    expect(steps).toEqual([
      'RESERVE_STOCK',
      'AUTHORIZE_PAYMENT',
      'SCHEDULE_SHIPMENT',
      'CAPTURE_PAYMENT',
    ]);

    expect(await user.jobEnded(order.jobId)).toMatchObject({ state: 'SUCCEEDED' });
    expect(await user.wholeOrder(order.orderId)).toMatchObject({
      status: 'APPROVED',
      payment: { status: 'CAPTURED', amount: { minorUnits: 2_000 } },
      shipment: { status: 'SCHEDULED' },
      missing: [],
    });
    const stock = await world.rpc.inventory.call('getStock', { sku });
    expect(stock).toMatchObject({ ok: true, message: { stock: { available: 3n } } });
    const card = await world.rpc.payment.call('getCard', { cardToken });
    expect(card).toMatchObject({
      message: { card: { held: { minorUnits: 0n }, captured: { minorUnits: 2_000n } } },
    });
    await world.historyShows(user, order.orderId, 'APPROVED');
  },
);
