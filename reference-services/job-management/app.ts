import { setTimeout as pause } from 'node:timers/promises';
import { OperationalError } from '#kit/errors.ts';
import {
  decideCancel,
  decideExpiry,
  decideFold,
  decideIssue,
  type IgnoreReason,
  type IssueJob,
  type JobEvent,
  type JobRecord,
  jobIdOf,
} from './domain.ts';
import type {
  Clock,
  JobStore,
  ListedJob,
  ListPosition,
  LoadedJob,
  UpdateOutbox,
  UpdatePublisher,
} from './ports.ts';

/** A commit loses against another one about the same job; each round one of them wins. */
const COMMIT_ATTEMPTS_MAX = 25;
/** How long an event waits for another instance to publish the updates of the same job. */
const HELD_TIMEOUT_MS = 8_000;
const HELD_POLL_MS = 20;
/** Jobs whose updates are published side by side when the outbox is drained. */
const DRAIN_CONCURRENCY = 16;

export interface JobServiceParts {
  readonly store: JobStore;
  readonly outbox: UpdateOutbox;
  readonly publisher: UpdatePublisher;
  readonly clock: Clock;
  /** A job that is issued lives this long unless its saga starts. */
  readonly issuedTtlMs: number;
  /** A job lives this long after its latest event. */
  readonly jobTtlMs: number;
}

export type Issued = { readonly job: ListedJob; readonly replayed: boolean };
export type Folded =
  | { readonly kind: 'updated'; readonly sequence: number }
  | { readonly kind: 'ignored'; readonly reason: IgnoreReason };

export type JobService = ReturnType<typeof createJobService>;

/** The use cases of jobs. */
export function createJobService(parts: JobServiceParts) {
  const { store, outbox, clock } = parts;
  const publishPending = createPublishing(parts);

  const lifetimeMs = (record: JobRecord) =>
    record.state === 'ISSUED' ? parts.issuedTtlMs : parts.jobTtlMs;

  /** The job as it is, after the end of an earlier life was reported. */
  async function loadSettled(jobId: string, messageId?: string): Promise<LoadedJob> {
    const loaded = await store.load(jobId, messageId);
    const { stored } = loaded;
    if (stored === undefined || stored.live || stored.record.expired) return loaded;
    await expire(jobId);
    return store.load(jobId, messageId);
  }

  async function expire(jobId: string): Promise<Folded> {
    return contend(jobId, async () => {
      const loaded = await store.load(jobId);
      const decision = decideExpiry(loaded.stored, clock.now());
      if (decision.kind === 'ignored') return decision;
      const { record, update } = decision;
      const pending = { update, traceparent: record.traceparent };
      const isDone = await store.commit(loaded, { record, ttlMs: undefined, pending });
      return isDone ? { kind: 'updated', sequence: update.sequence } : undefined;
    });
  }

  return {
    /** Issues a job, or gives back the one that the key has. */
    async issue(command: Omit<IssueJob, 'nowMs'>): Promise<Issued> {
      const jobId = jobIdOf(command.userId, command.idempotencyKey);
      return contend(jobId, async () => {
        const loaded = await loadSettled(jobId);
        const nowMs = clock.now();
        const decision = decideIssue(loaded.stored, { ...command, nowMs });
        if (decision.kind === 'rejected') throw new OperationalError(decision.reason);
        const { record } = decision;
        const isFresh = loaded.expiresAtMs === undefined || record.state === 'ISSUED';
        const expiresAtMs = isFresh ? nowMs + lifetimeMs(record) : Number(loaded.expiresAtMs);
        const isDone = await store.commit(loaded, { record, ttlMs: expiresAtMs - nowMs });
        const job = { record, expiresAtMs };
        return isDone ? { job, replayed: decision.kind === 'replayed' } : undefined;
      });
    },

    /** A job of a user; another user's is not there. */
    async get(jobId: string, userId: string): Promise<ListedJob> {
      const { stored, expiresAtMs } = await store.load(jobId);
      if (!stored?.live || expiresAtMs === undefined || stored.record.userId !== userId) {
        throw new OperationalError('job-not-found');
      }
      return { record: stored.record, expiresAtMs };
    },

    /** A page of a user's jobs, newest first, and where the next one begins. */
    async list(userId: string, pageSize: number, after?: ListPosition) {
      const found = await store.list(userId, pageSize + 1, after);
      const jobs = found.slice(0, pageSize);
      const last = found.length > pageSize ? jobs.at(-1)?.record : undefined;
      return { jobs, next: last && { issuedAtMs: last.issuedAtMs, jobId: last.jobId } };
    },

    /** Takes back a job whose command was not accepted. False when there was nothing to take back. */
    async cancel(jobId: string, userId: string): Promise<boolean> {
      return contend(jobId, async () => {
        const loaded = await store.load(jobId);
        const decision = decideCancel(loaded.stored, userId);
        if (decision.kind === 'nothing') return false;
        if (decision.kind === 'remove') return (await store.remove(loaded)) ? true : undefined;
        const { record } = decision;
        const ttlMs = Math.max(1, Number(loaded.expiresAtMs) - clock.now());
        return (await store.commit(loaded, { record, ttlMs })) ? false : undefined;
      });
    },

    /**
     * Folds an event in and publishes what follows from it. When it resolves, nothing of the event
     * can be lost: also for a duplicate, whose first time may have ended before its publication.
     */
    async fold(event: JobEvent, traceparent: string): Promise<Folded> {
      const folded = await contend<Folded>(event.jobId, async () => {
        const loaded = await loadSettled(event.jobId, event.messageId);
        if (loaded.seen) return { kind: 'ignored', reason: 'duplicate' };
        const at = { nowMs: clock.now(), traceparent };
        const decision = decideFold(loaded.stored, event, at);
        if (decision.kind === 'ignored') return decision;
        const { record, update } = decision;
        const isDone = await store.commit(loaded, {
          record,
          ttlMs: lifetimeMs(record),
          messageId: event.messageId,
          pending: { update, traceparent },
        });
        return isDone ? { kind: 'updated', sequence: update.sequence } : undefined;
      });
      await publishPending(event.jobId);
      return folded;
    },

    /** Reports the end of a job that may have expired. */
    async expire(jobId: string): Promise<void> {
      await expire(jobId);
      await publishPending(jobId);
    },

    /** Reports every end that was not noticed, and publishes every update that waits. */
    async sweep(): Promise<void> {
      await eachOf(await store.vanished(), expire);
      await eachOf(await outbox.waiting(), publishPending);
    },
  };
}

