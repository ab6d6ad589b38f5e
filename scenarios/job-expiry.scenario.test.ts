import { Redis } from 'ioredis';
import { expect } from 'vitest';
import { scenario } from '../harness/scenario/scenario.ts';
import { until } from '../harness/scenario/until.ts';

/**
 * Claims: a job whose time is over is gone for REST and gRPC, and its subscribers are told.
 * Checks: the end of the TTL is brought forward in Redis (the key layout is public), not waited
 * for.
 * Could be fooled: by a service that keeps jobs elsewhere; it declares the feature `redis-layout`
 * absent.
 */
scenario(
  {
    name: 'job-expiry',
    claims: 'an expired job is gone by REST and gRPC, and sockets are told',
    needs: ['redis-layout'],
  },
  async ({ world }) => {
    const user = await world.user();
    const [sku, cardToken] = await Promise.all([world.sku(1), world.card()]);
    const socket = await user.socket();
    const order = await user.placeOrder({ lines: [{ sku, quantity: 1 }], cardToken });
    await socket.subscribe({ jobId: order.jobId, level: 'outcome' });
    await socket.terminal(order.jobId);
    const held = await user.getJob(order.jobId);
    expect(Date.parse(String(held.body['expiresAt']))).toBeGreaterThan(
      Date.parse(String(held.body['updatedAt'])),
    );

    const redis = new Redis(world.book.redis.url);
    try {
      expect(await redis.pexpire(`job:{${order.jobId}}`, 1)).toBe(1);
    } finally {
      redis.disconnect();
    }
    const gone = await until('the job to be gone by REST', async () => {
      const response = await user.getJob(order.jobId);
      return response.status === 404 ? response : undefined;
    });
    expect(gone.body['code']).toBe('job-not-found');
    const rpc = await world.rpc.jobs.call('getJob', { jobId: order.jobId, userId: user.userId });
    expect(rpc).toMatchObject({ ok: false, status: 'NOT_FOUND', code: 'job-not-found' });
    const told = (frame: { type: string; jobId?: string }) =>
      frame.type === 'expired' && frame.jobId === order.jobId;
    await socket.waitFor('the notice that the job has expired', told);
    expect(await user.wholeOrder(order.orderId)).toMatchObject({ status: 'APPROVED' });
  },
);
