import { v5 as uuidv5 } from 'uuid';
import type { TopicValues } from '#avro/types.generated.ts';
import type { JobEvent } from './domain-events.ts';

export type JobUpdate = TopicValues['job.updates'];
export type JobState = JobUpdate['state'];
export type Level = JobUpdate['level'];
export type JobKind = 'PLACE_ORDER' | 'CANCEL_ORDER';

/** Everything that is known of a job. It outlives the job, so that nothing restarts at 1. */
export interface JobRecord {
  readonly jobId: string;
  readonly userId: string;
  readonly kind: JobKind;
  readonly state: JobState;
  readonly orderId: string;
  /** Of the latest update; 0 when there was none. */
  readonly sequence: number;
  /** By level, the latest update that a subscriber of it saw. */
  readonly last: JobUpdate['previousSequences'];
  /** Tells the same command from another; empty when the job was made from an event. */
  readonly requestHash: string;
  /** How many times it was issued and not taken back: the last to take it back removes it. */
  readonly claims: number;
  /** Why it failed; empty otherwise. */
  readonly reason: string;
  /** The step that the latest update with a step was about; empty when none. */
  readonly step: string;
  readonly issuedAtMs: number;
  readonly updatedAtMs: number;
  /** The event that led to the latest update; empty when there was none. */
  readonly lastEventId: string;
  /** Trace of the latest command or event; empty when it had none. */
  readonly traceparent: string;
  /** Whether its end of life was published. */
  readonly expired: boolean;
}

/** A record, and whether the job is there for its user: neither expired nor taken back. */
export interface StoredJob {
  readonly record: JobRecord;
  readonly live: boolean;
}

/** When something came, and the trace that it is part of (empty when none). */
export interface Moment {
  readonly nowMs: number;
  readonly traceparent: string;
}

export interface IssueJob extends Moment {
  readonly userId: string;
  readonly kind: JobKind;
  readonly idempotencyKey: string;
  readonly requestHash: string;
  readonly orderId: string;
}

export type IssueDecision =
  | { readonly kind: 'issued' | 'replayed'; readonly record: JobRecord }
  | { readonly kind: 'rejected'; readonly reason: 'idempotency-key-reused' };

export type CancelDecision =
  | { readonly kind: 'remove' }
  | { readonly kind: 'release'; readonly record: JobRecord }
  | { readonly kind: 'nothing'; readonly reason: 'unknown-job' | 'foreign-owner' | 'started' };

/** Why an event changes nothing. */
export type IgnoreReason =
  | 'duplicate'
  | 'unknown-job'
  | 'foreign-owner'
  | 'job-terminal'
  | 'live'
  | 'expired-already';

export type FoldDecision =
  | { readonly kind: 'update'; readonly record: JobRecord; readonly update: JobUpdate }
  | { readonly kind: 'ignored'; readonly reason: IgnoreReason };

/** Ids of jobs, and of the updates about them, are names in this namespace. */
const NAMESPACE = '6d1f3c52-9a57-5b0e-8f43-2c7a90de41b8';

/** A job only ever moves up, and never between the two that are last. */
const STATES_BEFORE_END: readonly JobState[] = ['ISSUED', 'RUNNING', 'COMPENSATING'];
const rank = (state: JobState): number =>
  STATES_BEFORE_END.indexOf(state) + 1 || STATES_BEFORE_END.length + 1;

/** Levels, each with those that see what it sees. */
const VISIBLE_TO: Readonly<Record<Level, ReadonlyArray<keyof JobRecord['last']>>> = {
  OUTCOME: ['outcome', 'progress', 'detail'],
  PROGRESS: ['progress', 'detail'],
  DETAIL: ['detail'],
};

/** The job of a user's idempotency key. Always the same one: the key lives with the job. */
export const jobIdOf = (userId: string, idempotencyKey: string): string =>
  uuidv5(`${userId}\n${idempotencyKey}`, NAMESPACE);

/** Whether nothing but its expiry can happen to the job any more. */
const isTerminal = (state: JobState): boolean => rank(state) > STATES_BEFORE_END.length;

/**
 * Issues a job, or gives back the one that the key has. A job that expired a short while ago still
 * decides: the same key must not start a second order because its events were late.
 */
export function decideIssue(stored: StoredJob | undefined, command: IssueJob): IssueDecision {
  if (stored === undefined) return { kind: 'issued', record: newRecord(command) };
  const { record } = stored;
  if (record.requestHash !== '' && record.requestHash !== command.requestHash) {
    return { kind: 'rejected', reason: 'idempotency-key-reused' };
  }
  // Once the saga has started nothing can take the job back, so a repeat counts as no claim.
  const isSettled = stored.live && record.state !== 'ISSUED' && record.requestHash !== '';
  if (isSettled) return { kind: 'replayed', record };
  return {
    kind: 'replayed',
    record: {
      ...record,
      requestHash: command.requestHash,
      claims: record.claims + 1,
      traceparent: record.traceparent === '' ? command.traceparent : record.traceparent,
      expired: false,
    },
  };
}

