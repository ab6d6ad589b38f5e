import { expect } from 'vitest';
import { AN_INSTANT_MS, TRACE_ID } from '#harness/contracts/consumer/examples.ts';
import type { ContractRecord } from '#harness/contracts/consumer/record.ts';
import { FICTION } from '#harness/contracts/fiction.ts';
import { consumeRecord } from '#kit/consumer.testkit.ts';
import { testContext } from '#kit/context.testkit.ts';
import { EVENT_TOPICS, foldEvents } from '../reference-services/job-management/adapters/kafka.ts';
import { MemoryJobStore } from '../reference-services/job-management/adapters/memory-store.ts';
import { JobService } from '../reference-services/job-management/app.ts';
import type { JobEvent } from '../reference-services/job-management/domain-events.ts';

/**
 * What job-management makes of a record: updates that it publishes, and what it keeps of the job.
 *
 * @param begun an event that began the job beforehand
 */
export const folding =
  (begun?: JobEvent) =>
  async (record: ContractRecord): Promise<unknown> => {
    await using context = testContext();
    const clock = { now: () => AN_INSTANT_MS };
    const store = new MemoryJobStore(clock);
    const published: unknown[] = [];
    const jobs = new JobService({
      ...{ store, outbox: store, clock, issuedTtlMs: 30_000, jobTtlMs: 3_600_000 },
      publisher: {
        publish: async (pending) => {
          for (const { update, traceparent } of pending) {
            published.push({ ...update, traceId: traceparent.split('-')[1] });
          }
        },
      },
      history: { replay: async () => undefined },
    });
    if (begun !== undefined) await jobs.fold(begun, '');
    published.length = 0;
    const handle = foldEvents(jobs, context.metrics);
    const became = await consumeRecord(record, EVENT_TOPICS, handle);
    const kept = await store.list(FICTION.userId, 10);
    return {
      became,
      published,
      kept: kept.map(({ record: { kind, state } }) => ({ kind, state })),
    };
  };

/** One update, in the trace of the record. */
export const publishing = (update: object) => ({
  kind: 'done',
  value: {
    became: 'handled',
    published: [
      expect.objectContaining({ occurredAt: AN_INSTANT_MS, traceId: TRACE_ID, ...update }),
    ],
  },
});
