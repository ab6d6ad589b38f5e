import { contend } from './app-contend.ts';
import type { UpdatePublishing } from './app-publishing.ts';
import { decideFold, type IgnoreReason, type JobRecord } from './domain.ts';
import type { JobEvent } from './domain-events.ts';
import type { Claim, Clock, JobStore, LoadedJob, PendingUpdate } from './ports.ts';

/** Jobs whose record is kept at hand; each is about a kilobyte. */
const JOBS_AT_HAND_MAX = 2_000;

export type Folded =
  | { readonly kind: 'updated'; readonly sequence: number }
  | { readonly kind: 'ignored'; readonly reason: IgnoreReason };

export interface FoldingParts {
  readonly store: Pick<JobStore, 'commitAndClaim'>;
  readonly publishing: Pick<UpdatePublishing, 'publish'>;
  readonly clock: Clock;
  /** The job as it is, after the end of an earlier life was put into the outbox. */
  readonly load: (jobId: string, messageIds: readonly string[]) => Promise<LoadedJob>;
  readonly lifetimeMs: (record: JobRecord) => number;
}

interface Incoming {
  readonly event: JobEvent;
  readonly traceparent: string;
}

interface Waiting extends Incoming {
  readonly settled: PromiseWithResolvers<Folded>;
}

interface Step {
  readonly folded: readonly Folded[];
  /** The right to publish what was committed; undefined when nothing was. */
  readonly claim: Claim | undefined;
}

/** Folds events into jobs: those of one job that come together are folded in one step. */
export class Folding {
  readonly #parts: FoldingParts;
  /** By job, what came while a step is under way. */
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #atHand = new JobsAtHand();

  constructor(parts: FoldingParts) {
    this.#parts = parts;
  }

  /** Resolves when the event is folded in and everything that follows from it is published. */
  fold(event: JobEvent, traceparent: string): Promise<Folded> {
    const waiting = { event, traceparent, settled: Promise.withResolvers<Folded>() };
    const queue = this.#waiting.get(event.jobId);
    if (queue !== undefined) {
      queue.push(waiting);
    } else {
      this.#waiting.set(event.jobId, [waiting]);
      void this.#run(event.jobId);
    }
    return waiting.settled.promise;
  }

  async #run(jobId: string): Promise<void> {
    // One turn later, so that what comes in the same turn is folded in the same step.
    await Promise.resolve();
    for (let round = this.#take(jobId); round.length > 0; round = this.#take(jobId)) {
      try {
        const folded = await this.#foldAll(jobId, round);
        for (const [index, { settled }] of round.entries()) {
          settled.resolve(folded[index] as Folded);
        }
      } catch (error) {
        for (const { settled } of round) settled.reject(error);
      }
    }
    this.#waiting.delete(jobId);
  }

  #take(jobId: string): Waiting[] {
    const round = this.#waiting.get(jobId) ?? [];
    this.#waiting.set(jobId, []);
    return round;
  }

  /** Also publishes for a duplicate, whose first time may have ended before its publication. */
  async #foldAll(jobId: string, incoming: readonly Incoming[]): Promise<readonly Folded[]> {
    let known = this.#atHand.find(jobId);
    const { folded, claim } = await contend(jobId, async () => {
      const before = known;
      known = undefined;
      return this.#tryFold(jobId, incoming, before);
    });
    await this.#parts.publishing.publish(jobId, claim);
    return folded;
  }

  /** Undefined when the job is not as it was known, or another writer was faster. */
  async #tryFold(
    jobId: string,
    incoming: readonly Incoming[],
    known: LoadedJob | undefined,
  ): Promise<Step | undefined> {
    const ids = incoming.map(({ event }) => event.messageId);
    const loaded = known ?? (await this.#parts.load(jobId, ids));
    const nowMs = this.#parts.clock.now();
    let { stored } = loaded;
    const seen = new Set(loaded.seen);
    const pending: PendingUpdate[] = [];
    const folded = incoming.map(({ event, traceparent }): Folded => {
      if (seen.has(event.messageId)) return { kind: 'ignored', reason: 'duplicate' };
      const decision = decideFold(stored, event, { nowMs, traceparent });
      if (decision.kind === 'ignored') return decision;
      const { record, update } = decision;
      stored = { record, live: true };
      seen.add(event.messageId);
      pending.push({ update, traceparent });
      return { kind: 'updated', sequence: update.sequence };
    });
    // A record at hand may be old: a commit finds out, an ignored event would not.
    if (known !== undefined && pending.length < folded.length) return undefined;
    if (stored === undefined || pending.length === 0) return { folded, claim: undefined };
    const claim = await this.#commit(jobId, loaded, { record: stored.record, pending });
    return claim === undefined ? undefined : { folded, claim };
  }

  async #commit(
    jobId: string,
    loaded: LoadedJob,
    { record, pending }: { record: JobRecord; pending: readonly PendingUpdate[] },
  ): Promise<Claim | undefined> {
    this.#atHand.forget(jobId);
    const committed = await this.#parts.store.commitAndClaim(loaded, {
      record,
      ttlMs: this.#parts.lifetimeMs(record),
      messageIds: pending.map(({ update }) => update.causationId),
      pending,
    });
    if (committed === undefined) return undefined;
    this.#atHand.keep(jobId, {
      stored: { record, live: true },
      expiresAtMs: undefined,
      revision: committed.revision,
      seen: new Set(),
      intact: true,
    });
    return committed.claim;
  }
}

/** The jobs that were written last, so that the next event need not read them again. */
class JobsAtHand {
  readonly #jobs = new Map<string, LoadedJob>();

  find(jobId: string): LoadedJob | undefined {
    return this.#jobs.get(jobId);
  }

  keep(jobId: string, loaded: LoadedJob): void {
    this.#jobs.delete(jobId);
    this.#jobs.set(jobId, loaded);
    const [oldest] = this.#jobs.keys();
    if (this.#jobs.size > JOBS_AT_HAND_MAX && oldest !== undefined) this.#jobs.delete(oldest);
  }

  forget(jobId: string): void {
    this.#jobs.delete(jobId);
  }
}
