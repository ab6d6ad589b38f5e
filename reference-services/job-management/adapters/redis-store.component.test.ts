import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testContext } from '#kit/context.testkit.ts';
import { startTestRedis, type TestRedis } from '#kit/redis.testkit.ts';
import { redisClient } from '#kit/redis.ts';
import type { OwnedContext } from '#kit/service.ts';
import { issue, JOB, USER } from '../domain.testkit.ts';
import { decideIssue } from '../domain.ts';
import { jobStoreContract } from '../job-store.testkit.ts';
import type { JobStore, UpdateOutbox } from '../ports.ts';
import { redisJobStore } from './redis-store.ts';

let server: TestRedis;
let context: OwnedContext;
let store: JobStore & UpdateOutbox;

beforeAll(async () => {
  server = await startTestRedis();
  context = testContext('job-management-1');
  store = redisJobStore(await redisClient(context, server.url));
});
beforeEach(async () => {
  await server.client.flushall();
  await store.markIntact();
});
afterAll(async () => {
  await context?.end();
  await server?.[Symbol.asyncDispose]();
});

jobStoreContract('The Redis store', async () => ({
  store,
  lose: async () => void (await server.client.flushall()),
  async lapse(jobId) {
    await server.client.pexpire(`job:{${jobId}}`, 1);
    await expect
      .poll(() => server.client.exists(`job:{${jobId}}`), { timeout: 2_000, interval: 2 })
      .toBe(0);
  },
}));

describe('jobs in Redis', () => {
  const record = () => {
    const decision = decideIssue(undefined, issue);
    if (decision.kind !== 'issued') throw new Error('a fresh job was not issued');
    return decision.record;
  };

  it('are a hash with a time to live, as the canvas says', async () => {
    await store.commit(await store.load(JOB), { record: record(), ttlMs: 5_000 });
    const hash = await server.client.hgetall(`job:{${JOB}}`);
    expect(hash).toMatchObject({
      jobId: JOB,
      userId: USER,
      kind: 'PLACE_ORDER',
      state: 'ISSUED',
      sequence: '0',
      requestHash: issue.requestHash,
    });
    const ttlMs = await server.client.pttl(`job:{${JOB}}`);
    expect(ttlMs).toBeGreaterThan(4_000);
    expect(ttlMs).toBeLessThanOrEqual(5_000);
    expect(await server.client.zrange(`jobs:user:{${USER}}`, '0', '-1')).toEqual([JOB]);
  });

  it('leave no key behind when one is taken back', async () => {
    await store.commit(await store.load(JOB), { record: record(), ttlMs: 5_000 });
    await store.remove(await store.load(JOB));
    expect(await server.client.keys('*')).toEqual(['jobs:intact']);
  });

  it('are dropped from the sweep when nothing is known of them any more', async () => {
    await store.commit(await store.load(JOB), { record: record(), ttlMs: 5_000 });
    await server.client.del(`job:{${JOB}}`, `job:{${JOB}}:tail`);
    expect(await store.vanished()).toEqual([]);
    expect(await server.client.zcard('jobs:expiries')).toBe(0);
  });
});
