import { MatchersV3 } from '@pact-foundation/pact';
import { contractBetween, published } from '#harness/contracts/consumer/contract.ts';
import { answered, grpcInteraction, refused } from '#harness/contracts/consumer/grpc.ts';
import { instant, opaque, positive } from '#harness/contracts/consumer/matchers.ts';
import { FICTION } from '#harness/contracts/fiction.ts';
import { OTHER_REQUEST_HASH, REQUEST_HASH } from '#harness/contracts/fictional-order.ts';
import { JobService } from '#proto/sagaproof/jobs/v1/jobs_pb.js';
import type { JobKind } from '../../../../reference-services/api-gateway/domain.ts';
import { gatewayCalling } from '../../api-gateway.testkit.ts';
import { becomes, failsWith, succeeds } from '../../outcomes.testkit.ts';

const { idempotencyKey, jobId, orderId, otherJobId, otherOrderId, pageToken, strangerId, userId } =
  FICTION;

const contract = contractBetween({ consumer: 'api-gateway', provider: 'job-management' });

const times = {
  issuedAt: instant('2026-11-22T09:00:00.250Z'),
  updatedAt: instant('2026-11-22T09:00:01.250Z'),
  expiresAt: instant('2026-11-22T10:00:01.250Z'),
};

/** A job of PlaceOrder that was issued and of which nothing else is known. */
const issued = {
  jobId,
  kind: 'JOB_KIND_PLACE_ORDER',
  state: 'JOB_STATE_ISSUED',
  orderId,
  sequence: '0',
  step: '',
  reason: '',
  ...times,
};

const running = { ...issued, state: 'JOB_STATE_RUNNING', sequence: positive() };

const issuing = (kind: JobKind, requestHash: string) => ({
  method: JobService.method.issueJob,
  request: { userId, kind: `JOB_KIND_${kind}`, idempotencyKey, requestHash, orderId },
  consume: gatewayCalling('jobs', ({ jobs }) =>
    jobs.issue({ userId, kind, idempotencyKey, requestHash, orderId }),
  ),
});

for (const kind of ['PLACE_ORDER', 'CANCEL_ORDER'] as const) {
  grpcInteraction(contract, {
    ...issuing(kind, REQUEST_HASH),
    description: `a request for a job of ${kind} with a new idempotency key`,
    given: 'the idempotency key is new',
    answer: answered({
      job: { ...issued, jobId: MatchersV3.uuid(jobId), kind: `JOB_KIND_${kind}` },
      replayed: false,
    }),
    expect: becomes({
      job: { jobId, kind, state: 'ISSUED', orderId, sequence: 0, step: null, reason: null },
      replayed: false,
    }),
  });
}

grpcInteraction(contract, {
  ...issuing('PLACE_ORDER', REQUEST_HASH),
  description: 'a request for a job that was issued before',
  given: 'the job is issued',
  answer: answered({ job: issued, replayed: true }),
  expect: becomes({ job: { jobId, state: 'ISSUED', orderId }, replayed: true }),
});

grpcInteraction(contract, {
  ...issuing('PLACE_ORDER', REQUEST_HASH),
  description: 'a request for a job whose saga has started',
  given: 'the job runs',
  answer: answered({ job: running, replayed: true }),
  expect: becomes({ job: { jobId, state: 'RUNNING', orderId }, replayed: true }),
});

grpcInteraction(contract, {
  ...issuing('PLACE_ORDER', OTHER_REQUEST_HASH),
  description: 'a request for a job with an idempotency key that another command has',
  given: 'the job is issued',
  answer: refused('FAILED_PRECONDITION', 'idempotency-key-reused'),
  expect: failsWith('idempotency-key-reused'),
});

grpcInteraction(contract, {
  ...issuing('PLACE_ORDER', REQUEST_HASH),
  description: 'a request for a job that cannot be stored',
  given: 'job-management cannot reach Redis',
  answer: refused('UNAVAILABLE', 'unavailable'),
  expect: failsWith('unavailable'),
});

grpcInteraction(contract, {
  ...issuing('PLACE_ORDER', REQUEST_HASH),
  description: 'a request for a job, with little time',
  given: 'Redis is slow',
  deadlineMs: 250,
  answer: refused('DEADLINE_EXCEEDED'),
  expect: failsWith('outcome-unknown'),
});

const asking = (askedBy = userId as string) => ({
  method: JobService.method.getJob,
  request: { jobId, userId: askedBy },
  consume: gatewayCalling('jobs', ({ jobs }) => jobs.get(jobId, askedBy)),
});

grpcInteraction(contract, {
  ...asking(),
  description: 'a question for a job that is issued',
  given: 'the job is issued',
  answer: answered({ job: issued }),
  expect: becomes({ jobId, kind: 'PLACE_ORDER', state: 'ISSUED', sequence: 0, step: null }),
});

grpcInteraction(contract, {
  ...asking(),
  description: 'a question for a job that runs',
  given: 'the job runs',
  answer: answered({ job: running }),
  expect: becomes({ jobId, kind: 'PLACE_ORDER', state: 'RUNNING', orderId, sequence: 1 }),
});

grpcInteraction(contract, {
  ...asking(),
  description: 'a question for a job that runs a cancellation',
  given: 'the job runs a cancellation',
  answer: answered({ job: { ...running, kind: 'JOB_KIND_CANCEL_ORDER' } }),
  expect: becomes({ jobId, kind: 'CANCEL_ORDER', state: 'RUNNING', orderId }),
});

grpcInteraction(contract, {
  ...asking(),
  description: 'a question for a job of which a step is done',
  given: 'the stock was reserved by the job',
  answer: answered({ job: { ...running, step: 'RESERVE_STOCK' } }),
  expect: becomes({ jobId, state: 'RUNNING', step: 'RESERVE_STOCK' }),
});

