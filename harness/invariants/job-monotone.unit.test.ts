import { describeInvariant } from '../checker/testing/judge.ts';
import { jobMonotone } from './job-monotone.ts';

const answered = (operation: string, state: string, sequence: number) =>
  ({
    type: 'ok',
    operation,
    name: 'get-job',
    scenario: 'story',
    status: 200,
    response: { jobId: 'job-a', state, sequence },
  }) as const;
const asked = (operation: string) =>
  ({ type: 'invoke', operation, name: 'get-job', scenario: 'story' }) as const;

describeInvariant(
  jobMonotone,
  [
    {
      anomaly: 'a gap in the numbers',
      edit: (to) => to.without('a.RESERVE_STOCK.update.STEP_COMPLETED'),
      says: /Job job-a: update 4 follows update 2/,
      shows: ['a.AUTHORIZE_PAYMENT.domain.update.DOMAIN_EVENT', DOMAIN('RESERVE_STOCK')],
    },
    {
      anomaly: 'a number that is used twice',
      edit: (to) =>
        to.again('a.RESERVE_STOCK.update.STEP_COMPLETED', { value: { messageId: 'other' } }),
      says: /Job job-a: update 3 follows update 3/,
      shows: [
        'a.RESERVE_STOCK.update.STEP_COMPLETED',
        'a.RESERVE_STOCK.update.STEP_COMPLETED.again',
      ],
    },
    {
      anomaly: 'updates that come out of order',
      edit: (to) => to.moveAfter(DOMAIN('RESERVE_STOCK'), 'a.RESERVE_STOCK.update.STEP_COMPLETED'),
      says: /Job job-a: update 3 follows update 1/,
      shows: ['a.update.STARTED', 'a.RESERVE_STOCK.update.STEP_COMPLETED'],
    },
    {
      anomaly: 'a first update that is not number 1',
      edit: (to) => to.without('a.update.STARTED'),
      says: /first update of job job-a has the number 2/,
      shows: [DOMAIN('RESERVE_STOCK')],
    },
    {
      anomaly: 'a state that goes back',
      edit: (to) => to.edit('r.undo-RESERVE_STOCK.domain.update.DOMAIN_EVENT', RUNNING),
      says: /Job job-r went from COMPENSATING to RUNNING/,
      shows: [
        'r.undo-AUTHORIZE_PAYMENT.update.STEP_COMPENSATED',
        'r.undo-RESERVE_STOCK.domain.update.DOMAIN_EVENT',
      ],
    },
    {
      anomaly: 'a terminal state that is overwritten',
      edit: (to) =>
        to.again('a.update.SUCCEEDED', {
          value: { messageId: 'other', sequence: 11, kind: 'FAILED', state: 'FAILED' },
        }),
      says: /Job job-a went from SUCCEEDED to FAILED/,
      shows: ['a.update.SUCCEEDED', 'a.update.SUCCEEDED.again'],
    },
    {
      anomaly: 'an update after the end',
      edit: (to) =>
        to.again('a.update.SUCCEEDED', {
          value: { messageId: 'other', sequence: 11, kind: 'DOMAIN_EVENT', level: 'DETAIL' },
        }),
      says: /Job job-a had ended when update 11 \(DOMAIN_EVENT\) came/,
      shows: ['a.update.SUCCEEDED', 'a.update.SUCCEEDED.again'],
    },
    {
      anomaly: 'an update that names the wrong one before it',
      edit: (to) =>
        to.edit(DOMAIN('AUTHORIZE_PAYMENT'), {
          value: { previousSequences: { outcome: 0, progress: 1, detail: 3 } },
        }),
      says: /says that 0, 1, 3 came before it at outcome, progress, detail; it was 0, 3, 3/,
      shows: ['a.RESERVE_STOCK.update.STEP_COMPLETED', DOMAIN('AUTHORIZE_PAYMENT')],
    },
    {
      anomaly: 'a job whose updates are on two partitions',
      edit: (to) => to.edit('a.RESERVE_STOCK.update.STEP_COMPLETED', { partition: 9 }),
      says: /Job job-a is on partitions \d and 9/,
      shows: [DOMAIN('RESERVE_STOCK'), 'a.RESERVE_STOCK.update.STEP_COMPLETED'],
    },
    {
      anomaly: 'a terminal kind that leaves the job running',
      edit: (to) => to.edit('a.update.SUCCEEDED', RUNNING),
      says: /Update 10 of job job-a is SUCCEEDED, but leaves it RUNNING/,
      shows: ['a.update.SUCCEEDED'],
    },
    {
      anomaly: 'a job that expires twice',
      edit: (to) => {
        const expired = (sequence: number) => ({
          value: {
            messageId: `expired-${sequence}`,
            kind: 'EXPIRED',
            sequence,
            level: 'OUTCOME',
            previousSequences: {
              outcome: sequence - 1,
              progress: sequence - 1,
              detail: sequence - 1,
            },
          },
        });
        to.again('a.update.SUCCEEDED', expired(12), 'expired.again');
        to.again('a.update.SUCCEEDED', expired(11), 'expired');
        to.edit('state.job.job-a', { value: { sequence: 12 } });
      },
      says: /Job job-a expired in update 11, and again in 12/,
      shows: ['expired', 'expired.again'],
      minimal: false,
    },
    {
      anomaly: 'a terminal state that is overwritten in Redis only',
      edit: (to) => to.edit('state.job.job-a', { value: { state: 'RUNNING' } }),
      says: /Job job-a is RUNNING after update 10 in Redis; its last update .* is 10, SUCCEEDED/,
      shows: ['a.update.SUCCEEDED', 'state.job.job-a'],
    },
    {
      anomaly: 'an update that is kept in Redis and never published',
      edit: (to) => to.edit('state.job.job-a', { value: { sequence: 11 } }),
      says: /Job job-a is SUCCEEDED after update 11 in Redis; its last update .* is 10/,
      shows: ['a.update.SUCCEEDED', 'state.job.job-a'],
    },
    {
      anomaly: 'a REST answer that goes back behind an earlier one',
      edit: (to) =>
        to
          .add('g1', asked('g1'))
          .add('g1.ok', answered('g1', 'SUCCEEDED', 10))
          .add('g2', asked('g2'))
          .add('g2.ok', answered('g2', 'RUNNING', 4)),
      says: /GET of job job-a answered SUCCEEDED \(update 10\) and later RUNNING \(update 4\)/,
      shows: ['g1.ok', 'g2.ok'],
    },
  ],
  [
    {
      legal: 'an update that is published again unchanged',
      edit: (to) => to.again('a.RESERVE_STOCK.update.STEP_COMPLETED', { offset: '99' }),
    },
    {
      legal: 'answers to overlapping questions in any order',
      edit: (to) =>
        to
          .add('g1', asked('g1'))
          .add('g2', asked('g2'))
          .add('g1.ok', answered('g1', 'SUCCEEDED', 10))
          .add('g2.ok', answered('g2', 'RUNNING', 4)),
    },
  ],
);

const RUNNING = { value: { state: 'RUNNING' } };

function DOMAIN(step: string): string {
  return `a.${step}.domain.update.DOMAIN_EVENT`;
}
