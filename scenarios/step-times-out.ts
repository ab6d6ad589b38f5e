import { defineScenario, type Play } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';

/** Shortens the scenario if `order` reads this variable; otherwise the scenario waits longer. */
const SHORT = { STEP_TIMEOUT_MS: '3000' };

/**
 * Claims: a step that times out fails the order, and its late success changes nothing: each step is
 * compensated once.
 * Checks: shipping is paused until the time-out is seen, then resumed, and answers late.
 * Could be fooled: by a participant that answers before it is paused; hence the pause comes first.
 */
export default defineScenario({
  name: 'step-times-out',
  claims: 'a step that times out is compensated, and its late reply is ignored',
  deadlineMs: 90_000,
  controls: ['shipping', 'order'],
  exclusive: true,
  async play(given) {
    const { stack, faults } = given;
    const orders = stack.addressBook.services['order']?.instances ?? [];
    await using restarts = new AsyncDisposableStack();
    await Promise.all(
      orders.map(async ({ id }) => restarts.use(await faults.restart(id, { env: SHORT }))),
    );
    await timesOut(given);
  },
});

async function timesOut({ world, faults }: Play): Promise<void> {
  const user = await world.user();
  const [sku, cardToken] = await Promise.all([world.sku(3), world.card(9_000)]);
  const socket = await user.socket();
  let order: Awaited<ReturnType<typeof user.placeOrder>>;
  {
    await using _ = await faults.pause('shipping-1');
    order = await user.placeOrder({ lines: [{ sku, quantity: 3 }], cardToken });
    await socket.subscribe({ jobId: order.jobId, level: 'detail' });
    const failed = await socket.waitFor(
      'the time-out of the shipment',
      (frame) => frame.kind === 'STEP_FAILED' && frame.step === 'SCHEDULE_SHIPMENT',
      30_000,
    );
    expect(failed.reason).toBe('step-timed-out');
  }
  expect(await socket.terminal(order.jobId, 30_000)).toMatchObject({
    kind: 'FAILED',
    reason: 'step-timed-out',
  });
  const undone = socket
    .updates(order.jobId)
    .filter((frame) => frame.kind === 'STEP_COMPENSATED')
    .map((frame) => frame.step);
  expect(undone).toEqual(['SCHEDULE_SHIPMENT', 'AUTHORIZE_PAYMENT', 'RESERVE_STOCK']);
  const shipment = await world.rpc.shipping.call('getShipment', { orderId: order.orderId });
  expect(shipment).toMatchObject({ message: { shipment: { status: 3 } } });
  const stock = await world.rpc.inventory.call('getStock', { sku });
  expect(stock).toMatchObject({ message: { stock: { available: 3n } } });
}
