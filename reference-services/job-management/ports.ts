import type { JobRecord, JobUpdate, StoredJob } from './domain.ts';

/** What the store gives back: the job, and what a later commit has to agree with. */
export interface LoadedJob {
  readonly stored: StoredJob | undefined;
  /** When the job will be forgotten; undefined when it is not live. */
  readonly expiresAtMs: number | undefined;
  /** Changes with every commit; empty when there is no record. */
  readonly revision: string;
  /** Of the messages that were asked for, those that have been folded in. */
  readonly seen: ReadonlySet<string>;
  /** False when the store has lost what it held: what is not there may have been. */
  readonly intact: boolean;
}

/** An update that waits to be published, with its trace (empty when none). */
export interface PendingUpdate {
  readonly update: JobUpdate;
  readonly traceparent: string;
}

export interface JobCommit {
  readonly record: JobRecord;
  /** How long the job stays from now on; undefined: it is not live after this. */
  readonly ttlMs: number | undefined;
  /** The events that this folds in; none of them may have been before. */
  readonly messageIds?: readonly string[];
  /** Go into the outbox in the same step. */
  readonly pending?: readonly PendingUpdate[];
}

export interface Committed {
  /** The record's after the commit. */
  readonly revision: string;
  readonly claim: Claim;
}

/** A job in a user's list. */
export interface ListedJob {
  readonly record: JobRecord;
  readonly expiresAtMs: number;
}

/** Where a page of a list ended. */
export interface ListPosition {
  readonly issuedAtMs: number;
  readonly jobId: string;
}

/** Jobs with their time to live, and their outbox. */
export interface JobStore {
  load(jobId: string, messageIds?: readonly string[]): Promise<LoadedJob>;
  /**
   * All of it or nothing. False when the job changed since `loaded` was read, when one of the
   * messages has been folded in, or when the store has lost what it held.
   */
  commit(loaded: LoadedJob, commit: JobCommit): Promise<boolean>;
  /** Commits and takes the right to publish in one step; undefined when it did not commit. */
  commitAndClaim(loaded: LoadedJob, commit: JobCommit): Promise<Committed | undefined>;
  /** Forgets the job and its record. False when it changed since `loaded` was read. */
  remove(loaded: LoadedJob): Promise<boolean>;
  /** Live jobs of a user, newest first, after a position. */
  list(userId: string, limit: number, after?: ListPosition): Promise<readonly ListedJob[]>;
  /**
   * Jobs that are not live any more and were not reported as expired. Looks at a bounded number
   * per call and goes on where the call before ended.
   */
  vanished(): Promise<readonly string[]>;
  /** False when the store has lost what it held, or never held anything. */
  isIntact(): Promise<boolean>;
  /** Puts a job back, unless it is there. `seen`: the messages that were folded in. */
  restore(record: JobRecord, ttlMs: number | undefined, seen: readonly string[]): Promise<void>;
  /** Says that everything that could be put back is there. */
  markIntact(): Promise<void>;
}

/** Everything that was published about jobs and is still kept; the store is made again from it. */
export interface UpdateHistory {
  /** Reads from the first to what is the last at the call; in order per job. */
  replay(take: (update: JobUpdate) => void): Promise<void>;
}

export type Claim =
  | { readonly kind: 'empty' }
  /** Another instance is publishing this job's updates. */
  | { readonly kind: 'held' }
  | {
      readonly kind: 'claimed';
      readonly token: string;
      readonly pending: readonly PendingUpdate[];
    };

/** Updates that are committed and not known to be published, in order per job. */
export interface UpdateOutbox {
  /** Takes the exclusive right to publish a job's updates, for a bounded time. */
  claim(jobId: string): Promise<Claim>;
  /**
   * Forgets the first `count` updates, which were published, and answers with those that came
   * meanwhile; with none left, the right ends. Does nothing when the right was lost (undefined).
   */
  settle(
    jobId: string,
    token: string,
    count: number,
  ): Promise<readonly PendingUpdate[] | undefined>;
  /** Gives the right back. */
  release(jobId: string, token: string): Promise<void>;
  /** Jobs with updates that wait, longest first. */
  waiting(): Promise<readonly string[]>;
}

/** Brings updates to `job.updates`; resolves when all of them are there, in order. */
export interface UpdatePublisher {
  publish(pending: readonly PendingUpdate[]): Promise<void>;
}

export interface Clock {
  now(): number;
}
