import { v7 as uuidv7 } from 'uuid';
import { expect } from 'vitest';
import { scenario } from '../harness/scenario/scenario.ts';
import { until } from '../harness/scenario/until.ts';

/**
 * Claims: a command that cannot reach the order service is refused with 503 and Retry-After, and
 * leaves no job; once it can, the same command with the same key is taken.
 * Checks: api-gateway→order is cut, then joined; the user's jobs in between.
 * Could be fooled: by a gateway that keeps nothing because it issues nothing; the command is taken
 * in the end.
 */
scenario(
  { name: 'order-unreachable', claims: 'without the order service a command leaves no job' },
  async ({ world, stack }) => {
    const user = await world.user();
    const [sku, cardToken] = await Promise.all([world.sku(1), world.card()]);
    const command = { lines: [{ sku, quantity: 1 }], cardToken, idempotencyKey: uuidv7() };
    const link = stack.link('api-gateway→order');
    await link.disable();
    try {
      // A call that was on its way when the link was cut may have arrived: nobody knows.
      const refused = await until('a refusal', async () => {
        const response = await user.tryPlaceOrder(command);
        return response.body['code'] === 'outcome-unknown' ? undefined : response;
      });
      expect([refused.status, refused.body['code']]).toEqual([503, 'unavailable']);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(refused.body).not.toHaveProperty('jobId');
      const other = await user.tryPlaceOrder({ ...command, idempotencyKey: uuidv7() });
      expect([other.status, other.body['code']]).toEqual([503, 'unavailable']);
      const jobs = await world.rpc.jobs.call('listJobs', { userId: user.userId });
      expect(jobs).toMatchObject({ ok: true, message: { jobs: [] } });
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
