import { evolve, type JobRecord, type JobUpdate, recordBefore } from './domain.ts';
import type { Clock, JobStore, UpdateHistory } from './ports.ts';

export interface RecoveryParts {
  readonly store: JobStore;
  readonly history: UpdateHistory;
  readonly clock: Clock;
  readonly jobTtlMs: number;
}

interface Recovered {
  record: JobRecord;
  readonly seen: string[];
}

/**
 * Makes the store again from what was published, when it has lost what it held: without that a job
 * under way would count from 1 again, and an event that comes twice would count twice.
 */
export class JobRecovery {
  readonly #parts: RecoveryParts;
  #underWay: Promise<void> | undefined;

  constructor(parts: RecoveryParts) {
    this.#parts = parts;
  }

  /** Resolves when the store holds what it should. Several instances may do it side by side. */
  async ensureIntact(): Promise<void> {
    this.#underWay ??= this.#recover().finally(() => {
      this.#underWay = undefined;
    });
    await this.#underWay;
  }

  async #recover(): Promise<void> {
    const { store, history, clock, jobTtlMs } = this.#parts;
    if (await store.isIntact()) return;
    const jobs = new Map<string, Recovered>();
    await history.replay((update) => take(jobs, update));
    for (const { record, seen } of jobs.values()) {
      const leftMs = Math.max(1, record.updatedAtMs + jobTtlMs - clock.now());
      await store.restore(record, record.expired ? undefined : leftMs, seen);
    }
    await store.markIntact();
  }
}

function take(jobs: Map<string, Recovered>, update: JobUpdate): void {
  const known = jobs.get(update.jobId) ?? { record: recordBefore(update), seen: [] };
  jobs.set(update.jobId, known);
  if (update.sequence <= known.record.sequence) return;
  const at = { nowMs: update.occurredAt, traceparent: '' };
  known.record = evolve(known.record, update, at);
  known.seen.push(update.causationId);
}
