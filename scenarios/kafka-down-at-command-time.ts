import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';
import { expectAccepted, expectUnavailable } from '../harness/scenario/refusal.ts';

/**
 * Claims: without Kafka a command is refused with 503 and Retry-After and leaves no job; once Kafka
 * is back, the same command with the same key is accepted.
 * Checks: order→kafka is cut, then restored; jobs and orders of the user in between.
 * Could be fooled: by a gateway that is down completely; hence a query must work meanwhile.
 */
export default defineScenario({
  name: 'kafka-down-at-command-time',
  claims: 'without Kafka a command is refused and leaves no job',
  exclusive: true,
  async play({ world, faults }) {
    const [sku, cardToken] = await Promise.all([world.sku(1), world.card()]);
    let refused: Awaited<ReturnType<typeof expectUnavailable>>;
    {
      await using _ = await faults.cut('order→kafka');
      refused = await expectUnavailable(world, { lines: [{ sku, quantity: 1 }], cardToken });
      expect((await refused.user.listOrders()).status).toBe(200);
    }
    await expectAccepted(refused);
  },
});
