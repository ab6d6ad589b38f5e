import { recordsSince, republish } from '../harness/clients/kafka.ts';
import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';

const TOPICS = [
  'inventory.commands',
  'payment.commands',
  'shipping.commands',
  'inventory.events',
  'payment.events',
  'shipping.events',
  'order.events',
  'job.updates',
];

/**
 * Claims: a record that is delivered again, during its saga or long after it, has no second effect.
 * Checks: all records of three orders are published again, unchanged: of one during its saga, of a
 * refused and of a cancelled one after their sagas. The invariants check the effects.
 * Could be fooled: by duplicates that come too late to matter; hence the first come while a capture
 * is retried.
 */
export default defineScenario({
  name: 'delivered-twice',
  claims: 'a record that is delivered twice has one effect',
  async play({ world }) {
    const beganMs = Date.now();
    const user = await world.user();
    const [sku, slow, card] = await Promise.all([
      world.sku(10),
      world.card(50_000, 'tok_slow_4'),
      world.card(50_000),
    ]);
    const socket = await user.socket();
    await socket.subscribe({ level: 'detail' });
    const place = (cardToken: string, country = 'JP') =>
      user.placeOrder({ lines: [{ sku, quantity: 1 }], cardToken, country });
    const ids = new Set<string>();
    const again = async () => {
      const records = await recordsSince(world, TOPICS, beganMs);
      const own = records.filter(({ key }) => ids.has(key));
      expect(own.length).toBeGreaterThan(0);
      await republish(world, own);
    };

    const order = await place(slow);
    ids.add(order.orderId).add(order.jobId);
    await socket.waitFor(
      'the first retry of the capture',
      ({ jobId, kind }) => jobId === order.jobId && kind === 'STEP_RETRIED',
    );
    await again();
    expect(await socket.terminal(order.jobId)).toMatchObject({ kind: 'SUCCEEDED' });

    const refused = await place(card, 'AQ');
    const cancelled = await place(card);
    await socket.terminal(refused.jobId);
    await socket.terminal(cancelled.jobId);
    const cancel = await user.cancelOrder(cancelled.orderId);
    await socket.terminal(cancel.jobId);
    for (const { orderId, jobId } of [refused, cancelled, cancel]) ids.add(orderId).add(jobId);
    await again();
    expect(await user.wholeOrder(order.orderId)).toMatchObject({ status: 'APPROVED' });
    expect(await user.wholeOrder(cancelled.orderId)).toMatchObject({ status: 'CANCELLED' });
  },
});
