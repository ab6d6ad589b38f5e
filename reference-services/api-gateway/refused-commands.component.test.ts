import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OperationalError } from '#kit/errors.ts';
import { startTelemetry } from '#kit/telemetry.ts';
import { ORDER, startTestGateway } from './gateway.testkit.ts';
import { problemOf } from './problem.testkit.ts';
import { JOB_ID, jobMessage, USER_ID } from './providers.testkit.ts';

const ORDER_ID = '5e2f6a30-97a7-4a5e-8d8b-1f0f7a3c9b11';

let telemetry: AsyncDisposable;
beforeAll(() => {
  telemetry = startTelemetry({ service: 'api-gateway', instance: '1', url: undefined });
});
afterAll(() => telemetry[Symbol.asyncDispose]());

describe('a command that is not accepted', () => {
  test('by rule: the refusal comes through and its job is taken back', async () => {
    await using gateway = await startTestGateway();
    gateway.behaviour.order.cancelOrder = async () => {
      throw new OperationalError('order-not-cancellable');
    };
    const response = await gateway.request(`/v1/orders/${ORDER_ID}/cancel`, { method: 'POST' });
    expect(response.status).toBe(409);
    expect(await problemOf(response)).toMatchObject({ code: 'order-not-cancellable' });
    expect(gateway.calls.cancelIssue).toMatchObject([{ jobId: JOB_ID, userId: USER_ID }]);
  });

  test('for want of Kafka: 503, to be tried again, and no job is left behind', async () => {
    await using gateway = await startTestGateway();
    gateway.behaviour.order.placeOrder = async () => {
      throw new OperationalError('unavailable', { detail: 'broker 10.0.0.7:9092 is gone' });
    };
    const response = await gateway.postOrder();
    expect(response.status).toBe(503);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    const text = JSON.stringify(await problemOf(response));
    expect(text).toContain('"unavailable"');
    expect(text).not.toContain(JOB_ID);
    expect(text).not.toContain('10.0.0.7');
    expect(gateway.calls.cancelIssue).toMatchObject([{ jobId: JOB_ID }]);
  });

  test('as nothing listens at the order service: 503 and no job is left behind', async () => {
    await using gateway = await startTestGateway({ unreachable: ['order'] });
    const response = await gateway.postOrder();
    expect(response.status).toBe(503);
    expect(await problemOf(response)).toMatchObject({ code: 'unavailable' });
    expect(gateway.calls.cancelIssue).toMatchObject([{ jobId: JOB_ID }]);
  });

  test('in time: the outcome is unknown, and the job is left in case it was accepted', async () => {
    await using gateway = await startTestGateway();
    gateway.behaviour.order.placeOrder = (_request, call) =>
      new Promise((_resolve, reject) => call.signal.addEventListener('abort', () => reject()));
    const startedAt = performance.now();
    const response = await gateway.postOrder();
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).not.toBeNull();
    expect(await problemOf(response)).toMatchObject({ code: 'outcome-unknown' });
    expect(gateway.calls.cancelIssue).toEqual([]);
  });

  test('when repeated: its job stays, for the first request may have been accepted', async () => {
    await using gateway = await startTestGateway();
    gateway.behaviour.jobs.issueJob = async () => ({
      job: jobMessage({ orderId: ORDER_ID }),
      replayed: true,
    });
    gateway.behaviour.order.placeOrder = async () => {
      throw new OperationalError('unavailable');
    };
    const response = await gateway.postOrder(ORDER, { 'idempotency-key': 'key-1' });
    expect(response.status).toBe(503);
    expect(gateway.calls.cancelIssue).toEqual([]);
  });

  test('is still refused when its job cannot be taken back; its expiry ends it', async () => {
    await using gateway = await startTestGateway();
    gateway.behaviour.order.placeOrder = gateway.behaviour.jobs.cancelIssue = async () => {
      throw new OperationalError('unavailable');
    };
    const response = await gateway.postOrder();
    expect(response.status).toBe(503);
    expect(gateway.withdrawalsFailed).toEqual([JOB_ID]);
  });

  test('without job-management: 503, and the order service gets no call', async () => {
    await using gateway = await startTestGateway({ unreachable: ['jobs'] });
    const response = await gateway.postOrder();
    expect(response.status).toBe(503);
    expect(gateway.calls.placeOrder).toEqual([]);
  });

  test('for want of time while it waits for others: 503, and nothing was issued', async () => {
    await using gateway = await startTestGateway({ commandsAtOnce: 1 });
    gateway.behaviour.jobs.issueJob = () => new Promise(() => undefined);
    const responses = await Promise.all(Array.from({ length: 12 }, () => gateway.postOrder()));
    const codes = await Promise.all(
      responses.map(async (response) => ((await response.json()) as { code: string }).code),
    );
    const count = (code: string) => codes.filter((other) => other === code).length;
    // Two seconds each and one at a time, in four seconds: most never get their turn.
    expect(count('unavailable')).toBeGreaterThan(2);
    expect(gateway.calls.issueJob.length).toBeGreaterThan(0);
    expect(count('outcome-unknown')).toBe(gateway.calls.issueJob.length);
    expect(count('unavailable') + count('outcome-unknown')).toBe(12);
  });

  test('because of a mistake behind: 500 without a word of it', async () => {
    await using gateway = await startTestGateway();
    gateway.behaviour.order.placeOrder = async () => {
      throw new Error('secret table name');
    };
    const response = await gateway.postOrder();
    expect(response.status).toBe(500);
    expect(JSON.stringify(await problemOf(response))).not.toContain('secret');
    expect(gateway.calls.cancelIssue).toEqual([]);
  });
});
