import { expect, it } from 'vitest';
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
