import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';

/** Far more than the deadline of one part, and far less than a client's time-out. */
const WITHIN_MS = 15_000;

/**
 * Claims: a composed response names the part that is missing, in time, and is complete again once
 * that part is back.
 * Checks: gateway→payment is cut, then restored; shipping is paused, then resumed.
 * Could be fooled: by a cache; hence the order is new and was never read before.
 */
export default defineScenario({
  name: 'composition-with-a-part-down',
  claims: 'a part that is down or hangs is marked as missing',
  controls: ['shipping'],
  exclusive: true,
  async play({ world, faults }) {
    const user = await world.user();
    const [sku, cardToken] = await Promise.all([world.sku(1), world.card()]);
    const order = await user.placeOrder({ lines: [{ sku, quantity: 1 }], cardToken });
    await user.jobEnded(order.jobId);
    {
      await using _ = await faults.cut('api-gateway→payment');
      const startedMs = performance.now();
      const partial = await user.getOrder(order.orderId);
      expect(performance.now() - startedMs).toBeLessThan(WITHIN_MS);
      expect(partial.status).toBe(200);
      expect(partial.body).toMatchObject({
        status: 'APPROVED',
        payment: { status: 'UNAVAILABLE' },
        shipment: { status: 'SCHEDULED' },
        missing: ['payment'],
      });
    }
    // A client that lost its connection waits before it connects again.
    await user.wholeOrder(order.orderId);
    {
      await using _ = await faults.pause('shipping-1');
      const startedMs = performance.now();
      const partial = await user.getOrder(order.orderId);
      expect(performance.now() - startedMs).toBeLessThan(WITHIN_MS);
      expect(partial.body).toMatchObject({
        payment: { status: 'CAPTURED' },
        shipment: { status: 'UNAVAILABLE' },
        missing: ['shipment'],
      });
    }
    expect(await user.wholeOrder(order.orderId)).toMatchObject({ payment: { status: 'CAPTURED' } });
  },
});
