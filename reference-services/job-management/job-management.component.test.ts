import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testContext } from '#kit/context.testkit.ts';
import { errorCodeOf, OperationalError } from '#kit/errors.ts';
import { grpcClient, serveGrpc } from '#kit/grpc.ts';
import { startTestRedis, type TestRedis } from '#kit/redis.testkit.ts';
import { redisClient } from '#kit/redis.ts';
import type { OwnedContext } from '#kit/service.ts';
import { JobService as Descriptor, JobState } from '#proto/sagaproof/jobs/v1/jobs_pb.js';
import { watchExpiry } from './adapters/expiry-watch.ts';
import { redisJobStore } from './adapters/redis-store.ts';
import { JobService } from './app.ts';
import { issue, JOB, nextId, ORDER, orderEvent, participantEvent, USER } from './domain.testkit.ts';
import type { JobUpdate } from './domain.ts';
import { jobServer } from './server.ts';

/** What the canvas promises for an expiry, whether or not Redis tells of it. */
const EXPIRY_SEEN_MS_MAX = 1_500;

let server: TestRedis;
let contexts: OwnedContext[] = [];
let published: JobUpdate[] = [];
/** Publications that fail from now on. */
let failures = 0;

beforeAll(async () => {
  server = await startTestRedis();
});
beforeEach(async () => {
  await server.client.flushall();
  await server.client.config('SET', 'notify-keyspace-events', '');
  published = [];
  failures = 0;
});
afterEach(async () => {
  await Promise.all(contexts.map((context) => context.end()));
  contexts = [];
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

/** One instance of the service, with Redis and without Kafka. */
async function startInstance(name = 'job-management-1') {
  const context = testContext(name);
  contexts.push(context);
  const client = await redisClient(context, server.url);
  const store = redisJobStore(client);
  const jobs = new JobService({
    store,
    outbox: store,
    publisher: {
      async publish(pending) {
        failures -= 1;
        if (failures >= 0) throw new OperationalError('unavailable');
        published.push(...pending.map(({ update }) => update));
      },
    },
    history: { replay: async (take) => published.forEach(take) },
    clock: context.clock,
    issuedTtlMs: 30_000,
    jobTtlMs: 60_000,
  });
  return { context, client, jobs };
}

async function startWatching(name?: string) {
  const instance = await startInstance(name);
  const { context, client, jobs } = instance;
  const subscriber = await redisClient(context, server.url, { name: 'redis events' });
  watchExpiry(context, jobs, { client, subscriber });
  return instance;
}

const kinds = () => published.map((update) => update.kind);

describe('a job whose key expires', () => {
  it('is not found at once, and one EXPIRED is published by two instances', async () => {
    const { jobs } = await startWatching('job-management-1');
    await startWatching('job-management-2');
    await jobs.issue(issue);
    await jobs.fold(orderEvent('OrderPlaced'), '');
    await server.client.pexpire(`job:{${JOB}}`, 1);
    await expect
      .poll(() => jobs.get(JOB, USER).catch(errorCodeOf), { timeout: 100, interval: 2 })
      .toBe('job-not-found');
    await expect.poll(kinds, { timeout: EXPIRY_SEEN_MS_MAX }).toEqual(['STARTED', 'EXPIRED']);
    await jobs.sweep();
    expect(published.map((update) => update.sequence)).toEqual([1, 2]);
    expect(published[1]).toMatchObject({ state: 'RUNNING', level: 'OUTCOME', orderId: ORDER });
  });

  it('is noticed although Redis does not tell of it', async () => {
    const { jobs, client } = await startWatching();
    await client.config('SET', 'notify-keyspace-events', '');
    await jobs.issue(issue);
    await server.client.del(`job:{${JOB}}`);
    await expect.poll(kinds, { timeout: EXPIRY_SEEN_MS_MAX }).toEqual(['EXPIRED']);
  });

  it('goes on counting when an event comes later', async () => {
    const { jobs } = await startInstance();
    await jobs.fold(orderEvent('OrderPlaced'), '');
    await server.client.del(`job:{${JOB}}`);
    await jobs.fold(orderEvent('OrderApproved'), '');
    expect(published.map((update) => [update.kind, update.sequence])).toEqual([
      ['STARTED', 1],
      ['EXPIRED', 2],
      ['SUCCEEDED', 3],
    ]);
    expect((await jobs.get(JOB, USER)).record.state).toBe('SUCCEEDED');
  });
});

describe('several instances', () => {
  it('fold the same events at once, each event once, in one sequence', async () => {
    const instances = await Promise.all(
      [1, 2, 3].map((index) => startInstance(`job-management-${index}`)),
    );
    const events = [
      ...(['OrderPlaced', 'SagaStepCompleted', 'SagaStepRetried', 'SagaStepFailed'] as const),
    ].map((name) => orderEvent(name));
    const all = [...events, participantEvent(), participantEvent()];
    await instances[0]?.jobs.fold(events[0] ?? orderEvent('OrderPlaced'), '');
    await Promise.all(instances.flatMap(({ jobs }) => all.map((event) => jobs.fold(event, ''))));
    expect(published.map((update) => update.sequence)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(new Set(published.map((update) => update.causationId)).size).toBe(6);
  });

  it('publish what one of them committed and could not publish before it died', async () => {
    const first = await startInstance('job-management-1');
    failures = 1;
    const folded = first.jobs.fold(orderEvent('OrderPlaced'), 'trace');
    expect(await folded.catch(errorCodeOf)).toBe('unavailable');
    await first.context.end();
    await startWatching('job-management-2');
    await expect.poll(kinds, { timeout: 2_000 }).toEqual(['STARTED']);
    expect(await server.client.keys('*outbox*')).toEqual([]);
  });

  it('go on counting when Redis lost everything', async () => {
    const instances = [await startInstance('job-management-1'), await startInstance()];
    // A job that is put back lives as long as it would have, by the time of its latest event.
    const placed = orderEvent('OrderPlaced', { occurredAt: Date.now() });
    await instances[0]?.jobs.fold(placed, '');
    await server.client.flushall();
    const events = [placed, orderEvent('SagaStepCompleted'), participantEvent()];
    await Promise.all(instances.flatMap(({ jobs }) => events.map((event) => jobs.fold(event, ''))));
    expect(published.map((update) => update.sequence)).toEqual([1, 2, 3]);
    const jobs = instances[1]?.jobs;
    expect((await jobs?.get(JOB, USER))?.record).toMatchObject({ sequence: 3, orderId: ORDER });
  });
});

describe('JobService over gRPC', () => {
  async function startServer() {
    const { context, jobs } = await startInstance();
    const port = await serveGrpc(context, { port: 0, services: [jobServer(jobs)] });
    const client = grpcClient(context, Descriptor, `127.0.0.1:${port}`, { deadlineMs: 2_000 });
    return { client, jobs };
  }
  const { idempotencyKey, requestHash, userId } = issue;
  const request = { userId, kind: 1, idempotencyKey, requestHash, orderId: ORDER };

  it('issues, replays, shows, lists and takes back', async () => {
    const { client } = await startServer();
    const issued = await client.issueJob(request);
    expect(issued).toMatchObject({ replayed: false, job: { jobId: JOB, orderId: ORDER } });
    expect(issued.job?.state).toBe(JobState.ISSUED);
    const replayed = await client.issueJob({ ...request, orderId: nextId() });
    expect(replayed).toMatchObject({ replayed: true, job: { orderId: ORDER } });
    await client.issueJob({ ...request, idempotencyKey: 'other' });
    const first = await client.listJobs({ userId, pageSize: 1 });
    const second = await client.listJobs({ userId, pageSize: 1, pageToken: first.nextPageToken });
    expect(second.nextPageToken).toBe('');
    const ids = [...first.jobs, ...second.jobs].map((job) => job.jobId);
    expect(new Set(ids).size).toBe(2);
    expect(await client.cancelIssue({ userId, jobId: JOB })).toMatchObject({ cancelled: false });
    expect(await client.cancelIssue({ userId, jobId: JOB })).toMatchObject({ cancelled: true });
    expect(await client.getJob({ userId, jobId: JOB }).catch(errorCodeOf)).toBe('job-not-found');
  });

  it.each([
    ['a user without a name', { ...request, userId: '' }],
    ['no kind', { ...request, kind: 0 }],
    ['a key that is too long', { ...request, idempotencyKey: 'k'.repeat(256) }],
    ['a hash that is none', { ...request, requestHash: 'abc' }],
    ['an order that is no UUID', { ...request, orderId: 'o-1' }],
  ])('refuses %s', async (_, wrong) => {
    const { client } = await startServer();
    expect(await client.issueJob(wrong).catch(errorCodeOf)).toBe('invalid-request');
    expect(await server.client.keys('job*')).toEqual([]);
  });

  it('refuses a page token that it did not give', async () => {
    const { client } = await startServer();
    const page = client.listJobs({ userId, pageToken: 'xyz' });
    expect(await page.catch(errorCodeOf)).toBe('invalid-request');
  });

  it('says unavailable when Redis is not there', async () => {
    const context = testContext('job-management-1');
    contexts.push(context);
    const store = redisJobStore(await redisClient(context, '/nonexistent/redis.sock'));
    const publisher = { publish: async () => undefined };
    const history = { replay: async () => undefined };
    const ttls = { issuedTtlMs: 1, jobTtlMs: 1 };
    const { clock } = context;
    const jobs = new JobService({ store, outbox: store, publisher, history, clock, ...ttls });
    expect(await jobs.get(JOB, USER).catch(errorCodeOf)).toBe('unavailable');
  });
});
