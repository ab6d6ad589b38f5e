import { v7 as uuidv7 } from 'uuid';
import { JobKind } from '#proto/sagaproof/jobs/v1/jobs_pb.js';
import { REQUEST_HASH } from '../../fictional-order.ts';
import type { StateContext, StateHandler, States } from '../state.ts';
import { accepted } from './outage.ts';
import { orderEvents, recordedOrder } from './played.ts';

type Payload = Parameters<typeof orderEvents>[1][number];

/** What is said about the job on one topic; order says most of it. */
interface Spoken {
  readonly by: 'order' | 'inventory' | 'payment' | 'shipping';
  readonly payload: Payload;
}

const byOrder = (payload: Payload): Spoken => ({ by: 'order', payload });

async function issue({ names, rpc }: StateContext, kind: JobKind): Promise<void> {
  const answer = await rpc['job-management'].call('issueJob', {
    userId: names.of('userId'),
    kind,
    idempotencyKey: names.of('idempotencyKey'),
    requestHash: REQUEST_HASH,
    orderId: names.of('orderId'),
  });
  names.bind('jobId', accepted('a job', answer).job?.jobId ?? '');
}

/**
 * Issues the job and publishes events of order and its participants, each after the one before was
 * processed: there is no order between topics.
 */
const spoken =
  (about: (context: StateContext) => readonly Spoken[], kind = JobKind.PLACE_ORDER): StateHandler =>
  async (context) => {
    await issue(context, kind);
    let ordersEvents = 0;
    for (const [index, { by, payload }] of about(context).entries()) {
      if (by === 'order') await orderEvents(context, [payload], { from: ++ordersEvents });
      else await participantEvent(context, by, payload);
      await processed(context, BigInt(index + 1));
    }
  };

async function processed({ names, rpc, until }: StateContext, sequence: bigint): Promise<void> {
  const about = { jobId: names.of('jobId'), userId: names.of('userId') };
  await until(`update ${sequence} of the job`, async () => {
    const answer = await rpc['job-management'].call('getJob', about);
    return answer.ok && answer.message.job?.sequence === sequence;
  });
}

async function participantEvent(
  { names, publish }: StateContext,
  participant: Exclude<Spoken['by'], 'order'>,
  payload: Payload,
): Promise<void> {
  await publish({
    topic: `${participant}.events`,
    key: names.of('orderId'),
    eventType: payload.type,
    value: {
      ...{ messageId: uuidv7(), causationId: uuidv7(), occurredAt: Date.now() },
      ...{ jobId: names.of('jobId'), orderId: names.of('orderId') },
      payload,
    },
  });
}

const saga = 'PLACE_ORDER';

function placed({ names }: StateContext): Spoken {
  const { priced, total } = recordedOrder(names);
  return byOrder({ type: 'OrderPlaced', lines: priced, total });
}

function reserved({ names }: StateContext): Spoken {
  return { by: 'inventory', payload: { type: 'StockReserved', lines: recordedOrder(names).lines } };
}

const contact = ({ names }: StateContext) => ({ contactEmail: names.of('email') });

/** Sets up the provider states of job-management for the readers of its updates. */
export const jobManagementUpdateStates: States = {
  'a participant has reserved the stock of the job': spoken((context) => [
    placed(context),
    reserved(context),
  ]),
  'a participant has refused the stock of the job': spoken((context) => [
    placed(context),
    {
      by: 'inventory',
      payload: { type: 'StockReservationRefused', reason: 'out-of-stock', sku: null },
    },
  ]),
  'the job has failed after a retry, and was undone': spoken((context) => [
    placed(context),
    byOrder({ type: 'SagaStepCompleted', saga, step: 'RESERVE_STOCK' }),
    byOrder({
      ...{ type: 'SagaStepRetried', saga, step: 'AUTHORIZE_PAYMENT' },
      ...{ attempt: 2, reason: 'step-timed-out' },
    }),
    byOrder({
      ...{ type: 'SagaStepFailed', saga, step: 'AUTHORIZE_PAYMENT' },
      ...{ reason: 'card-declined', timedOut: false },
    }),
    byOrder({ type: 'SagaCompensationStarted', saga, reason: 'card-declined' }),
    byOrder({ type: 'SagaStepCompensated', saga, step: 'RESERVE_STOCK', effective: true }),
    byOrder({ type: 'OrderRejected', reason: 'card-declined', ...contact(context) }),
  ]),
  'the cancellation that the job runs is done': spoken(
    (context) => [
      byOrder({ type: 'OrderCancellationRequested' }),
      byOrder({ type: 'OrderCancelled', ...contact(context) }),
    ],
    JobKind.CANCEL_ORDER,
  ),
  'the cancellation that the job runs is refused': spoken(
    (context) => [
      byOrder({ type: 'OrderCancellationRequested' }),
      byOrder({
        ...{ type: 'OrderCancellationRefused', reason: 'shipment-dispatched' },
        ...contact(context),
      }),
    ],
    JobKind.CANCEL_ORDER,
  ),
};
