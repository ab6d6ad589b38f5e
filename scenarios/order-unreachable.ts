import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { expectAccepted, expectUnavailable } from '../harness/scenario/refusal.ts';

/**
 * Claims: a command that cannot reach the order service is refused with 503 and Retry-After and
 * leaves no job; once it can, the same command with the same key is accepted.
 * Checks: api-gateway→order is cut, then restored; the jobs in between, twice, because the first
 * call may have been under way when the link was cut.
 * Could be fooled: by a gateway that never issues a job; hence the commands are accepted in the
 * end.
 */
export default defineScenario({
  name: 'order-unreachable',
  claims: 'without the order service a command leaves no job',
  exclusive: true,
  async play({ world, faults }) {
    const [sku, cardToken] = await Promise.all([world.sku(2), world.card()]);
    const order = { lines: [{ sku, quantity: 1 }], cardToken };
    const refused: Array<Awaited<ReturnType<typeof expectUnavailable>>> = [];
    {
      await using _ = await faults.cut('api-gateway→order');
      refused.push(await expectUnavailable(world, order), await expectUnavailable(world, order));
    }
    for (const one of refused) await expectAccepted(one);
  },
});
