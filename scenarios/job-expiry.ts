import { timestampMs } from '@bufbuild/protobuf/wkt';
import { Redis } from 'ioredis';
import { v4 as uuid } from 'uuid';
import { JobKind } from '#proto/sagaproof/jobs/v1/jobs_pb.js';
import { until } from '../harness/kernel/poll.ts';
import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';
import type { World } from '../harness/scenario/world.ts';

/**
 * Claims: an expired job is not found by REST and gRPC, and its subscribers get a notice.
 * Checks: the TTL is shortened in Redis (the key layout is public) instead of waiting for its end.
 * A job that was only issued has a shorter TTL, and is not found once it is cancelled.
 * Could be fooled: by a service that stores jobs elsewhere; it declares the feature `redis-layout`
 * absent.
 */
export default defineScenario({
  name: 'job-expiry',
  claims: 'an expired job is not found, and its sockets get a notice',
  needs: ['redis-layout'],
  async play({ world }) {
    const user = await world.user();
    const [sku, cardToken] = await Promise.all([world.sku(1), world.card()]);
    const socket = await user.socket();
    const order = await user.placeOrder({ lines: [{ sku, quantity: 1 }], cardToken });
    await socket.subscribe({ jobId: order.jobId, level: 'outcome' });
    await socket.terminal(order.jobId);
    const held = await user.getJob(order.jobId);
    const full =
      Date.parse(String(held.body['expiresAt'])) - Date.parse(String(held.body['updatedAt']));
    expect(full).toBeGreaterThan(2 * (await expiryOfIssued(world, user.userId)));

    const redis = new Redis(world.book.redis.url);
    try {
      expect(await redis.pexpire(`job:{${order.jobId}}`, 1)).toBe(1);
    } finally {
      redis.disconnect();
    }
    const gone = await until('REST to answer that the job is not found', async () => {
      const response = await user.getJob(order.jobId);
      return response.status === 404 ? response : undefined;
    });
    expect(gone.body['code']).toBe('job-not-found');
    const rpc = await world.rpc.jobs.call('getJob', { jobId: order.jobId, userId: user.userId });
    expect(rpc).toMatchObject({ ok: false, status: 'NOT_FOUND', code: 'job-not-found' });
    const isNotice = (frame: { type: string; jobId?: string }) =>
      frame.type === 'expired' && frame.jobId === order.jobId;
    await socket.waitFor('the notice that the job has expired', isNotice);
    expect(await user.wholeOrder(order.orderId)).toMatchObject({ status: 'APPROVED' });
  },
});

/** The TTL of a job whose command never comes. The job is cancelled again. */
async function expiryOfIssued({ rpc }: World, userId: string): Promise<number> {
  const issued = await rpc.jobs.call('issueJob', {
    userId,
    kind: JobKind.PLACE_ORDER,
    idempotencyKey: uuid(),
    requestHash: 'a'.repeat(64),
    orderId: uuid(),
  });
  const job = issued.ok ? issued.message.job : undefined;
  if (job?.issuedAt === undefined || job.expiresAt === undefined) {
    throw new Error('no job was issued');
  }
  const { jobId } = job;
  const back = await rpc.jobs.call('cancelIssue', { jobId, userId });
  expect(back).toMatchObject({ ok: true, message: { cancelled: true } });
  const gone = await rpc.jobs.call('getJob', { jobId, userId });
  expect(gone).toMatchObject({ ok: false, code: 'job-not-found' });
  return timestampMs(job.expiresAt) - timestampMs(job.issuedAt);
}
