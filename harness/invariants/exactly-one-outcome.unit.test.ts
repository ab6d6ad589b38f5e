import { expect, it } from 'vitest';
import { describeInvariant, judge } from '../checker/testing/judge.ts';
import { Story } from '../checker/testing/story.ts';
import { exactlyOneOutcome } from './exactly-one-outcome.ts';

describeInvariant(
  exactlyOneOutcome,
  [
    {
      anomaly: 'an acknowledged job that never ends',
      edit: (to) => to.without('a.update.SUCCEEDED').wait(20_000).add('late', STARTED_LATE),
      says: /Job job-a was acknowledged and had not ended/,
      shows: ['a.place.ok'],
    },
    {
      anomaly: 'a job that ends twice, as SUCCEEDED and then as FAILED',
      edit: (to) =>
        to.again('a.update.SUCCEEDED', {
          value: { messageId: 'other', kind: 'FAILED', state: 'FAILED', sequence: 12 },
        }),
      says: /Job job-a ended twice: SUCCEEDED and then FAILED/,
      shows: ['a.update.SUCCEEDED', 'a.update.SUCCEEDED.again'],
    },
    {
      anomaly: 'a terminal update that is sent again under a new message id',
      edit: (to) => to.again('a.update.SUCCEEDED', { value: { messageId: 'other' } }),
      says: /Job job-a ended twice/,
      shows: ['a.update.SUCCEEDED', 'a.update.SUCCEEDED.again'],
    },
    {
      anomaly: 'a job that ends later than the bound',
      edit: (to) =>
        to.edit('a.update.SUCCEEDED', {
          atMs: to.nowMs + 60_000,
          timestampMs: to.nowMs + 60_000,
        }),
      says: /Job job-a ended \d+ ms after its acknowledgement/,
      shows: ['a.place.ok', 'a.update.SUCCEEDED'],
    },
    {
      anomaly: 'a job that ends late because a process ended by itself',
      edit: (to) =>
        to
          .edit('a.update.SUCCEEDED', { atMs: to.nowMs + 60_000, timestampMs: to.nowMs + 60_000 })
          .after('a.place.ok', 'gone', {
            ...{ type: 'process', instance: 'order-1', what: 'exited', exitCode: 70 },
          }),
      says: /Job job-a ended \d+ ms after its acknowledgement/,
      shows: ['a.place.ok', 'a.update.SUCCEEDED'],
    },
    {
      anomaly: 'a job that tells FAILED of an order that was approved',
      edit: (to) => to.edit('a.update.SUCCEEDED', { value: { kind: 'FAILED', state: 'FAILED' } }),
      says: /Job job-a ended FAILED, but its saga's outcome is OrderApproved/,
      shows: ['a.OrderApproved', 'a.update.SUCCEEDED'],
    },
    {
      anomaly: 'a job that ends although its saga has no outcome',
      edit: (to) => to.without('a.OrderApproved'),
      says: /Job job-a ended SUCCEEDED, but its saga has no outcome/,
      shows: ['a.place.ok', 'a.update.SUCCEEDED'],
    },
    {
      anomaly: 'a saga with two outcomes',
      edit: (to) =>
        to.again('a.OrderApproved', {
          value: {
            messageId: 'other',
            sequence: 7,
            payload: { type: 'OrderRejected', reason: 'out-of-stock', contactEmail: '' },
          },
        }),
      says: /two outcomes on order.events: OrderApproved, OrderRejected/,
      shows: ['a.OrderApproved', 'a.OrderApproved.again'],
    },
  ],
  [
    {
      legal: 'a job that ends late because a process was kept down',
      edit: (to) => {
        const about = { type: 'process', instance: 'order-1' } as const;
        const atMs = to.nowMs + 60_000;
        return to
          .edit('a.update.SUCCEEDED', { atMs, timestampMs: atMs })
          .after('a.place.ok', 'killed', { ...about, what: 'signalled', signal: 'SIGKILL' })
          .after('a.update.SUCCEEDED', 'back', { ...about, what: 'ready' });
      },
    },
    {
      legal: 'a terminal update that is published again unchanged',
      edit: (to) => to.again('a.update.SUCCEEDED', { offset: '99' }),
    },
    {
      legal: 'a job that expires after it has ended',
      edit: (to) =>
        to.again('a.update.SUCCEEDED', {
          value: { messageId: 'other', kind: 'EXPIRED', sequence: 12 },
        }),
    },
  ],
);

const STARTED_LATE = { type: 'scenario-started', scenario: 'late' } as const;

it('does not judge a job whose bound has not passed when the history ends', () => {
  const story = new Story().begin({ terminalWithinMs: 60_000 });
  story.place('a');
  story.place('b');
  story.end();
  story.to.without('b.update.SUCCEEDED');
  expect(judge(exactlyOneOutcome, story.to.build())).toMatchObject({
    verdict: 'unknown',
    reason: expect.stringContaining('job job-b had not ended'),
  });
});
