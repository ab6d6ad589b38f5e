import { describeInvariant } from '../checker/testing/judge.ts';
import { jobUpdatesMatchSaga } from './job-updates-match-saga.ts';

/** So that the grace time has passed when the history ends. */
const LATER = { atMs: Date.UTC(2030, 0) };
const COMPLETED = 'a.RESERVE_STOCK.update.STEP_COMPLETED';

describeInvariant(
  jobUpdatesMatchSaga,
  [
    {
      anomaly: 'an event that no update tells of',
      edit: (to) => to.without(COMPLETED).edit('closed.spans', LATER),
      says: /Job job-a has no update of SagaStepCompleted, its order's event 2/,
      shows: ['a.RESERVE_STOCK.SagaStepCompleted'],
    },
    {
      anomaly: 'an update that tells of another step',
      edit: (to) => to.edit(COMPLETED, { value: { step: 'CAPTURE_PAYMENT' } }),
      says: /says STEP_COMPLETED CAPTURE_PAYMENT; its cause, SagaStepCompleted of job job-a, is STEP_COMPLETED RESERVE_STOCK/,
      shows: ['a.RESERVE_STOCK.SagaStepCompleted', COMPLETED],
    },
    {
      anomaly: 'an outcome with another reason',
      edit: (to) => to.edit('r.update.FAILED', { value: { reason: 'out-of-stock' } }),
      says: /says FAILED: out-of-stock; its cause, OrderRejected of job job-r, is FAILED: address-undeliverable/,
      shows: ['r.OrderRejected', 'r.update.FAILED'],
    },
    {
      anomaly: 'an update of an event that there was not',
      edit: (to) => to.edit(COMPLETED, { value: { causationId: 'nothing' } }),
      says: /\(STEP_COMPLETED\) of job job-a reports an event that order.events lacks/,
      shows: [COMPLETED],
    },
    {
      anomaly: 'updates in another order than the events',
      edit: (to) =>
        to
          .edit(COMPLETED, { value: { sequence: 99 } })
          .edit('a.AUTHORIZE_PAYMENT.update.STEP_COMPLETED', { value: { sequence: 98 } }),
      says: /Updates 99 and 98 of job job-a report the order's events 2 and 3 in the wrong order/,
      shows: [
        COMPLETED,
        'a.AUTHORIZE_PAYMENT.SagaStepCompleted',
        'a.AUTHORIZE_PAYMENT.update.STEP_COMPLETED',
      ],
      minimal: false,
    },
  ],
  [
    {
      legal: 'an update that is read before its event',
      edit: (to) => to.moveAfter('a.RESERVE_STOCK.SagaStepCompleted', COMPLETED),
    },
    {
      legal: 'an event that a participant publishes after the job has ended',
      edit: (to) => to.without('a.CAPTURE_PAYMENT.domain.update.DOMAIN_EVENT'),
    },
  ],
);
