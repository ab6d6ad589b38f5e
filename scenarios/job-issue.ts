import { timestampMs } from '@bufbuild/protobuf/wkt';
import { v4 as uuid } from 'uuid';
import { JobKind, JobState } from '#proto/sagaproof/jobs/v1/jobs_pb.js';
import { LIMITS } from '../contracts/spec/limits.generated.ts';
import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';
import type { World } from '../harness/scenario/world.ts';

/** For a job whose command does not come. */
const ISSUED_TTL_MS = LIMITS['job-management'].issuedMs;
/** Issuer and store may have a clock each. */
const CLOCK_SLACK_MS = 2_000;
const HASH = 'a'.repeat(64);
const OTHER_HASH = 'b'.repeat(64);

/**
 * Claims: an issued job belongs to its user and key: a repeat gets the same job and order, another
 * command is refused, and it is taken back by its user only, once no repeat counts on it.
 * Checks: gRPC answers to IssueJob and CancelIssue in several orders, and what REST shows.
 * Could be fooled: by a job that is hidden and still there; hence its key is used for another
 * command afterwards.
 */
export default defineScenario({
  name: 'job-issue',
  claims: 'an issued job is one per key, and is taken back as it was issued',
  async play({ world }) {
    const [user, stranger] = await Promise.all([world.user(), world.user()]);
    const { userId } = user;
    const key = world.name('key');
    const orderId = uuid();
    const issue = issuer(world, key);

    const first = await issue({ userId, orderId });
    expect(first.replayed).toBe(false);
    const { job } = first;
    expect(job).toMatchObject({
      ...{ userId, orderId, sequence: 0n, reason: '', step: '' },
      ...{ state: JobState.ISSUED, kind: JobKind.PLACE_ORDER },
    });
    const livesMs = timestampMs(job.expiresAt) - timestampMs(job.issuedAt);
    expect(Math.abs(livesMs - ISSUED_TTL_MS), 'its life').toBeLessThan(CLOCK_SLACK_MS);
    const { jobId } = job;
    expect((await user.getJob(jobId)).body).toMatchObject({
      ...{ jobId, orderId, kind: 'PLACE_ORDER', state: 'ISSUED' },
      ...{ sequence: 0, step: null, reason: null },
    });
    expect((await user.listJobs()).body).toMatchObject({ jobs: [{ jobId }], nextPageToken: null });

    const again = await issue({ userId, orderId: uuid() });
    expect([again.replayed, again.job.jobId, again.job.orderId]).toEqual([true, jobId, orderId]);
    const other = await world.rpc.jobs.call('issueJob', {
      ...{ userId, idempotencyKey: key, kind: JobKind.CANCEL_ORDER },
      ...{ requestHash: OTHER_HASH, orderId },
    });
    expect(other).toMatchObject({ ok: false, code: 'idempotency-key-reused' });
    const theirs = await issue({ userId: stranger.userId, orderId: uuid() });
    expect([theirs.replayed, theirs.job.jobId === jobId]).toEqual([false, false]);

    const cancel = canceller(world);
    expect(await cancel(jobId, stranger.userId), 'by another user').toBe(false);
    expect(await cancel(uuid(), userId), 'of an unknown job').toBe(false);
    expect(await cancel(jobId, userId), 'while a repeat counts on it').toBe(false);
    expect((await user.getJob(jobId)).status).toBe(200);
    expect(await cancel(jobId, userId), 'by the last').toBe(true);
    expect(await cancel(jobId, userId), 'once more').toBe(false);
    expect((await user.getJob(jobId)).body['code']).toBe('job-not-found');
    expect((await user.listJobs()).body['jobs']).toEqual([]);

    const next = await issue({ userId, orderId: uuid(), requestHash: OTHER_HASH });
    expect(next.replayed, 'after it was taken back').toBe(false);
    expect(await cancel(next.job.jobId, userId)).toBe(true);
    expect(await cancel(theirs.job.jobId, stranger.userId)).toBe(true);
  },
});

function issuer(world: World, idempotencyKey: string) {
  return async (request: { userId: string; orderId: string; requestHash?: string }) => {
    const result = await world.rpc.jobs.call('issueJob', {
      ...{ kind: JobKind.PLACE_ORDER, requestHash: HASH, idempotencyKey },
      ...request,
    });
    const job = result.ok ? result.message.job : undefined;
    if (!result.ok || job?.issuedAt === undefined || job.expiresAt === undefined) {
      throw new Error(`no job was issued: ${JSON.stringify(request)}`);
    }
    const { issuedAt, expiresAt } = job;
    return { replayed: result.message.replayed, job: { ...job, issuedAt, expiresAt } };
  };
}

function canceller(world: World) {
  return async (jobId: string, userId: string): Promise<boolean> => {
    const result = await world.rpc.jobs.call('cancelIssue', { jobId, userId });
    if (!result.ok) throw new Error(`CancelIssue: ${result.status} ${result.details}`);
    return result.message.cancelled;
  };
}
