import { describe, expect, it } from 'vitest';
import { issue, JOB, orderEvent, USER } from './domain.testkit.ts';
import { decideExpiry, decideFold, decideIssue, type JobRecord } from './domain.ts';
import type { JobStore, PendingUpdate, UpdateOutbox } from './ports.ts';

export interface StoreUnderTest {
  /** Loses everything that it holds, as a server without a disk does. */
  readonly lose: () => Promise<void>;
  readonly store: JobStore & UpdateOutbox;
  /** Ends the life of a job as the passing of its time does. */
  readonly lapse: (jobId: string) => Promise<void>;
}

const TTL_MS = 60_000;

function issuedRecord(idempotencyKey = issue.idempotencyKey, issuedAtMs = 1_000): JobRecord {
  const decision = decideIssue(undefined, { ...issue, idempotencyKey, nowMs: issuedAtMs });
  if (decision.kind !== 'issued') throw new Error('a fresh job was not issued');
  return decision.record;
}

function updateOf(record: JobRecord): { record: JobRecord; pending: PendingUpdate } {
  const at = { nowMs: 2_000, traceparent: 'trace' };
  const decision = decideFold({ record, live: true }, orderEvent('SagaStepCompleted'), at);
  if (decision.kind !== 'update') throw new Error('the event was ignored');
  return { record: decision.record, pending: { update: decision.update, traceparent: 'trace' } };
}

