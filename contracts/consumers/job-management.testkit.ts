import type { Registry } from 'prom-client';
import { expect } from 'vitest';
import type { ContractInMaking, Given } from '#harness/contracts/consumer/contract.ts';
import {
  AN_ID,
  AN_INSTANT_MS,
  anId,
  anInstant,
  aTraceparent,
  TRACE_ID,
} from '#harness/contracts/consumer/examples.ts';
import { type ContractRecord, recordInteraction } from '#harness/contracts/consumer/record.ts';
import { FICTION } from '#harness/contracts/fiction.ts';
import { consumeRecord } from '#kit/consumer.testkit.ts';
import { testContext } from '#kit/context.testkit.ts';
import {
  EVENT_TOPICS,
  foldEvents,
} from '../../reference-services/job-management/adapters/kafka.ts';
import { MemoryJobStore } from '../../reference-services/job-management/adapters/memory-store.ts';
import { JobService } from '../../reference-services/job-management/app.ts';
import type { JobEvent } from '../../reference-services/job-management/domain-events.ts';

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
    const { handle } = foldEvents(jobs, context.metrics);
    const became = await consumeRecord(record, EVENT_TOPICS, handle);
    const kept = await store.list(FICTION.userId, 10);
    return {
      ...{ became, published, counted: await countedAs(context.metrics) },
      kept: kept.map(({ record: { kind, state } }) => ({ kind, state })),
    };
  };

/** Why an event changed nothing, or that it did. */
async function countedAs(metrics: Registry): Promise<unknown> {
  const counted = await metrics.getSingleMetric('job_events_folded_total')?.get();
  return counted?.values.map(({ labels }) => labels['outcome']);
}

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

const { jobId, orderId, userId } = FICTION;

/** The job runs: events of participants come only after those of their order. */
const STARTED: JobEvent = {
  ...{ messageId: FICTION.messageId, jobId, orderId, occurredAtMs: 1 },
  owner: { userId, kind: 'PLACE_ORDER' },
  meaning: {
    ...{ kind: 'STARTED', level: 'PROGRESS', state: 'RUNNING' },
    ...{ step: null, detail: null, reason: null },
  },
};

/** What a participant says about an order. */
interface ParticipantCase {
  readonly description: string;
  readonly given: Given | readonly Given[];
  /** As far as job-management reads it. */
  readonly payload: { readonly type: string; readonly reason?: string };
  readonly unread?: object;
  /** What the participant said about the order before it. */
  readonly after?: readonly string[];
}

/** Declares an event of a participant, which subscribers at level `detail` receive. */
export function participantInteraction(contract: ContractInMaking, about: ParticipantCase): void {
  const { description, given, payload, unread = {}, after = [] } = about;
  recordInteraction(contract, {
    ...{ description, given, after },
    topic: `${contract.provider}.events`,
    key: orderId,
    headers: { eventType: payload.type, traceparent: aTraceparent() },
    value: { messageId: anId(), jobId, orderId, occurredAt: anInstant(), payload },
    unread: { causationId: AN_ID, payload: unread },
    consume: folding(STARTED),
    expect: (outcome) =>
      expect(outcome).toMatchObject(
        publishing({
          ...{ jobId, orderId, userId, kind: 'DOMAIN_EVENT', level: 'DETAIL' },
          ...{ state: 'RUNNING', detail: payload.type, reason: payload.reason ?? null },
        }),
      ),
  });
}

/** Declares an event that no job led to: job-management has to bear it. */
export function joblessInteraction(
  contract: ContractInMaking,
  about: ParticipantCase & { readonly key: string },
): void {
  const { payload, unread = {}, ...rest } = about;
  recordInteraction(contract, {
    ...rest,
    topic: `${contract.provider}.events`,
    headers: { eventType: payload.type },
    value: { jobId: null },
    unread: {
      ...{ messageId: AN_ID, orderId, causationId: null, occurredAt: AN_INSTANT_MS },
      payload: { ...payload, ...unread },
    },
    consume: folding(STARTED),
    expect: (outcome) =>
      expect(outcome).toMatchObject({
        kind: 'done',
        value: { became: 'handled', published: [], counted: ['no-job'] },
      }),
  });
}