/** Repeats `attempt` until it does not lose against somebody else (undefined). */
async function contend<T>(jobId: string, attempt: () => Promise<T | undefined>): Promise<T> {
  for (let round = 0; round < COMMIT_ATTEMPTS_MAX; round += 1) {
    const result = await attempt();
    if (result !== undefined) return result;
  }
  throw new OperationalError('unavailable', { detail: `too many writers of job ${jobId} at once` });
}

/** Runs all of them; the first failure is thrown when all have ended. */
async function eachOf(jobIds: readonly string[], work: (jobId: string) => Promise<unknown>) {
  for (let start = 0; start < jobIds.length; start += DRAIN_CONCURRENCY) {
    const batch = jobIds.slice(start, start + DRAIN_CONCURRENCY);
    const results = await Promise.allSettled(batch.map(work));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }
}

/** Publishes what a job has in the outbox; one publisher per job at a time, here and elsewhere. */
function createPublishing({ outbox, publisher, clock }: JobServiceParts) {
  const underWay = new Map<string, Promise<void>>();

  async function publishOnce(jobId: string): Promise<void> {
    const giveUpAtMs = clock.now() + HELD_TIMEOUT_MS;
    for (;;) {
      const claim = await outbox.claim(jobId);
      if (claim.kind === 'empty') return;
      if (claim.kind === 'claimed') {
        await publishClaimed(jobId, claim.token, claim.pending);
      } else if (clock.now() > giveUpAtMs) {
        const detail = `another instance has held the updates of job ${jobId} for too long`;
        throw new OperationalError('unavailable', { detail });
      } else {
        await pause(HELD_POLL_MS);
      }
    }
  }

  async function publishClaimed(
    jobId: string,
    token: string,
    claimed: Parameters<UpdatePublisher['publish']>[0],
  ): Promise<void> {
    let pending = claimed;
    try {
      while (pending.length > 0) {
        await publisher.publish(pending);
        pending = await outbox.settle(jobId, token, pending.length);
      }
    } catch (error) {
      // The right ends by itself when it cannot be given back; the first failure is the one to tell.
      await outbox.release(jobId, token).catch(() => undefined);
      throw error;
    }
  }

  return async function publishPending(jobId: string): Promise<void> {
    // What is under way may have read the outbox too early: wait for it, then look again.
    const before = underWay.get(jobId);
    const own = (before ?? Promise.resolve()).catch(() => undefined).then(() => publishOnce(jobId));
    underWay.set(jobId, own);
    try {
      await own;
    } finally {
      if (underWay.get(jobId) === own) underWay.delete(jobId);
    }
  };
}