/** What every store of jobs promises. */
export function jobStoreContract(name: string, start: () => Promise<StoreUnderTest>): void {
  describe(`${name} as a store of jobs`, () => {
    async function withJob() {
      const subject = await start();
      const { store } = subject;
      await store.commit(await store.load(JOB), { record: issuedRecord(), ttlMs: TTL_MS });
      return subject;
    }

    it('knows nothing of a job that was not committed', async () => {
      const { store } = await start();
      expect(await store.load(JOB)).toEqual({
        stored: undefined,
        expiresAtMs: undefined,
        revision: '',
        seen: new Set(),
        intact: true,
      });
    });

    it('gives back what was committed', async () => {
      const { store } = await withJob();
      const { record, pending } = updateOf(issuedRecord());
      const messageId = pending.update.causationId;
      const change = { record, ttlMs: TTL_MS, messageIds: [messageId], pending: [pending] };
      expect(await store.commit(await store.load(JOB), change)).toBe(true);
      const loaded = await store.load(JOB, [messageId, JOB]);
      expect(loaded).toMatchObject({ stored: { record, live: true }, seen: new Set([messageId]) });
      expect(loaded.stored?.record).toEqual(record);
      expect(await store.commit(loaded, change), 'the message was folded in').toBe(false);
      expect(await store.commit(loaded, { ...change, messageIds: [] })).toBe(true);
    });

    it('refuses a commit that did not see the one before, and does nothing of it', async () => {
      const { store } = await withJob();
      const stale = await store.load(JOB);
      const { record, pending } = updateOf(issuedRecord());
      expect(await store.commit(stale, { record, ttlMs: TTL_MS, pending: [pending] })).toBe(true);
      expect(await store.commit(stale, { record, ttlMs: TTL_MS, pending: [pending] })).toBe(false);
      const claim = await store.claim(JOB);
      expect(claim).toMatchObject({ kind: 'claimed', pending: [pending] });
    });

    it('lets one of many writers win each round', async () => {
      const { store } = await withJob();
      const loaded = await store.load(JOB);
      const commits = Array.from({ length: 10 }, (_, index) => {
        const record = { ...issuedRecord(), claims: index };
        return store.commit(loaded, { record, ttlMs: TTL_MS });
      });
      expect((await Promise.all(commits)).filter(Boolean)).toHaveLength(1);
    });

    it('refuses a commit when the job lapsed since it was loaded', async () => {
      const { store, lapse } = await withJob();
      const loaded = await store.load(JOB);
      await lapse(JOB);
      expect(await store.commit(loaded, { record: issuedRecord(), ttlMs: TTL_MS })).toBe(false);
    });

    it('keeps the record of a job that lapsed, and tells of it until it is committed', async () => {
      const { store, lapse } = await withJob();
      expect(await store.vanished()).toEqual([]);
      await lapse(JOB);
      expect(await store.vanished()).toEqual([JOB]);
      expect(await store.vanished()).toEqual([JOB]);
      const loaded = await store.load(JOB);
      expect(loaded).toMatchObject({ stored: { live: false }, expiresAtMs: undefined });
      const decision = decideExpiry(loaded.stored, 3_000);
      if (decision.kind !== 'update') throw new Error('it did not expire');
      const { record, update } = decision;
      const pending = [{ update, traceparent: '' }];
      expect(await store.commit(loaded, { record, ttlMs: undefined, pending })).toBe(true);
      expect(await store.vanished()).toEqual([]);
      expect((await store.load(JOB)).stored).toEqual({ record, live: false });
      expect(await store.list(USER, 10)).toEqual([]);
    });

    it('forgets a job that is removed, unless it changed meanwhile', async () => {
      const { store } = await withJob();
      const stale = await store.load(JOB);
      const record = { ...issuedRecord(), claims: 2 };
      await store.commit(stale, { record, ttlMs: TTL_MS });
      expect(await store.remove(stale)).toBe(false);
      expect(await store.remove(await store.load(JOB))).toBe(true);
      expect((await store.load(JOB)).stored).toBeUndefined();
      expect(await store.list(USER, 10)).toEqual([]);
      expect(await store.vanished()).toEqual([]);
    });

    it('takes no commit after it lost everything, until it is said to be intact', async () => {
      const { store, lose } = await withJob();
      await lose();
      const loaded = await store.load(JOB);
      expect(loaded).toMatchObject({ stored: undefined, intact: false });
      expect(await store.isIntact()).toBe(false);
      const commit = { record: issuedRecord(), ttlMs: TTL_MS };
      expect(await store.commit(loaded, commit)).toBe(false);
      await store.markIntact();
      expect(await store.commit(await store.load(JOB), commit)).toBe(true);
    });

    it('puts a job back as it was, and not over one that is there', async () => {
      const { store, lose } = await withJob();
      await lose();
      const { record, pending } = updateOf(issuedRecord());
      const messageId = pending.update.causationId;
      await store.restore(record, TTL_MS, [messageId]);
      await store.restore(issuedRecord(), TTL_MS, []);
      await store.markIntact();
      const loaded = await store.load(JOB, [messageId, JOB]);
      expect(loaded).toMatchObject({ stored: { record, live: true }, seen: new Set([messageId]) });
      expect(await store.list(USER, 10)).toHaveLength(1);
      expect(await store.commit(loaded, { record, ttlMs: TTL_MS })).toBe(true);
    });

    it('puts an expired job back without its life', async () => {
      const { store, lose } = await withJob();
      await lose();
      await store.restore({ ...issuedRecord(), expired: true }, undefined, []);
      expect(await store.load(JOB)).toMatchObject({ stored: { live: false } });
      expect(await store.list(USER, 10)).toEqual([]);
    });

    it('lists live jobs of the user, newest first, page by page', async () => {
      const { store, lapse } = await start();
      const records = ['a', 'b', 'c', 'd', 'e'].map((key, index) =>
        issuedRecord(key, 1_000 + Math.floor(index / 2)),
      );
      for (const record of records) {
        await store.commit(await store.load(record.jobId), { record, ttlMs: TTL_MS });
      }
      const [gone] = records;
      await lapse(gone?.jobId ?? '');
      const pages: string[] = [];
      let after: { issuedAtMs: number; jobId: string } | undefined;
      for (let page = await store.list(USER, 2); page.length > 0; ) {
        pages.push(...page.map(({ record }) => record.jobId));
        const last = page.at(-1)?.record;
        after = last && { issuedAtMs: last.issuedAtMs, jobId: last.jobId };
        page = await store.list(USER, 2, after);
      }
      const expected = records
        .slice(1)
        .toSorted((a, b) => b.issuedAtMs - a.issuedAtMs || (a.jobId < b.jobId ? 1 : -1));
      expect(pages).toEqual(expected.map((record) => record.jobId));
      expect(await store.list('user-2', 10)).toEqual([]);
    });
  });

  describe(`${name} as an outbox`, () => {
    async function withUpdates(count: number) {
      const subject = await start();
      const { store } = subject;
      const updates: PendingUpdate[] = [];
      let record = issuedRecord();
      for (let index = 0; index < count; index += 1) {
        const next = updateOf(record);
        record = next.record;
        updates.push(next.pending);
        const change = { record, ttlMs: TTL_MS, pending: [next.pending] };
        await store.commit(await store.load(JOB), change);
      }
      return { ...subject, updates };
    }

    it('is empty for a job without updates', async () => {
      const { store } = await start();
      expect(await store.claim(JOB)).toEqual({ kind: 'empty' });
      expect(await store.waiting()).toEqual([]);
    });

    it('gives updates in order to one at a time', async () => {
      const { store, updates } = await withUpdates(3);
      expect(await store.waiting()).toEqual([JOB]);
      const claim = await store.claim(JOB);
      expect(claim).toMatchObject({ kind: 'claimed', pending: updates });
      expect(await store.claim(JOB)).toEqual({ kind: 'held' });
    });

    it('gives the right to publish with a commit, to one at a time', async () => {
      const { store } = await start();
      await store.commit(await store.load(JOB), { record: issuedRecord(), ttlMs: TTL_MS });
      const loaded = await store.load(JOB);
      const first = updateOf(issuedRecord());
      const change = { record: first.record, ttlMs: TTL_MS, pending: [first.pending] };
      const done = await store.commitAndClaim(loaded, change);
      expect(done?.claim).toMatchObject({ kind: 'claimed', pending: [first.pending] });
      expect(done?.revision).toBe((await store.load(JOB)).revision);
      expect(await store.commitAndClaim(loaded, change)).toBeUndefined();
      const second = updateOf(first.record);
      const next = { record: second.record, ttlMs: TTL_MS, pending: [second.pending] };
      const held = await store.commitAndClaim(await store.load(JOB), next);
      expect(held?.claim).toEqual({ kind: 'held' });
    });

    it('forgets what was settled, and ends the right with the last', async () => {
      const { store, updates } = await withUpdates(3);
      const claim = await store.claim(JOB);
      if (claim.kind !== 'claimed') throw new Error('it was not claimed');
      expect(await store.settle(JOB, claim.token, 2)).toEqual(updates.slice(2));
      expect(await store.settle(JOB, claim.token, 1)).toEqual([]);
      expect(await store.claim(JOB)).toEqual({ kind: 'empty' });
      expect(await store.waiting()).toEqual([]);
    });

    it('takes nothing away for one whose right is not the one in force', async () => {
      const { store, updates } = await withUpdates(2);
      const lost = await store.claim(JOB);
      if (lost.kind !== 'claimed') throw new Error('it was not claimed');
      await store.release(JOB, lost.token);
      await store.claim(JOB);
      expect(await store.settle(JOB, lost.token, 2)).toBeUndefined();
      await store.release(JOB, lost.token);
      expect(await store.claim(JOB)).toEqual({ kind: 'held' });
      expect(updates).toHaveLength(2);
    });
  });
}
