import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';
import { expectAccepted, expectUnavailable } from '../harness/scenario/refusal.ts';

/**
 * Claims: a command that cannot be carried out is refused with 503 and Retry-After, and no JobID is
 * left behind; once Kafka is back, the same command with the same key is taken.
 * Checks: order→kafka is cut, then joined; jobs and orders of the user in between.
 * Could be fooled: by a gateway that is down as a whole; a query must work meanwhile.
 */
export default defineScenario({
  name: 'kafka-down-at-command-time',
  claims: 'without Kafka a command is refused and leaves no job',
  exclusive: true,
  async play({ world, stack }) {
    const [sku, cardToken] = await Promise.all([world.sku(1), world.card()]);
    const cut = await stack.links.cut('order→kafka');
    let refused: Awaited<ReturnType<typeof expectUnavailable>>;
    try {
      refused = await expectUnavailable(world, { lines: [{ sku, quantity: 1 }], cardToken });
      expect((await refused.user.listOrders()).status).toBe(200);
    } finally {
      await cut.restore();
    }
    await expectAccepted(refused);
  },
});
