import { MatchersV3 } from '@pact-foundation/pact';
import { expect } from 'vitest';
import { contractBetween, published } from '#harness/contracts/consumer/contract.ts';
import { answered, grpcInteraction, refused } from '#harness/contracts/consumer/grpc.ts';
import { FICTION } from '#harness/contracts/fiction.ts';
import { testContext } from '#kit/context.testkit.ts';
import { JobService } from '#proto/sagaproof/jobs/v1/jobs_pb.js';
import { createGrpcPorts } from '../../../reference-services/api-gateway/adapters/grpc.ts';
import type { Jobs } from '../../../reference-services/api-gateway/ports.ts';

const { iso8601DateTimeWithMillis, regex } = MatchersV3;
const { jobId, orderId, userId } = FICTION;

const contract = contractBetween({ consumer: 'api-gateway', provider: 'job-management' });

/** Has the gateway's own adapter make a call to job-management at an address. */
const calling =
  <T>(use: (jobs: Jobs) => Promise<T>) =>
  async (address: string): Promise<T> => {
    await using context = testContext();
    const unused = '127.0.0.1:1';
    const { jobs } = createGrpcPorts(context, {
      auth: unused,
      jobs: address,
      order: unused,
      inventory: unused,
      payment: unused,
      shipping: unused,
      query: unused,
    });
    return await use(jobs);
  };

const instant = (example: string) => iso8601DateTimeWithMillis(example);

grpcInteraction(contract, {
  description: 'a question for a job that runs',
  given: 'the job runs',
  method: JobService.method.getJob,
  request: { jobId, userId },
  answer: answered({
    job: {
      jobId,
      kind: 'JOB_KIND_PLACE_ORDER',
      state: 'JOB_STATE_RUNNING',
      orderId,
      sequence: regex(/^[1-9][0-9]*$/, '1'),
      issuedAt: instant('2026-11-22T09:00:00.000Z'),
      updatedAt: instant('2026-11-22T09:00:01.000Z'),
      expiresAt: instant('2026-11-22T10:00:00.000Z'),
    },
  }),
  consume: calling((jobs) => jobs.get(jobId, userId)),
  expect: (outcome) =>
    expect(outcome).toMatchObject({
      kind: 'done',
      value: { jobId, kind: 'PLACE_ORDER', state: 'RUNNING', orderId, sequence: 1 },
    }),
});

grpcInteraction(contract, {
  description: 'a question for a job that is not there',
  given: 'there is no such job',
  method: JobService.method.getJob,
  request: { jobId, userId },
  answer: refused('NOT_FOUND', 'job-not-found'),
  consume: calling((jobs) => jobs.get(jobId, userId)),
  expect: (outcome) =>
    expect(outcome).toMatchObject({ kind: 'failed', error: { code: 'job-not-found' } }),
});

published(contract);
