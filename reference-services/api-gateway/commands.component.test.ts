import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OperationalError } from '#kit/errors.ts';
import { startTelemetry } from '#kit/telemetry.ts';
import { JobState } from '#proto/sagaproof/jobs/v1/jobs_pb.js';
import { ORDER, startTestGateway } from './gateway.testkit.ts';
import { problemOf } from './problem.testkit.ts';
import { EMAIL, JOB_ID, jobMessage, USER_ID } from './providers.testkit.ts';

const ORDER_ID = '5e2f6a30-97a7-4a5e-8d8b-1f0f7a3c9b11';
const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

let telemetry: AsyncDisposable;
beforeAll(() => {
  telemetry = startTelemetry({ service: 'api-gateway', instance: '1', url: undefined });
});
afterAll(() => telemetry[Symbol.asyncDispose]());

describe('a command', () => {
  test('is answered with job and order at once, and sent with all that it needs', async () => {
    await using gateway = await startTestGateway();
    const response = await gateway.postOrder(ORDER, { 'idempotency-key': 'key-1' });
    expect(response.status).toBe(202);
    const accepted = (await response.json()) as { jobId: string; orderId: string };
    expect(accepted.jobId).toBe(JOB_ID);
    expect(response.headers.get('location')).toBe(`/v1/jobs/${JOB_ID}`);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('x-powered-by')).toBeNull();
    const [issued] = gateway.calls.issueJob;
    const [placed] = gateway.calls.placeOrder;
    expect(issued).toMatchObject({ userId: USER_ID, idempotencyKey: 'key-1' });
    expect(issued?.requestHash).toMatch(/^[0-9a-f]{64}$/);
    expect(placed).toMatchObject({
      jobId: JOB_ID,
      orderId: accepted.orderId,
      userId: USER_ID,
      contactEmail: EMAIL,
      cardToken: 'card-4242',
      requestHash: issued?.requestHash,
      address: ORDER.address,
    });
    expect(placed?.lines[0]?.unitPrice?.minorUnits).toBe(2_450n);
    expect(gateway.calls.cancelIssue).toEqual([]);
  });

  test('carries the trace that the client brought, and tells it which one it is', async () => {
    await using gateway = await startTestGateway();
    const response = await gateway.postOrder(ORDER, { traceparent: TRACEPARENT });
    const traceId = TRACEPARENT.split('-')[1];
    expect(response.headers.get('x-trace-id')).toBe(traceId);
    expect(response.headers.get('traceparent')).toContain(`00-${traceId}-`);
    expect(gateway.calls.traceparents[0]).toContain(`00-${traceId}-`);
  });

  test.each(['nonsense', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`])(
    'gets a fresh trace in place of %s',
    async (traceparent) => {
      await using gateway = await startTestGateway();
      const response = await gateway.postOrder(ORDER, { traceparent });
      expect(response.headers.get('x-trace-id')).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
      expect(gateway.calls.traceparents[0]).toContain(response.headers.get('x-trace-id'));
    },
  );

  test('has the same order and hash for the same key, however its JSON is written', async () => {
    await using gateway = await startTestGateway();
    const { lines, ...rest } = ORDER;
    await gateway.postOrder(ORDER, { 'idempotency-key': 'key-1' });
    await gateway.postOrder({ ...rest, lines }, { 'idempotency-key': 'key-1' });
    await gateway.postOrder({ ...ORDER, cardToken: 'card-other' }, { 'idempotency-key': 'key-1' });
    const [first, second, other] = gateway.calls.issueJob;
    expect(second).toEqual(first);
    expect(other?.orderId).toBe(first?.orderId);
    expect(other?.requestHash).not.toBe(first?.requestHash);
  });

  test('is one of its own without a key', async () => {
    await using gateway = await startTestGateway();
    await gateway.postOrder();
    await gateway.postOrder();
    const [first, second] = gateway.calls.issueJob;
    expect(first?.idempotencyKey).not.toBe(second?.idempotencyKey);
    expect(first?.orderId).not.toBe(second?.orderId);
  });

  test('is refused with 422 when its key belongs to another body', async () => {
    await using gateway = await startTestGateway();
    gateway.behaviour.jobs.issueJob = async () => {
      throw new OperationalError('idempotency-key-reused');
    };
    const response = await gateway.postOrder(ORDER, { 'idempotency-key': 'key-1' });
    expect(response.status).toBe(422);
    expect(await problemOf(response)).toMatchObject({ code: 'idempotency-key-reused' });
    expect(gateway.calls.placeOrder).toEqual([]);
  });

  test('whose saga has started is not sent again', async () => {
    await using gateway = await startTestGateway();
    gateway.behaviour.jobs.issueJob = async () => ({
      job: jobMessage({ orderId: ORDER_ID, state: JobState.RUNNING }),
      replayed: true,
    });
    const response = await gateway.postOrder(ORDER, { 'idempotency-key': 'key-1' });
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({ jobId: JOB_ID, orderId: ORDER_ID });
    expect(gateway.calls.placeOrder).toEqual([]);
  });

  test('uses the order that the job was issued with first', async () => {
    await using gateway = await startTestGateway();
    gateway.behaviour.jobs.issueJob = async () => ({
      job: jobMessage({ orderId: ORDER_ID }),
      replayed: true,
    });
    const response = await gateway.postOrder(ORDER, { 'idempotency-key': 'key-1' });
    expect(await response.json()).toEqual({ jobId: JOB_ID, orderId: ORDER_ID });
    expect(gateway.calls.placeOrder[0]?.orderId).toBe(ORDER_ID);
  });

  test('answers with the job that the order has, and takes the needless one back', async () => {
    await using gateway = await startTestGateway();
    const firstJobId = '0192f0c1-0000-7a4b-8c5d-6e7f80910a2b';
    gateway.behaviour.order.placeOrder = async ({ orderId }) => ({ orderId, jobId: firstJobId });
    const response = await gateway.postOrder();
    expect(await response.json()).toMatchObject({ jobId: firstJobId });
    expect(gateway.calls.cancelIssue).toMatchObject([{ jobId: JOB_ID, userId: USER_ID }]);
  });

  test('to cancel needs no body and names the order', async () => {
    await using gateway = await startTestGateway();
    for (const headers of [{}, { 'content-type': 'application/json' }]) {
      const response = await gateway.request(`/v1/orders/${ORDER_ID}/cancel`, {
        method: 'POST',
        headers,
      });
      expect(response.status).toBe(202);
      expect(await response.json()).toEqual({ jobId: JOB_ID, orderId: ORDER_ID });
    }
    expect(gateway.calls.cancelOrder[0]).toMatchObject({ jobId: JOB_ID, orderId: ORDER_ID });
  });
});
