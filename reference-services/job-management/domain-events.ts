import type { TopicValues } from '#avro/types.generated.ts';
import type { JobKind, JobState, JobUpdate, Level } from './domain.ts';

type OrderPayload = TopicValues['order.events']['payload'];
type Participant = 'inventory' | 'payment' | 'shipping';

/** An event of the saga or of a participant, as far as a job is concerned. */
export interface JobEvent {
  readonly messageId: string;
  readonly jobId: string;
  readonly orderId: string;
  readonly occurredAtMs: number;
  /** Only the order's events say whose the job is and what it runs. */
  readonly owner?: { readonly userId: string; readonly kind: JobKind };
  readonly meaning: Pick<JobUpdate, 'kind' | 'level' | 'state' | 'step' | 'detail' | 'reason'>;
}

/**
 * What each event of the order means: kind of the update, the lowest level that sees it, and the
 * least state that the job has after it.
 */
const MEANING: Readonly<
  Record<OrderPayload['type'], readonly [JobUpdate['kind'], Level, JobState]>
> = {
  OrderPlaced: ['STARTED', 'PROGRESS', 'RUNNING'],
  OrderCancellationRequested: ['STARTED', 'PROGRESS', 'RUNNING'],
  SagaStepCompleted: ['STEP_COMPLETED', 'PROGRESS', 'RUNNING'],
  SagaStepFailed: ['STEP_FAILED', 'PROGRESS', 'RUNNING'],
  SagaStepRetried: ['STEP_RETRIED', 'DETAIL', 'RUNNING'],
  SagaCompensationStarted: ['COMPENSATING', 'DETAIL', 'COMPENSATING'],
  SagaStepCompensated: ['STEP_COMPENSATED', 'DETAIL', 'COMPENSATING'],
  OrderApproved: ['SUCCEEDED', 'OUTCOME', 'SUCCEEDED'],
  OrderCancelled: ['SUCCEEDED', 'OUTCOME', 'SUCCEEDED'],
  OrderRejected: ['FAILED', 'OUTCOME', 'FAILED'],
  OrderCancellationRefused: ['FAILED', 'OUTCOME', 'FAILED'],
};

/** Reads an event of the order. */
export function readOrderEvent(event: TopicValues['order.events']): JobEvent {
  const { payload, messageId, jobId, orderId, userId } = event;
  const [kind, level, state] = MEANING[payload.type];
  const runs = payload.type.startsWith('OrderCancel') ? 'CANCEL_ORDER' : 'PLACE_ORDER';
  const step = 'step' in payload ? payload.step : null;
  const reason = 'reason' in payload ? payload.reason : null;
  return {
    ...{ messageId, jobId, orderId, occurredAtMs: event.occurredAt },
    owner: { userId, kind: 'saga' in payload ? payload.saga : runs },
    meaning: { kind, level, state, step, detail: null, reason },
  };
}

/** Reads an event of a participant; undefined when no job led to it. */
export function readParticipantEvent(
  event: TopicValues[`${Participant}.events`],
): JobEvent | undefined {
  const { payload, messageId, jobId, orderId } = event;
  if (jobId === null || orderId === null) return undefined;
  const reason = 'reason' in payload ? payload.reason : null;
  return {
    ...{ messageId, jobId, orderId, occurredAtMs: event.occurredAt },
    meaning: {
      ...{ kind: 'DOMAIN_EVENT', level: 'DETAIL', state: 'RUNNING', step: null },
      detail: payload.type,
      reason,
    },
  };
}
