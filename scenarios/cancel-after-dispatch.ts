import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';

/**
 * Claims: an order whose parcel was dispatched cannot be cancelled: the cancel job fails and the
 * order stays approved.
 * Checks: the cancel job's reason; order, payment and shipment are as before.
 * Could be fooled: by a refund that comes later; the invariants check the whole history.
 */
export default defineScenario({
  name: 'cancel-after-dispatch',
  claims: 'a dispatched order cannot be cancelled',
  async play({ world }) {
    const user = await world.user();
    const [sku, cardToken] = await Promise.all([world.sku(2), world.card(5_000)]);
    const socket = await user.socket();
    await socket.subscribe({ level: 'progress' });
    const order = await user.placeOrder({ lines: [{ sku, quantity: 1 }], cardToken });
    await socket.terminal(order.jobId);
    await world.dispatch(order.orderId);

    const cancel = await user.cancelOrder(order.orderId);
    expect(await socket.terminal(cancel.jobId)).toMatchObject({
      kind: 'FAILED',
      reason: 'shipment-dispatched',
    });
    expect(await user.wholeOrder(order.orderId)).toMatchObject({
      status: 'APPROVED',
      payment: { status: 'CAPTURED' },
      shipment: { status: 'DISPATCHED' },
    });
    await world.historyShows(user, order.orderId, 'APPROVED');
  },
});
