import { OperationalError } from '#kit/errors.ts';
import { contend } from './app-contend.ts';
import { type Folded, Folding } from './app-folding.ts';
import { UpdatePublishing } from './app-publishing.ts';
import { JobRecovery } from './app-recovery.ts';
import {
  decideCancel,
  decideExpiry,
  decideIssue,
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

/** The use cases of jobs. Any number of instances may run side by side. */
export class JobService {
  readonly #parts: JobServiceParts;
  readonly #publishing: UpdatePublishing;
  readonly #recovery: JobRecovery;
  readonly #folding: Folding;

  constructor(parts: JobServiceParts) {
    this.#parts = parts;
    this.#recovery = new JobRecovery(parts);
    this.#publishing = new UpdatePublishing(parts);
    this.#folding = new Folding({
      ...parts,
      publishing: this.#publishing,
      load: (jobId, messageIds) => this.#loadSettled(jobId, messageIds),
      lifetimeMs: (record) => this.#lifetimeMs(record),
    });
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
  fold(event: JobEvent, traceparent: string): Promise<Folded> {
    return this.#folding.fold(event, traceparent);
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
  async #load(jobId: string, messageIds?: readonly string[]): Promise<LoadedJob> {
    const loaded = await this.#parts.store.load(jobId, messageIds);
    if (loaded.intact) return loaded;
    await this.#recovery.ensureIntact();
    return this.#parts.store.load(jobId, messageIds);
  }

  /** The job as it is, after the end of an earlier life was put into the outbox. */
  async #loadSettled(jobId: string, messageIds?: readonly string[]): Promise<LoadedJob> {
    const loaded = await this.#load(jobId, messageIds);
    const { stored } = loaded;
    if (stored === undefined || stored.live || stored.record.expired) return loaded;
    await this.#commitExpiry(jobId);
    return this.#load(jobId, messageIds);
  }

  async #commitExpiry(jobId: string): Promise<void> {
    const { store, clock } = this.#parts;
    await contend(jobId, async () => {
      const loaded = await this.#load(jobId);
      const decision = decideExpiry(loaded.stored, clock.now());
      if (decision.kind === 'ignored') return true;
      const { record, update } = decision;
      const pending = [{ update, traceparent: record.traceparent }];
      return (await store.commit(loaded, { record, ttlMs: undefined, pending })) || undefined;
    });
  }
}

const ttlUntil = (expiresAtMs: number, nowMs: number): number => Math.max(1, expiresAtMs - nowMs);

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
