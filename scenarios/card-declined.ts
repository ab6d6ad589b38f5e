import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';

/**
 * Claims: if the card is declined or its limit is too low, the reserved stock is released.
 * Checks: reason, compensation frames, stock afterwards.
 * Could be fooled: by a refusal before the reservation; the frames must show the reservation first.
 */
export default defineScenario({
  name: 'card-declined',
  claims: 'a declined card fails the order and its stock is released',
  async play({ world }) {
    const user = await world.user();
    const [sku, second, declined, poor] = await Promise.all([
      world.sku(5),
      world.sku(3),
      world.card(1_000_000, 'tok_declined'),
      world.card(2_999),
    ]);
    const socket = await user.socket();
    for (const [cardToken, reason] of [
      [declined, 'card-declined'],
      [poor, 'credit-limit-exceeded'],
    ] as const) {
      const order = await user.placeOrder({
        lines: [
          { sku, quantity: 2 },
          { sku: second, quantity: 1 },
        ],
        cardToken,
      });
      await socket.subscribe({ jobId: order.jobId, level: 'detail' });
      expect(await socket.terminal(order.jobId)).toMatchObject({ kind: 'FAILED', reason });
      const about = socket.updates(order.jobId).filter((frame) => frame.kind !== 'DOMAIN_EVENT');
      expect(about.map((frame) => [frame.kind, frame.step ?? null])).toEqual([
        ['STARTED', null],
        ['STEP_COMPLETED', 'RESERVE_STOCK'],
        ['STEP_FAILED', 'AUTHORIZE_PAYMENT'],
        ['COMPENSATING', null],
        ['STEP_COMPENSATED', 'RESERVE_STOCK'],
        ['FAILED', null],
      ]);
    }
    for (const [product, available] of [
      [sku, 5n],
      [second, 3n],
    ] as const) {
      const stock = await world.rpc.inventory.call('getStock', { sku: product });
      expect(stock).toMatchObject({ message: { stock: { available, reserved: 0n } } });
    }
  },
});