grpcInteraction(contract, {
  ...asking(),
  description: 'a question for a job that undoes what it did',
  given: 'the job is undone since the payment was declined',
  answer: answered({
    job: { ...running, state: 'JOB_STATE_COMPENSATING', step: 'AUTHORIZE_PAYMENT', reason: '' },
  }),
  expect: becomes({ jobId, state: 'COMPENSATING', step: 'AUTHORIZE_PAYMENT', reason: null }),
});

const ENDED = {
  'a question for a job that succeeded': 'the job has succeeded',
  'a question for a job that succeeded before more events came':
    'the job has succeeded, and word of a step that failed came too late',
} as const;

for (const [description, given] of Object.entries(ENDED)) {
  grpcInteraction(contract, {
    ...asking(),
    description,
    given,
    answer: answered({
      job: { ...running, state: 'JOB_STATE_SUCCEEDED', step: 'CAPTURE_PAYMENT' },
    }),
    expect: becomes({ jobId, state: 'SUCCEEDED', reason: null }),
  });
}

grpcInteraction(contract, {
  ...asking(),
  description: 'a question for a job that failed',
  given: 'the job has failed since a product is out of stock',
  answer: answered({
    job: {
      ...running,
      state: 'JOB_STATE_FAILED',
      step: 'RESERVE_STOCK',
      reason: 'out-of-stock',
    },
  }),
  expect: becomes({ state: 'FAILED', step: 'RESERVE_STOCK', reason: 'out-of-stock' }),
});

const ABSENT = {
  'a question for a job that is not there': ['there is no such job', userId],
  'a question for a job that has expired': ['the job has expired', userId],
  'a question for a job by another user': ['the job runs', strangerId],
} as const;

for (const [description, [given, askedBy]] of Object.entries(ABSENT)) {
  grpcInteraction(contract, {
    ...asking(askedBy),
    description,
    given,
    answer: refused('NOT_FOUND', 'job-not-found'),
    expect: failsWith('job-not-found'),
  });
}

grpcInteraction(contract, {
  ...asking(),
  description: 'a question for a job, with little time',
  given: 'Redis is slow',
  deadlineMs: 250,
  answer: refused('DEADLINE_EXCEEDED'),
  expect: failsWith('unavailable'),
});

const listing = (pageSize: number, token = '') => ({
  method: JobService.method.listJobs,
  request: { userId, pageSize, ...(token === '' ? {} : { pageToken: token }) },
  consume: gatewayCalling('jobs', ({ jobs }) => jobs.list(userId, { pageSize, pageToken: token })),
});

const older = { ...issued, jobId: otherJobId, orderId: otherOrderId };

grpcInteraction(contract, {
  ...listing(1),
  description: 'a question for the first page of jobs',
  given: 'the user has an older job and the job',
  answer: answered({ jobs: [issued], nextPageToken: opaque('token') }),
  expect: becomes({ items: [{ jobId, orderId }], nextPageToken: 'token' }),
});

grpcInteraction(contract, {
  ...listing(1, pageToken),
  description: 'a question for the last page of jobs',
  given: [
    'the user has an older job and the job',
    'there is a token of the second page of one job each',
  ],
  answer: answered({ jobs: [older], nextPageToken: '' }),
  expect: becomes({ items: [{ jobId: otherJobId }], nextPageToken: null }),
});

grpcInteraction(contract, {
  ...listing(20),
  description: 'a question for all jobs, newest first',
  given: 'the user has an older job and the job',
  answer: answered({ jobs: [issued, older], nextPageToken: '' }),
  expect: becomes({ items: [{ jobId }, { jobId: otherJobId }], nextPageToken: null }),
});

grpcInteraction(contract, {
  ...listing(20),
  description: 'a question for the jobs of a user who has none',
  given: 'there is no such job',
  answer: answered({ jobs: [], nextPageToken: '' }),
  expect: becomes({ items: [], nextPageToken: null }),
});

grpcInteraction(contract, {
  ...listing(20, 'no-token'),
  description: 'a question for a page of jobs with a token that is none',
  given: 'the user has an older job and the job',
  answer: refused('INVALID_ARGUMENT', 'invalid-request'),
  expect: failsWith('invalid-request'),
});

const withdrawing = (withdrawnBy = userId as string) => ({
  method: JobService.method.cancelIssue,
  request: { jobId, userId: withdrawnBy },
  consume: gatewayCalling('jobs', ({ jobs }) => jobs.withdraw(jobId, withdrawnBy)),
});

// Whether there was anything to take back makes no difference to the gateway.
const WITHDRAWN = {
  'a job to take back': ['the job is issued', userId],
  'a job to take back that has started': ['the job runs', userId],
  'a job to take back that is not there': ['there is no such job', userId],
  "a job to take back that is another user's": ['the job is issued', strangerId],
} as const;

for (const [description, [given, withdrawnBy]] of Object.entries(WITHDRAWN)) {
  grpcInteraction(contract, {
    ...withdrawing(withdrawnBy),
    description,
    given,
    answer: answered({}),
    expect: succeeds,
  });
}

const UNREACHABLE = {
  'a question for a job that cannot be read': asking(),
  'a question for jobs that cannot be read': listing(20),
  'a job to take back that cannot be reached': withdrawing(),
} as const;

for (const [description, call] of Object.entries(UNREACHABLE)) {
  grpcInteraction(contract, {
    ...call,
    description,
    given: 'job-management cannot reach Redis',
    answer: refused('UNAVAILABLE', 'unavailable'),
    expect: failsWith('unavailable'),
  });
}

published(contract);
