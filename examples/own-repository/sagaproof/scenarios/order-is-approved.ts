import assert from 'node:assert/strict';
import { defineScenario } from 'sagaproof';

/**
 * Claims: an order with stock and money is approved.
 * Checks: the outcome on the customer's WebSocket, and the job that the API shows.
 * Could be fooled: by a system that approves everything; so check a refusal as well.
 */
export default defineScenario({
  name: 'order-is-approved',
  claims: 'an order with stock and money is approved',
  async play({ world }) {
    const user = await world.user();
    const [sku, cardToken] = await Promise.all([world.sku(10), world.card()]);
    const socket = await user.socket();

    const order = await user.placeOrder({ lines: [{ sku, quantity: 2 }], cardToken });
    await socket.subscribe({ jobId: order.jobId, level: 'outcome' });

    const outcome = await socket.terminal(order.jobId);
    assert.equal(outcome.kind, 'SUCCEEDED');
    assert.equal((await user.jobEnded(order.jobId))['state'], 'SUCCEEDED');
  },
});
