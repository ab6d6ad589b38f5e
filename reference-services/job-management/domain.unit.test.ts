import { describe, expect, it } from 'vitest';
import {
  issue,
  JOB,
  NOW,
  nextId,
  ORDER,
  orderEvent,
  type PayloadName,
  participantEvent,
  USER,
} from './domain.testkit.ts';
import {
  decideCancel,
  decideExpiry,
  decideFold,
  decideIssue,
  type JobRecord,
  jobIdOf,
  type StoredJob,
} from './domain.ts';
import { readParticipantEvent } from './domain-events.ts';

const at = { nowMs: NOW, traceparent: '' };
const live = (record: JobRecord): StoredJob => ({ record, live: true });

function given(...names: PayloadName[]): StoredJob {
  const issued = decideIssue(undefined, issue);
  if (issued.kind !== 'issued') throw new Error('a fresh job was not issued');
  let record = issued.record;
  for (const name of names) {
    const decision = decideFold(live(record), orderEvent(name), at);
    if (decision.kind !== 'update') throw new Error(`${name} was ignored: ${decision.reason}`);
    record = decision.record;
  }
  return live(record);
}

function whenFolded(stored: StoredJob | undefined, event: ReturnType<typeof orderEvent>) {
  const decision = decideFold(stored, event, at);
  if (decision.kind !== 'update') throw new Error(`it was ignored: ${decision.reason}`);
  return decision;
}

describe('issuing a job', () => {
  it('gives a fresh key a job that is ISSUED and has no update', () => {
    expect(decideIssue(undefined, issue)).toMatchObject({
      kind: 'issued',
      record: { jobId: JOB, state: 'ISSUED', sequence: 0, orderId: ORDER, claims: 1 },
    });
  });

  it('gives the same key and command the same job and the first order', () => {
    const again = { ...issue, orderId: '0192f0c1-0000-7000-8000-00000000ffff' };
    expect(decideIssue(given(), again)).toMatchObject({
      kind: 'replayed',
      record: { jobId: JOB, orderId: ORDER, claims: 2 },
    });
  });

  it('refuses the same key with another command', () => {
    expect(decideIssue(given(), { ...issue, requestHash: 'b'.repeat(64) })).toEqual({
      kind: 'rejected',
      reason: 'idempotency-key-reused',
    });
  });

  it('keeps the first order for a key whose job expired a short while ago', () => {
    const { record } = given();
    const again = { ...issue, orderId: '0192f0c1-0000-7000-8000-00000000ffff' };
    expect(decideIssue({ record: { ...record, expired: true }, live: false }, again)).toMatchObject(
      { kind: 'replayed', record: { orderId: ORDER, expired: false } },
    );
  });

  it('gives other users other jobs for the same key', () => {
    expect(jobIdOf('user-2', 'key-1')).not.toBe(JOB);
  });
});

describe('taking a job back', () => {
  it('removes a job that is ISSUED', () => {
    expect(decideCancel(given(), USER)).toEqual({ kind: 'remove' });
  });

  it('keeps it while another request with the same key may have started it', () => {
    const twice = decideIssue(given(), issue);
    if (twice.kind !== 'replayed') throw new Error('it was not replayed');
    expect(decideCancel(live(twice.record), USER)).toMatchObject({
      kind: 'release',
      record: { claims: 1 },
    });
  });

  it.each([
    ['has started', given('OrderPlaced'), USER, 'started'],
    ['is of another user', given(), 'user-2', 'foreign-owner'],
    ['is not there', undefined, USER, 'unknown-job'],
    ['has expired', { ...given(), live: false }, USER, 'unknown-job'],
  ])('does nothing when it %s', (_, stored, userId, reason) => {
    expect(decideCancel(stored, userId)).toEqual({ kind: 'nothing', reason });
  });
});

