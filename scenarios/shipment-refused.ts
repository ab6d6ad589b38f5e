import { ReservationStatus } from '#proto/sagaproof/inventory/v1/inventory_pb.js';
import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';

/**
 * Claims: an order to an address that no carrier serves is compensated in reverse order: payment,
 * then stock.
 * Checks: the order of the compensations on the socket; card, stock and reservation afterwards.
 * Could be fooled: by compensations that are announced and not done; hence card and stock are read.
 */
export default defineScenario({
  name: 'shipment-refused',
  claims: 'an undeliverable address voids, then releases',
  async play({ world }) {
    const user = await world.user();
    const [sku, second, cardToken] = await Promise.all([
      world.sku(4),
      world.sku(2),
      world.card(50_000),
    ]);
    const socket = await user.socket();
    const order = await user.placeOrder({
      lines: [
        { sku, quantity: 4 },
        { sku: second, quantity: 2 },
      ],
      cardToken,
      country: 'AQ',
    });
    await socket.subscribe({ jobId: order.jobId, level: 'detail' });
    expect(await socket.terminal(order.jobId)).toMatchObject({
      kind: 'FAILED',
      reason: 'address-undeliverable',
    });
    const undone = socket
      .updates(order.jobId)
      .filter((frame) => frame.kind === 'STEP_COMPENSATED')
      .map((frame) => frame.step);
    expect(undone).toEqual(['AUTHORIZE_PAYMENT', 'RESERVE_STOCK']);
    const card = await world.rpc.payment.call('getCard', { cardToken });
    expect(card).toMatchObject({
      message: { card: { held: { minorUnits: 0n }, captured: { minorUnits: 0n } } },
    });
    for (const [product, available] of [
      [sku, 4n],
      [second, 2n],
    ] as const) {
      const stock = await world.rpc.inventory.call('getStock', { sku: product });
      expect(stock).toMatchObject({ message: { stock: { available } } });
    }
    const { orderId } = order;
    const reservation = await world.rpc.inventory.call('getReservation', { orderId });
    expect(reservation).toMatchObject({ message: { status: ReservationStatus.RELEASED } });
  },
});
