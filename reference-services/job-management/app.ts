import { OperationalError } from '#kit/errors.ts';
import { UpdatePublishing } from './app-publishing.ts';
import { JobRecovery } from './app-recovery.ts';
import {
  decideCancel,
  decideExpiry,
  decideFold,
  decideIssue,
  type IgnoreReason,
  type IssueJob,
  type JobRecord,
  jobIdOf,
} from './domain.ts';
import type { JobEvent } from './domain-events.ts';
import type {
  Clock,
  JobStore,
  ListedJob,
  ListPosition,
  LoadedJob,
  UpdateHistory,
  UpdateOutbox,
  UpdatePublisher,
} from './ports.ts';

/**
 * A commit loses against another one about the same job, and each round one of them wins: as many
 * requests with one idempotency key may arrive at once.
 */
const COMMIT_ATTEMPTS_MAX = 200;
/** Jobs that a sweep looks after side by side. */
const SWEEP_CONCURRENCY = 16;

export interface JobServiceParts {
  readonly store: JobStore;
  readonly outbox: UpdateOutbox;
  readonly publisher: UpdatePublisher;
  readonly history: UpdateHistory;
  readonly clock: Clock;
  /** A job that is issued lives this long unless its saga starts. */
  readonly issuedTtlMs: number;
  /** A job lives this long after its latest event. */
  readonly jobTtlMs: number;
}

export interface Issued {
  readonly job: ListedJob;
  readonly replayed: boolean;
}

export interface JobPage {
  readonly jobs: readonly ListedJob[];
  /** Where the next page begins; undefined on the last. */
  readonly next: ListPosition | undefined;
}

export type Folded =
  | { readonly kind: 'updated'; readonly sequence: number }
  | { readonly kind: 'ignored'; readonly reason: IgnoreReason };

/** The use cases of jobs. Any number of instances may run side by side. */
export class JobService {
  readonly #parts: JobServiceParts;
  readonly #publishing: UpdatePublishing;
  readonly #recovery: JobRecovery;

  constructor(parts: JobServiceParts) {
    this.#parts = parts;
    this.#recovery = new JobRecovery(parts);
    this.#publishing = new UpdatePublishing(parts);
  }

  /** Issues a job, or gives back the one that the key has. */
  async issue(command: Omit<IssueJob, 'nowMs'>): Promise<Issued> {
    const { store, clock } = this.#parts;
    const jobId = jobIdOf(command.userId, command.idempotencyKey);
    return contend(jobId, async () => {
      const loaded = await this.#loadSettled(jobId);
      const nowMs = clock.now();
      const decision = decideIssue(loaded.stored, { ...command, nowMs });
      if (decision.kind === 'rejected') throw new OperationalError(decision.reason);
      const { record } = decision;
      if (record === loaded.stored?.record && loaded.expiresAtMs !== undefined) {
        return { job: { record, expiresAtMs: loaded.expiresAtMs }, replayed: true };
      }
      const keepsItsTime = loaded.expiresAtMs !== undefined && record.state !== 'ISSUED';
      const expiresAtMs = keepsItsTime ? loaded.expiresAtMs : nowMs + this.#lifetimeMs(record);
      const isDone = await store.commit(loaded, { record, ttlMs: ttlUntil(expiresAtMs, nowMs) });
      return isDone
        ? { job: { record, expiresAtMs }, replayed: decision.kind === 'replayed' }
        : undefined;
    });
  }

  /** A job of a user; another user's is not there. */
  async get(jobId: string, userId: string): Promise<ListedJob> {
    const { stored, expiresAtMs } = await this.#load(jobId);
    if (!stored?.live || expiresAtMs === undefined || stored.record.userId !== userId) {
      throw new OperationalError('job-not-found');
    }
    return { record: stored.record, expiresAtMs };
  }

  /** A page of a user's jobs, newest first. */
  async list(userId: string, pageSize: number, after?: ListPosition): Promise<JobPage> {
    const found = await this.#parts.store.list(userId, pageSize + 1, after);
    const jobs = found.slice(0, pageSize);
    const last = found.length > pageSize ? jobs.at(-1)?.record : undefined;
    return { jobs, next: last && { issuedAtMs: last.issuedAtMs, jobId: last.jobId } };
  }