describe('folding an event', () => {
  it.each([
    ['OrderPlaced', 'STARTED', 'PROGRESS', 'RUNNING'],
    ['OrderCancellationRequested', 'STARTED', 'PROGRESS', 'RUNNING'],
    ['SagaStepCompleted', 'STEP_COMPLETED', 'PROGRESS', 'RUNNING'],
    ['SagaStepFailed', 'STEP_FAILED', 'PROGRESS', 'RUNNING'],
    ['SagaStepRetried', 'STEP_RETRIED', 'DETAIL', 'RUNNING'],
    ['SagaCompensationStarted', 'COMPENSATING', 'DETAIL', 'COMPENSATING'],
    ['SagaStepCompensated', 'STEP_COMPENSATED', 'DETAIL', 'COMPENSATING'],
    ['OrderApproved', 'SUCCEEDED', 'OUTCOME', 'SUCCEEDED'],
    ['OrderCancelled', 'SUCCEEDED', 'OUTCOME', 'SUCCEEDED'],
    ['OrderRejected', 'FAILED', 'OUTCOME', 'FAILED'],
    ['OrderCancellationRefused', 'FAILED', 'OUTCOME', 'FAILED'],
  ] as const)('turns %s into %s at %s, and the job is %s', (name, kind, level, state) => {
    const { update, record } = whenFolded(given('OrderPlaced'), orderEvent(name));
    expect(update).toMatchObject({ kind, level, state, sequence: 2, userId: USER });
    expect(record.state).toBe(state);
  });

  it('says by level which update came before', () => {
    const before = given('OrderPlaced', 'SagaStepRetried', 'SagaStepCompleted');
    const { update } = whenFolded(before, orderEvent('OrderApproved'));
    expect(update.previousSequences).toEqual({ outcome: 0, progress: 3, detail: 3 });
    const earlier = whenFolded(
      given('OrderPlaced', 'SagaStepRetried'),
      orderEvent('OrderApproved'),
    );
    expect(earlier.update.previousSequences).toEqual({ outcome: 0, progress: 1, detail: 2 });
  });

  it('never moves a job back', () => {
    const { update } = whenFolded(
      given('SagaCompensationStarted'),
      orderEvent('SagaStepCompleted'),
    );
    expect(update.state).toBe('COMPENSATING');
  });

  it('keeps the reason of a failure, and no other', () => {
    const failing = given('OrderPlaced', 'SagaStepFailed', 'SagaCompensationStarted');
    expect(failing.record.reason).toBe('');
    const { record } = whenFolded(failing, orderEvent('OrderRejected'));
    expect(record).toMatchObject({ reason: 'out-of-stock', step: 'RESERVE_STOCK' });
  });

  it('lets only the details level see what a participant says', () => {
    const { update } = whenFolded(given('OrderPlaced'), participantEvent());
    expect(update).toMatchObject({
      kind: 'DOMAIN_EVENT',
      level: 'DETAIL',
      detail: 'StockReserved',
      step: null,
    });
  });

  it('gives the update of the same event the same id', () => {
    const event = orderEvent('OrderPlaced');
    expect(whenFolded(given(), event).update.messageId).toBe(
      whenFolded(undefined, event).update.messageId,
    );
  });

  it('makes a job that is not known from an event of the order', () => {
    const { record } = whenFolded(undefined, orderEvent('OrderCancellationRequested'));
    expect(record).toMatchObject({ jobId: JOB, userId: USER, kind: 'CANCEL_ORDER', sequence: 1 });
  });

  it('goes on counting when the job had expired', () => {
    const expired = decideExpiry({ ...given('OrderPlaced'), live: false }, NOW);
    if (expired.kind !== 'update') throw new Error('it did not expire');
    const stored = { record: expired.record, live: false };
    const { update, record } = whenFolded(stored, orderEvent('SagaStepCompleted'));
    expect(update).toMatchObject({
      sequence: 3,
      previousSequences: { outcome: 2, progress: 2, detail: 2 },
    });
    expect(record.expired).toBe(false);
  });

  it.each([
    ['whose job has ended', given('OrderApproved'), orderEvent('SagaStepRetried'), 'job-terminal'],
    ['of a participant after the end', given('OrderRejected'), participantEvent(), 'job-terminal'],
    ['of another user', given(), orderEvent('OrderPlaced', { userId: 'x' }), 'foreign-owner'],
    ['of a participant whose job is unknown', undefined, participantEvent(), 'unknown-job'],
  ])('ignores an event %s', (_, stored, event, reason) => {
    expect(decideFold(stored, event, at)).toEqual({ kind: 'ignored', reason });
  });

  it('reads nothing from a participant event that no job led to', () => {
    expect(
      readParticipantEvent({
        messageId: nextId(),
        jobId: null,
        orderId: null,
        causationId: null,
        occurredAt: NOW,
        payload: { type: 'StockReceived', sku: 'a', quantity: 1 },
      }),
    ).toBeUndefined();
  });
});

describe('the expiry of a job', () => {
  it('is an outcome that leaves the state as it was', () => {
    const decision = decideExpiry({ ...given('OrderPlaced'), live: false }, NOW + 7);
    expect(decision).toMatchObject({
      kind: 'update',
      update: {
        kind: 'EXPIRED',
        level: 'OUTCOME',
        state: 'RUNNING',
        sequence: 2,
        previousSequences: { outcome: 0, progress: 1, detail: 1 },
        occurredAt: NOW + 7,
      },
      record: { expired: true },
    });
  });

  it('points to the job itself when no event came', () => {
    const decision = decideExpiry({ ...given(), live: false }, NOW);
    expect(decision).toMatchObject({ update: { causationId: JOB, sequence: 1, state: 'ISSUED' } });
  });

  it('is reported once', () => {
    const first = decideExpiry({ ...given(), live: false }, NOW);
    if (first.kind !== 'update') throw new Error('it did not expire');
    expect(decideExpiry({ record: first.record, live: false }, NOW)).toEqual({
      kind: 'ignored',
      reason: 'expired-already',
    });
  });

  it.each([
    ['that is live', given(), 'live'],
    ['that is unknown', undefined, 'unknown-job'],
  ])('is not reported for a job %s', (_, stored, reason) => {
    expect(decideExpiry(stored, NOW)).toEqual({ kind: 'ignored', reason });
  });
});
