import { Redis } from 'ioredis';
import { JobKind } from '#proto/sagaproof/jobs/v1/jobs_pb.js';
import type { FictionName } from '../../fiction.ts';
import { REQUEST_HASH } from '../../fictional-order.ts';
import type { StateContext, StateHandler, States } from '../state.ts';
import { accepted, type Probe, slow, unreachable } from './outage.ts';
import { orderEvents, recordedOrder } from './played.ts';

type Payload = Parameters<typeof orderEvents>[1][number];

const job = ({ names, rpc }: StateContext) =>
  rpc['job-management'].call('getJob', {
    jobId: names.of('jobId'),
    userId: names.of('userId'),
  });

const probe: Probe = job;

const THE_JOB = { key: 'idempotencyKey', job: 'jobId', order: 'orderId' } as const;
const THE_OTHER = {
  key: 'otherIdempotencyKey',
  job: 'otherJobId',
  order: 'otherOrderId',
} as const;

async function issue(
  { names, rpc }: StateContext,
  named: { readonly key: FictionName; readonly job: FictionName; readonly order: FictionName },
  kind = JobKind.PLACE_ORDER,
): Promise<void> {
  const answer = await rpc['job-management'].call('issueJob', {
    userId: names.of('userId'),
    kind,
    idempotencyKey: names.of(named.key),
    requestHash: REQUEST_HASH,
    orderId: names.of(named.order),
  });
  names.bind(named.job, accepted('a job', answer).job?.jobId ?? '');
}

/** Issues the job, and publishes the events of its order. */
const folded =
  (payloadsOf: (context: StateContext) => readonly Payload[], kind?: JobKind): StateHandler =>
  async (context) => {
    await issue(context, THE_JOB, kind);
    const payloads = payloadsOf(context);
    await orderEvents(context, payloads);
    await context.until('the job to be as its order is', async () => {
      const answer = await job(context);
      return answer.ok && answer.message.job?.sequence === BigInt(payloads.length);
    });
  };

const placed = ({ names }: StateContext): Payload => {
  const { priced, total } = recordedOrder(names);
  return { type: 'OrderPlaced', lines: priced, total };
};

const saga = 'PLACE_ORDER';
const done = (step: string): Payload => ({ type: 'SagaStepCompleted', saga, step });
const failed = (step: string, reason: string): Payload => {
  return { type: 'SagaStepFailed', saga, step, reason, timedOut: false };
};

const STEPS = ['RESERVE_STOCK', 'AUTHORIZE_PAYMENT', 'SCHEDULE_SHIPMENT', 'CAPTURE_PAYMENT'];

const succeeded = folded((context) => [
  placed(context),
  ...STEPS.map(done),
  {
    type: 'OrderApproved',
    total: recordedOrder(context.names).total,
    contactEmail: context.names.of('email'),
  },
]);

/** Publishes outdated events, then one of another job: when that has arrived, all have. */
const reportedTooLate: StateHandler = async (context, parameters) => {
  const { names, rpc } = context;
  await succeeded(context, parameters);
  await issue(context, { ...THE_OTHER, order: 'orderId' }, JobKind.CANCEL_ORDER);
  const reason = 'card-declined';
  const late = [
    failed('AUTHORIZE_PAYMENT', reason),
    { type: 'SagaCompensationStarted', saga, reason },
  ];
  await orderEvents(context, late, { from: 7 });
  const other = { from: 9, job: 'otherJobId' } as const;
  await orderEvents(context, [{ type: 'OrderCancellationRequested' }], other);
  await context.until('the other job to run', async () => {
    const asked = { jobId: names.of('otherJobId'), userId: names.of('userId') };
    const answer = await rpc['job-management'].call('getJob', asked);
    return answer.ok && answer.message.job?.sequence === 1n;
  });
};

/** Sets up the provider states of job-management for its gRPC callers. */
export const jobManagementJobStates: States = {
  'there is no such job': async () => undefined,
  'the idempotency key is new': async () => undefined,
  'the job is issued': (context) => issue(context, THE_JOB),
  'the job runs': folded((context) => [placed(context)]),
  'the job runs a cancellation': folded(
    () => [{ type: 'OrderCancellationRequested' }],
    JobKind.CANCEL_ORDER,
  ),
  'the stock was reserved by the job': folded((context) => [
    placed(context),
    done('RESERVE_STOCK'),
  ]),
  'the job is undone since the payment was declined': folded((context) => [
    placed(context),
    done('RESERVE_STOCK'),
    failed('AUTHORIZE_PAYMENT', 'card-declined'),
    { type: 'SagaCompensationStarted', saga, reason: 'card-declined' },
  ]),
  'the job has succeeded': succeeded,
  'the job has succeeded, and word of a step that failed came too late': reportedTooLate,
  'the job has failed since a product is out of stock': folded((context) => [
    placed(context),
    failed('RESERVE_STOCK', 'out-of-stock'),
    {
      type: 'OrderRejected',
      reason: 'out-of-stock',
      contactEmail: context.names.of('email'),
    },
  ]),
  // The Redis key of a job is public, so the harness expires it instead of waiting.
  'the job has expired': async (context) => {
    await issue(context, THE_JOB);
    const redis = new Redis(context.stack.addressBook.redis.url);
    const key = `job:{${context.names.of('jobId')}}`;
    try {
      await redis.pexpire(key, 1);
      await context.until('Redis to forget', async () => (await redis.exists(key)) === 0);
    } finally {
      redis.disconnect();
    }
  },
  'the user has an older job and the job': async (context) => {
    await issue(context, THE_OTHER);
    const issuedMs = Date.now();
    await context.until('the clock to go on', async () => Date.now() > issuedMs);
    await issue(context, THE_JOB);
  },
  'there is a token of the second page of one job each': async ({ names, rpc }) => {
    const asked = { userId: names.of('userId'), pageSize: 1 };
    const page = await rpc['job-management'].call('listJobs', asked);
    names.bind('pageToken', accepted('the first page', page).nextPageToken);
  },
  'job-management cannot reach Redis': unreachable('job-management', 'redis', probe),
  'Redis is slow': slow('job-management', 'redis', probe),
};
