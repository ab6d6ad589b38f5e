import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';

/**
 * Claims: an order with stock, money and an address is approved, and every API shows the same.
 * Checks: the 202, the frames up to the outcome, REST job and order, stock, card, read model; and
 * that the gateway serves its OpenAPI document.
 * Could be fooled: by a system that answers from the request; hence stock and card are read too.
 * Or by a constant amount; hence the seed draws quantity and price. Or by one that reads the first
 * line only; hence two lines.
 */
export default defineScenario({
  name: 'happy-path',
  claims: 'an order with stock, money and an address is approved',
  async play({ world }) {
    const user = await world.user();
    const stocked = world.random.integer(5, 50);
    const quantity = world.random.integer(1, stocked);
    const unitPrice = world.random.integer(1, 5_000);
    const more = world.random.integer(1, 5);
    const amount = (quantity + more) * unitPrice;
    const [sku, second, cardToken] = await Promise.all([
      world.sku(stocked),
      world.sku(more),
      world.card(amount),
    ]);
    const socket = await user.socket();

    const order = await user.placeOrder({
      lines: [
        { sku, quantity },
        { sku: second, quantity: more },
      ],
      cardToken,
      unitPrice,
    });
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
    expect((await user.listJobs()).body).toMatchObject({
      jobs: [{ jobId: order.jobId, orderId: order.orderId, state: 'SUCCEEDED' }],
    });
    expect(await user.wholeOrder(order.orderId)).toMatchObject({
      status: 'APPROVED',
      payment: { status: 'CAPTURED', amount: { minorUnits: amount } },
      shipment: { status: 'SCHEDULED' },
      missing: [],
    });
    expect((await user.getStock(sku)).body).toMatchObject({ available: stocked - quantity });
    expect((await user.getStock(world.name('unknown'))).status).toBe(404);
    const rest = await world.rpc.inventory.call('getStock', { sku: second });
    expect(rest).toMatchObject({ ok: true, message: { stock: { available: 0n } } });
    const card = await world.rpc.payment.call('getCard', { cardToken });
    expect(card).toMatchObject({
      message: { card: { held: { minorUnits: 0n }, captured: { minorUnits: BigInt(amount) } } },
    });
    await world.historyShows(user, order.orderId, 'APPROVED');
    const described = await user.tryGet('other', '/openapi.json');
    expect(described.body).toMatchObject({ openapi: expect.stringMatching(/^3\.1\./) });
  },
});