  /** Takes back a job whose command was not accepted. False when there was nothing to take back. */
  async cancel(jobId: string, userId: string): Promise<boolean> {
    const { store, clock } = this.#parts;
    return contend(jobId, async () => {
      const loaded = await this.#load(jobId);
      const decision = decideCancel(loaded.stored, userId);
      switch (decision.kind) {
        case 'nothing':
          return false;
        case 'remove':
          return (await store.remove(loaded)) ? true : undefined;
        case 'release': {
          const ttlMs = ttlUntil(loaded.expiresAtMs ?? 0, clock.now());
          const { record } = decision;
          return (await store.commit(loaded, { record, ttlMs })) ? false : undefined;
        }
        default:
          return decision satisfies never;
      }
    });
  }

  /**
   * Folds an event in and publishes what follows from it. When it resolves, nothing of the event
   * can be lost: also for a duplicate, whose first time may have ended before its publication.
   */
  async fold(event: JobEvent, traceparent: string): Promise<Folded> {
    const folded = await contend(event.jobId, () => this.#tryFold(event, traceparent));
    await this.#publishing.publish(event.jobId);
    return folded;
  }

  async #tryFold(event: JobEvent, traceparent: string): Promise<Folded | undefined> {
    const loaded = await this.#loadSettled(event.jobId, event.messageId);
    if (loaded.seen) return { kind: 'ignored', reason: 'duplicate' };
    const at = { nowMs: this.#parts.clock.now(), traceparent };
    const decision = decideFold(loaded.stored, event, at);
    if (decision.kind === 'ignored') return decision;
    const { record, update } = decision;
    const isDone = await this.#parts.store.commit(loaded, {
      record,
      ttlMs: this.#lifetimeMs(record),
      messageId: event.messageId,
      pending: { update, traceparent },
    });
    return isDone ? { kind: 'updated', sequence: update.sequence } : undefined;
  }

  /** Reports the end of a job that may have expired. */
  async expire(jobId: string): Promise<void> {
    await this.#commitExpiry(jobId);
    await this.#publishing.publish(jobId);
  }

  /** Restores what was lost, reports every end, and publishes every update that waits. */
  async sweep(): Promise<void> {
    const { store, outbox } = this.#parts;
    await this.#recovery.ensureIntact();
    await eachOf(await store.vanished(), (jobId) => this.#commitExpiry(jobId));
    await eachOf(await outbox.waiting(), (jobId) => this.#publishing.publish(jobId));
  }

  #lifetimeMs(record: JobRecord): number {
    return record.state === 'ISSUED' ? this.#parts.issuedTtlMs : this.#parts.jobTtlMs;
  }

  /** The job as it is; what was lost is put back first. */
  async #load(jobId: string, messageId?: string): Promise<LoadedJob> {
    const loaded = await this.#parts.store.load(jobId, messageId);
    if (loaded.intact) return loaded;
    await this.#recovery.ensureIntact();
    return this.#parts.store.load(jobId, messageId);
  }

  /** The job as it is, after the end of an earlier life was put into the outbox. */
  async #loadSettled(jobId: string, messageId?: string): Promise<LoadedJob> {
    const loaded = await this.#load(jobId, messageId);
    const { stored } = loaded;
    if (stored === undefined || stored.live || stored.record.expired) return loaded;
    await this.#commitExpiry(jobId);
    return this.#load(jobId, messageId);
  }

  async #commitExpiry(jobId: string): Promise<void> {
    const { store, clock } = this.#parts;
    await contend(jobId, async () => {
      const loaded = await this.#load(jobId);
      const decision = decideExpiry(loaded.stored, clock.now());
      if (decision.kind === 'ignored') return true;
      const { record, update } = decision;
      const pending = { update, traceparent: record.traceparent };
      return (await store.commit(loaded, { record, ttlMs: undefined, pending })) || undefined;
    });
  }
}

const ttlUntil = (expiresAtMs: number, nowMs: number): number => Math.max(1, expiresAtMs - nowMs);

/** Repeats `attempt` until it does not lose against another writer (undefined). */
async function contend<T>(jobId: string, attempt: () => Promise<T | undefined>): Promise<T> {
  for (let round = 0; round < COMMIT_ATTEMPTS_MAX; round += 1) {
    const result = await attempt();
    if (result !== undefined) return result;
  }
  throw new OperationalError('unavailable', { detail: `too many writers of job ${jobId} at once` });
}

/** Runs all of them, some at a time; the first failure is thrown when its batch has ended. */
async function eachOf(
  jobIds: readonly string[],
  work: (jobId: string) => Promise<void>,
): Promise<void> {
  for (let start = 0; start < jobIds.length; start += SWEEP_CONCURRENCY) {
    const batch = jobIds.slice(start, start + SWEEP_CONCURRENCY);
    const results = await Promise.allSettled(batch.map(work));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }
}
