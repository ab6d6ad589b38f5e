import { Redis } from 'ioredis';
import { LIMITS } from '../contracts/spec/limits.generated.ts';
import { sendWithRetry } from '../harness/clients/rest.ts';
import { until } from '../harness/kernel/poll.ts';
import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';

const JOB_TTL_MS = LIMITS['job-management'].jobMs;
const MEMORY_MS = LIMITS['job-management'].keyMemoryMs;
/** Between an event and what is read about it, on a machine that has more to do. */
const SLACK_MS = 60_000;

/**
 * Claims: a job is kept for an hour after its latest event and its Idempotency-Key for a day more:
 * a repeat after the job has expired finds the same order and starts no second one, and another
 * body is still refused.
 * Checks: the times in the answer and in Redis (the key layout is public); then the job's end is
 * brought forward, and the key is used again.
 * Could be fooled: by a service that stores jobs elsewhere; it declares the feature `redis-layout`
 * absent.
 */
export default defineScenario({
  name: 'limits-jobs',
  claims: 'a job lives an hour, and its key is remembered for a day',
  needs: ['redis-layout'],
  async play({ world }) {
    const user = await world.user();
    const [sku, cardToken] = await Promise.all([world.sku(2), world.card(10_000)]);
    const order = { lines: [{ sku, quantity: 1 }], cardToken, idempotencyKey: world.name('key') };
    const first = await user.placeOrder(order);
    await user.jobEnded(first.jobId);
    const { body } = await user.getJob(first.jobId);
    const [updated, expires] = [body['updatedAt'], body['expiresAt']].map((time) =>
      Date.parse(String(time)),
    );
    expect(
      Math.abs(Number(expires) - Number(updated) - JOB_TTL_MS),
      'the life of a job',
    ).toBeLessThan(SLACK_MS);
    const redis = new Redis(world.book.redis.url);
    try {
      const tailMs = await redis.pttl(`job:{${first.jobId}}:tail`);
      expect(Math.abs(tailMs - JOB_TTL_MS - MEMORY_MS), 'the life of its key').toBeLessThan(
        SLACK_MS,
      );
      await redis.pexpire(`job:{${first.jobId}}`, 1);
    } finally {
      redis.disconnect();
    }
    await until('the job to expire', async () => (await user.getJob(first.jobId)).status === 404);
    const other = await sendWithRetry(() =>
      user.tryPlaceOrder({ ...order, lines: [{ sku, quantity: 2 }] }),
    );
    expect([other.status, other.body['code']]).toEqual([422, 'idempotency-key-reused']);
    const again = await user.placeOrder(order);
    expect([again.jobId, again.orderId]).toEqual([first.jobId, first.orderId]);
    const listed = await user.listOrders();
    expect(listed.body['orders']).toHaveLength(1);
    expect((await user.getStock(sku)).body).toMatchObject({ reserved: 1 });
  },
});
