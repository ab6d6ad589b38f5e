import type { JobRecord } from '../domain.ts';
import type { Claim, Clock, JobStore, ListedJob, PendingUpdate, UpdateOutbox } from '../ports.ts';

interface Entry {
  record: JobRecord;
  revision: string;
  expiresAtMs: number;
  readonly seen: Set<string>;
}

/**
 * Jobs and outbox in this process, for tests of what uses the ports. It keeps the promises of
 * the Redis adapter, which the same contract suite checks.
 */
export class MemoryJobStore implements JobStore, UpdateOutbox {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  readonly #outbox = new Map<string, PendingUpdate[]>();
  readonly #rights = new Map<string, string>();
  #counter = 0;
  intact = true;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  #isLive(entry: Entry): boolean {
    return entry.expiresAtMs > this.#clock.now();
  }

  async load(jobId: string, messageIds: readonly string[] = []) {
    const entry = this.#entries.get(jobId);
    if (entry === undefined) {
      const { intact } = this;
      const seen = new Set<string>();
      return { stored: undefined, expiresAtMs: undefined, revision: '', seen, intact };
    }
    const live = this.#isLive(entry);
    return {
      stored: { record: entry.record, live },
      expiresAtMs: live ? entry.expiresAtMs : undefined,
      revision: entry.revision,
      seen: new Set(messageIds.filter((id) => entry.seen.has(id))),
      intact: this.intact,
    };
  }

  #isCurrent(loaded: Awaited<ReturnType<JobStore['load']>>, jobId: string): boolean {
    const entry = this.#entries.get(jobId);
    const isLive = entry !== undefined && this.#isLive(entry);
    return (entry?.revision ?? '') === loaded.revision && isLive === (loaded.stored?.live ?? false);
  }

  async commit(...[loaded, commit]: Parameters<JobStore['commit']>): Promise<boolean> {
    const { record, ttlMs, messageIds = [], pending = [] } = commit;
    if (!this.intact || !this.#isCurrent(loaded, record.jobId)) return false;
    const seen = this.#entries.get(record.jobId)?.seen ?? new Set();
    if (messageIds.some((id) => seen.has(id))) return false;
    this.#counter += 1;
    for (const id of messageIds) seen.add(id);
    this.#entries.set(record.jobId, {
      record,
      revision: String(this.#counter),
      expiresAtMs: ttlMs === undefined ? 0 : this.#clock.now() + ttlMs,
      seen,
    });
    if (pending.length > 0) {
      this.#outbox.set(record.jobId, [...(this.#outbox.get(record.jobId) ?? []), ...pending]);
    }
    return true;
  }

  async commitAndClaim(...asked: Parameters<JobStore['commitAndClaim']>) {
    if (!(await this.commit(...asked))) return undefined;
    const { jobId } = asked[1].record;
    const revision = this.#entries.get(jobId)?.revision ?? '';
    return { revision, claim: await this.claim(jobId) };
  }

  async remove(...[loaded]: Parameters<JobStore['remove']>): Promise<boolean> {
    const jobId = loaded.stored?.record.jobId ?? '';
    return this.#isCurrent(loaded, jobId) && this.#entries.delete(jobId);
  }

  async list(...[userId, limit, after]: Parameters<JobStore['list']>): Promise<ListedJob[]> {
    const newestFirst = (a: JobRecord, b: JobRecord) =>
      b.issuedAtMs - a.issuedAtMs || (a.jobId < b.jobId ? 1 : -1);
    return [...this.#entries.values()]
      .filter((entry) => entry.record.userId === userId && this.#isLive(entry))
      .toSorted((a, b) => newestFirst(a.record, b.record))
      .filter(({ record }) => after === undefined || isBehind(record, after))
      .slice(0, limit)
      .map(({ record, expiresAtMs }) => ({ record, expiresAtMs }));
  }

  async vanished(): Promise<string[]> {
    return [...this.#entries.values()]
      .filter((entry) => !this.#isLive(entry) && !entry.record.expired)
      .map((entry) => entry.record.jobId);
  }

  /** What a server without a disk does when it restarts. */
  loseEverything(): void {
    this.#entries.clear();
    this.#outbox.clear();
    this.#rights.clear();
    this.intact = false;
  }

  async isIntact(): Promise<boolean> {
    return this.intact;
  }

  async markIntact(): Promise<void> {
    this.intact = true;
  }

  async restore(...[record, ttlMs, seen]: Parameters<JobStore['restore']>): Promise<void> {
    if (this.#entries.has(record.jobId)) return;
    this.#counter += 1;
    this.#entries.set(record.jobId, {
      record,
      revision: String(this.#counter),
      expiresAtMs: ttlMs === undefined ? 0 : this.#clock.now() + ttlMs,
      seen: new Set(seen),
    });
  }

  async claim(jobId: string): Promise<Claim> {
    const pending = this.#outbox.get(jobId) ?? [];
    if (pending.length === 0) return { kind: 'empty' };
    if (this.#rights.has(jobId)) return { kind: 'held' };
    this.#counter += 1;
    const token = String(this.#counter);
    this.#rights.set(jobId, token);
    return { kind: 'claimed', token, pending: [...pending] };
  }

  async settle(...[jobId, token, count]: Parameters<UpdateOutbox['settle']>) {
    if (this.#rights.get(jobId) !== token) return undefined;
    const left = (this.#outbox.get(jobId) ?? []).slice(count);
    this.#outbox.set(jobId, left);
    if (left.length === 0) this.#rights.delete(jobId);
    return left;
  }

  async release(jobId: string, token: string): Promise<void> {
    if (this.#rights.get(jobId) === token) this.#rights.delete(jobId);
  }

  async waiting(): Promise<string[]> {
    return [...this.#outbox].filter(([, pending]) => pending.length > 0).map(([jobId]) => jobId);
  }
}

function isBehind(record: JobRecord, after: { issuedAtMs: number; jobId: string }): boolean {
  if (record.issuedAtMs !== after.issuedAtMs) return record.issuedAtMs < after.issuedAtMs;
  return record.jobId < after.jobId;
}