function newRecord(command: IssueJob): JobRecord {
  return {
    jobId: jobIdOf(command.userId, command.idempotencyKey),
    userId: command.userId,
    kind: command.kind,
    state: 'ISSUED',
    orderId: command.orderId,
    sequence: 0,
    last: { outcome: 0, progress: 0, detail: 0 },
    requestHash: command.requestHash,
    claims: 1,
    reason: '',
    step: '',
    issuedAtMs: command.nowMs,
    updatedAtMs: command.nowMs,
    lastEventId: '',
    traceparent: command.traceparent,
    expired: false,
  };
}

/** Takes a job back, unless it started or another request with the same key may have started it. */
export function decideCancel(stored: StoredJob | undefined, userId: string): CancelDecision {
  if (stored === undefined || !stored.live) return { kind: 'nothing', reason: 'unknown-job' };
  const { record } = stored;
  if (record.userId !== userId) return { kind: 'nothing', reason: 'foreign-owner' };
  if (record.state !== 'ISSUED') return { kind: 'nothing', reason: 'started' };
  return record.claims > 1
    ? { kind: 'release', record: { ...record, claims: record.claims - 1 } }
    : { kind: 'remove' };
}

/** Folds an event into its job. A job that is not known is made from the event. */
export function decideFold(
  stored: StoredJob | undefined,
  event: JobEvent,
  at: Moment,
): FoldDecision {
  const before = stored?.record ?? recordOf(event, at.nowMs);
  if (before === undefined) return { kind: 'ignored', reason: 'unknown-job' };
  if (event.owner !== undefined && event.owner.userId !== before.userId) {
    return { kind: 'ignored', reason: 'foreign-owner' };
  }
  if (isTerminal(before.state)) return { kind: 'ignored', reason: 'job-terminal' };
  const { meaning } = event;
  const state = rank(meaning.state) > rank(before.state) ? meaning.state : before.state;
  const update: JobUpdate = {
    ...nextUpdate(before, meaning.level),
    ...meaning,
    state,
    messageId: uuidv5(`${before.jobId}\n${event.messageId}`, NAMESPACE),
    orderId: event.orderId,
    causationId: event.messageId,
    occurredAt: event.occurredAtMs,
  };
  const kind = event.owner?.kind ?? before.kind;
  return { kind: 'update', record: evolve({ ...before, kind }, update, at), update };
}

/** Says that a job was forgotten: once for each time that it is. */
export function decideExpiry(stored: StoredJob | undefined, nowMs: number): FoldDecision {
  if (stored === undefined) return { kind: 'ignored', reason: 'unknown-job' };
  if (stored.live) return { kind: 'ignored', reason: 'live' };
  const { record } = stored;
  if (record.expired) return { kind: 'ignored', reason: 'expired-already' };
  const next = nextUpdate(record, 'OUTCOME');
  const update: JobUpdate = {
    ...next,
    messageId: uuidv5(`${record.jobId}\nexpired\n${next.sequence}`, NAMESPACE),
    ...{ kind: 'EXPIRED', state: record.state, step: null, detail: null, reason: null },
    // A job that expires before its saga began has no event to point to: it points to itself.
    causationId: record.lastEventId === '' ? record.jobId : record.lastEventId,
    occurredAt: nowMs,
  };
  const at = { nowMs, traceparent: record.traceparent };
  return { kind: 'update', record: evolve(record, update, at), update };
}

/** The record after an update. */
export function evolve(record: JobRecord, update: JobUpdate, at: Moment): JobRecord {
  const seen = VISIBLE_TO[update.level].map((level) => [level, update.sequence]);
  return {
    ...record,
    state: update.state,
    orderId: update.orderId,
    sequence: update.sequence,
    last: { ...record.last, ...Object.fromEntries(seen) },
    reason: update.state === 'FAILED' && update.reason !== null ? update.reason : record.reason,
    step: update.step ?? record.step,
    updatedAtMs: at.nowMs,
    lastEventId: update.kind === 'EXPIRED' ? record.lastEventId : update.causationId,
    traceparent: at.traceparent === '' ? record.traceparent : at.traceparent,
    expired: update.kind === 'EXPIRED',
  };
}

function nextUpdate(record: JobRecord, level: Level) {
  return {
    jobId: record.jobId,
    userId: record.userId,
    orderId: record.orderId,
    sequence: record.sequence + 1,
    previousSequences: record.last,
    level,
  };
}

/** What was known of a job before an update, as far as that says: not what the job runs. */
export function recordBefore(update: JobUpdate): JobRecord {
  const { userId, orderId, jobId, sequence, previousSequences, occurredAt } = update;
  const issue = {
    kind: 'PLACE_ORDER',
    idempotencyKey: '',
    requestHash: '',
    traceparent: '',
  } as const;
  const record = newRecord({ ...issue, userId, orderId, nowMs: occurredAt });
  return { ...record, jobId, claims: 0, sequence: sequence - 1, last: previousSequences };
}

/** A participant's event does not say whose job it is: only an event of the order makes one. */
function recordOf(event: JobEvent, nowMs: number): JobRecord | undefined {
  const { owner, orderId, jobId } = event;
  if (owner === undefined) return undefined;
  const issue = { idempotencyKey: '', requestHash: '', traceparent: '' };
  return { ...newRecord({ ...owner, ...issue, orderId, nowMs }), jobId, claims: 0 };
}
