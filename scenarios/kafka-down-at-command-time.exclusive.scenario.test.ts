import { v7 as uuidv7 } from 'uuid';
import { expect } from 'vitest';
import { scenario } from '../harness/scenario/scenario.ts';
import { until } from '../harness/scenario/until.ts';

/**
 * Claims: a command that cannot be carried out is refused with 503 and Retry-After, and no JobID is
 * left behind; once Kafka is back, the same command with the same key is taken.
 * Checks: order→kafka is cut, then joined; jobs and orders of the user in between.
 * Could be fooled: by a gateway that is down as a whole; a query must work meanwhile.
 */
scenario(
  {
    name: 'kafka-down-at-command-time',
    claims: 'without Kafka a command is refused and leaves no job',
  },
  async ({ world, stack }) => {
    const user = await world.user();
    const [sku, cardToken] = await Promise.all([world.sku(1), world.card()]);
    const command = { lines: [{ sku, quantity: 1 }], cardToken, idempotencyKey: uuidv7() };
    const link = stack.link('order→kafka');
    await link.disable();
    try {
      const refused = await user.tryPlaceOrder(command);
      expect([refused.status, refused.body['code']]).toEqual([503, 'unavailable']);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(refused.body).not.toHaveProperty('jobId');
      const jobs = await world.rpc.jobs.call('listJobs', { userId: user.userId });
      expect(jobs).toMatchObject({ ok: true, message: { jobs: [] } });
      expect((await user.listOrders()).status).toBe(200);
    } finally {
      await link.enable();
    }
    const taken = await until('the command to be taken again', async () => {
      const response = await user.tryPlaceOrder(command);
      return response.status === 202 ? response.body : undefined;
    });
    expect(await user.jobEnded(String(taken['jobId']))).toMatchObject({ state: 'SUCCEEDED' });
  },
);
