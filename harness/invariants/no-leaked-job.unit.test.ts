import { expect, it } from 'vitest';
import type { HistoryBuilder } from '../checker/testing/history-builder.ts';
import { describeInvariant, judge } from '../checker/testing/judge.ts';
import { goodStory } from '../checker/testing/story.ts';
import { noLeakedJob } from './no-leaked-job.ts';

/** The command's answer was a refusal, or never came. */
const refused = { type: 'fail', status: 503, code: 'unavailable', jobId: undefined };
const unknown = { type: 'info', status: 0, jobId: undefined };

const jobInRedis = (jobId: string, userId: string) =>
  ({
    type: 'state',
    source: 'redis',
    kind: 'job',
    service: 'job-management',
    key: jobId,
    value: { userId, orderId: 'o', state: 'ISSUED', sequence: 0, ttlMs: 5_000 },
  }) as const;

const killed = {
  type: 'process',
  instance: 'job-management-1',
  what: 'signalled',
  signal: 'SIGKILL',
} as const;

/** A command of another user is refused, and its job is left. */
const leftAfterRefusal = (to: HistoryBuilder): HistoryBuilder => {
  const about = { operation: 'op-x', name: 'cancel-order', scenario: 'story' } as const;
  const asked = { type: 'invoke', ...about, userId: 'user-a', traceId: 'f'.repeat(32) } as const;
  const answered = { type: 'fail', ...about, status: 404, code: 'order-not-found' } as const;
  return to
    .after('a.place.ok', 'asked', { ...asked, request: {} })
    .after('asked', 'answered', answered)
    .after('state.job.job-a', 'leak', jobInRedis('job-x', 'user-a'));
};

describeInvariant(
  noLeakedJob,
  [
    {
      anomaly: 'an order that a 503 unavailable left behind',
      edit: (to) => to.edit('a.place.ok', refused),
      says: /A command was refused \(unavailable\), yet it left job job-a: OrderPlaced/,
      shows: ['a.OrderPlaced', 'a.place.ok'],
    },
    {
      anomaly: 'a job in Redis that no command was taken for',
      edit: (to) => to.after('state.job.job-a', 'leak', jobInRedis('job-x', 'user-a')),
      says: /Job job-x of user user-a is left ISSUED in Redis, but no command was taken/,
      shows: ['leak'],
    },
    {
      anomaly: 'a refusal that hands out a job',
      edit: (to) => to.edit('c.cancel.ok', { type: 'fail', status: 409, code: 'x' }),
      says: /A command was refused \(x\), yet its answer hands out job job-cc/,
      shows: ['c.cancel.ok'],
    },
    {
      anomaly: 'an order without a command',
      edit: (to) => to.without('c.cancel.invoke', 'c.cancel.ok'),
      says: /Job job-cc of user user-c exists \(OrderCancellationRequested on order.events\)/,
      shows: ['c.cancel.OrderCancellationRequested'],
      // Without it the job still shows on job.updates, which is another sign.
    },
    {
      anomaly: 'a job that a refusal left, with its service there all the time',
      edit: leftAfterRefusal,
      says: /Job job-x of user user-a is left ISSUED in Redis/,
      shows: ['leak'],
    },
    {
      anomaly: 'two jobs of one command whose outcome is unknown',
      edit: (to) =>
        to
          .edit('a.place.ok', unknown)
          .after('state.job.job-a', 'leak', jobInRedis('job-x', 'user-a')),
      says: /Job job-x of user user-a is left ISSUED/,
      shows: ['leak'],
    },
  ],
  [
    {
      legal: 'the job of a command whose answer was lost',
      edit: (to) => to.edit('a.place.ok', unknown),
    },
    {
      legal: 'a job that could not be taken back, since its service was killed',
      edit: (to) => leftAfterRefusal(to).after('asked', 'kill', killed),
    },
    {
      legal: 'the job of a command that never came back',
      edit: (to) => to.without('a.place.ok'),
    },
    {
      legal: 'jobs that a load generator plays itself',
      edit: (to) =>
        to.without('c.cancel.invoke', 'c.cancel.ok').after('state.job.job-a', 'load', {
          type: 'load-jobs',
          workload: 'load-fan-out',
          jobs: [{ jobId: 'job-cc', userId: 'user-c' }],
        }),
    },
    {
      legal: "jobs of an earlier run's users",
      edit: (to) => to.after('state.job.job-a', 'other', jobInRedis('job-x', 'user-before')),
    },
  ],
);

it('lets a command of unknown outcome have one job, not two', () => {
  const { to } = goodStory();
  to.edit('a.place.ok', unknown).after('state.job.job-a', 'leak', jobInRedis('job-x', 'user-a'));
  expect(judge(noLeakedJob, to.build()).found).toBe(1);
});

it('counts a job once that expires after the end state was read', () => {
  const { to } = goodStory();
  leftAfterRefusal(to)
    .edit('answered', { type: 'info', status: 503, code: 'outcome-unknown' })
    .after('leak', 'expired', {
      type: 'kafka',
      ...{ topic: 'job.updates', partition: 0, offset: '999', key: 'job-x', timestampMs: 0 },
      headers: { traceparent: `00-${'f'.repeat(32)}-${'a'.repeat(16)}-01` },
      value: { jobId: 'job-x', userId: 'user-a', kind: 'EXPIRED', sequence: 1 },
    });
  expect(judge(noLeakedJob, to.build()).verdict).toBe('valid');
});
