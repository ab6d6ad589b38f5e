import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';

/**
 * Claims: after the pivot a saga only goes forward: a capture that the acquirer refuses for a while
 * is retried until it succeeds, and the card is charged once.
 * Checks: retries at level detail, the outcome, the card.
 * Could be fooled: by an approval before the capture; hence the card is read at the outcome.
 */
export default defineScenario({
  name: 'capture-retried',
  claims: 'a capture that fails twice is retried until it succeeds',
  async play({ world }) {
    const user = await world.user();
    const [sku, cardToken] = await Promise.all([world.sku(1), world.card(5_000, 'tok_slow_2')]);
    const socket = await user.socket();
    const order = await user.placeOrder({ lines: [{ sku, quantity: 1 }], cardToken });
    await socket.subscribe({ jobId: order.jobId, level: 'detail' });
    expect(await socket.terminal(order.jobId)).toMatchObject({ kind: 'SUCCEEDED' });
    const card = await world.rpc.payment.call('getCard', { cardToken });
    expect(card).toMatchObject({
      message: { card: { held: { minorUnits: 0n }, captured: { minorUnits: 1_000n } } },
    });
    const retries = socket.updates(order.jobId).filter((frame) => frame.kind === 'STEP_RETRIED');
    expect(retries.map((frame) => [frame.step, frame.reason])).toEqual([
      ['CAPTURE_PAYMENT', 'acquirer-unavailable'],
      ['CAPTURE_PAYMENT', 'acquirer-unavailable'],
    ]);
  },
});
