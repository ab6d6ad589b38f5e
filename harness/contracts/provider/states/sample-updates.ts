import { v7 as uuidv7 } from 'uuid';
import type { TopicValues } from '#avro/types.generated.ts';
import type { StateContext } from '../state.ts';

type JobUpdate = TopicValues['job.updates'];

/** The content of one update; its job and owner come from the interaction's names. */
type SampleUpdate = Pick<
  JobUpdate,
  'sequence' | 'previousSequences' | 'level' | 'kind' | 'state'
> & { readonly about?: Partial<Pick<JobUpdate, 'step' | 'reason' | 'detail'>> };

const before = (outcome: number, progress: number, detail: number) => ({
  outcome,
  progress,
  detail,
});

const NOTHING = { sequence: 1, previousSequences: before(0, 0, 0) } as const;

/** Single updates that are the first of their job, and a second one. */
export const UPDATES = {
  started: { ...NOTHING, level: 'PROGRESS', kind: 'STARTED', state: 'RUNNING' },
  succeeded: {
    ...{ sequence: 2, previousSequences: before(0, 1, 1) },
    ...{ level: 'OUTCOME', kind: 'SUCCEEDED', state: 'SUCCEEDED' },
  },
  unknown: { ...NOTHING, level: 'DETAIL', kind: 'UNKNOWN', state: 'RUNNING' },
  expired: { ...NOTHING, level: 'OUTCOME', kind: 'EXPIRED', state: 'ISSUED' },
} as const satisfies Record<string, SampleUpdate>;

/** A job whose payment was tried twice and declined, so that its stock went back. */
export const STORY: readonly SampleUpdate[] = [
  UPDATES.started,
  {
    ...{ sequence: 2, previousSequences: before(0, 1, 1) },
    ...{ level: 'DETAIL', kind: 'DOMAIN_EVENT', state: 'RUNNING' },
    about: { detail: 'StockReserved' },
  },
  {
    ...{ sequence: 3, previousSequences: before(0, 1, 2) },
    ...{ level: 'PROGRESS', kind: 'STEP_COMPLETED', state: 'RUNNING' },
    about: { step: 'RESERVE_STOCK' },
  },
  {
    ...{ sequence: 4, previousSequences: before(0, 3, 3) },
    ...{ level: 'DETAIL', kind: 'STEP_RETRIED', state: 'RUNNING' },
    about: { step: 'AUTHORIZE_PAYMENT', reason: 'step-timed-out' },
  },
  {
    ...{ sequence: 5, previousSequences: before(0, 3, 4) },
    ...{ level: 'PROGRESS', kind: 'STEP_FAILED', state: 'RUNNING' },
    about: { step: 'AUTHORIZE_PAYMENT', reason: 'card-declined' },
  },
  {
    ...{ sequence: 6, previousSequences: before(0, 5, 5) },
    ...{ level: 'DETAIL', kind: 'COMPENSATING', state: 'COMPENSATING' },
    about: { reason: 'card-declined' },
  },
  {
    ...{ sequence: 7, previousSequences: before(0, 5, 6) },
    ...{ level: 'DETAIL', kind: 'STEP_COMPENSATED', state: 'COMPENSATING' },
    about: { step: 'RESERVE_STOCK' },
  },
  {
    ...{ sequence: 8, previousSequences: before(0, 5, 7) },
    ...{ level: 'OUTCOME', kind: 'FAILED', state: 'FAILED' },
    about: { reason: 'card-declined' },
  },
];

/** One update per second, so that contracts can state the time of each. */
const happenedAtMs = (sequence: number): number => Date.UTC(2026, 10, 22, 9, 0, sequence);

/** Publishes updates of the contract's job, as job-management would. */
export async function publishUpdates(
  { names, publish }: StateContext,
  updates: readonly SampleUpdate[],
  other: Partial<Pick<JobUpdate, 'jobId' | 'orderId' | 'userId'>> = {},
): Promise<void> {
  const owner = {
    ...{ jobId: names.of('jobId'), orderId: names.of('orderId'), userId: names.of('userId') },
    ...other,
  };
  for (const { about, ...update } of updates) {
    const value = {
      ...{ messageId: uuidv7(), causationId: uuidv7(), ...owner, ...update },
      ...{ step: null, reason: null, detail: null, ...about },
      occurredAt: happenedAtMs(update.sequence),
    } satisfies JobUpdate;
    await publish({ topic: 'job.updates', key: owner.jobId, eventType: update.kind, value });
  }
}
