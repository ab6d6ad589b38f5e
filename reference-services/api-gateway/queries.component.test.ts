import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OperationalError } from '#kit/errors.ts';
import { startTelemetry } from '#kit/telemetry.ts';
import { PaymentStatus } from '#proto/sagaproof/payment/v1/payment_pb.js';
import { startTestGateway } from './gateway.testkit.ts';
import { JOB_ID, orderMessage, PLACED_AT_MS } from './providers.testkit.ts';

const ORDER_ID = '5e2f6a30-97a7-4a5e-8d8b-1f0f7a3c9b11';
const PLACED_AT = new Date(PLACED_AT_MS).toISOString();
const ORDER_PATH = `/v1/orders/${ORDER_ID}`;

let telemetry: AsyncDisposable;
beforeAll(() => {
  telemetry = startTelemetry({ service: 'api-gateway', instance: '1', url: undefined });
});
afterAll(() => telemetry[Symbol.asyncDispose]());

const never = () => new Promise<never>(() => undefined);
const refuse = (code: ConstructorParameters<typeof OperationalError>[0]) => async () => {
  throw new OperationalError(code);
};

describe('GET /v1/orders/{orderId}', () => {
  test('composes order, payment and shipment', async () => {
    await using gateway = await startTestGateway();
    const response = await gateway.request(ORDER_PATH);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      orderId: ORDER_ID,
      status: 'PENDING',
      lines: [
        { sku: 'blue-teapot', quantity: 2, unitPrice: { currency: 'EUR', minorUnits: 2_450 } },
      ],
      total: { currency: 'EUR', minorUnits: 4_900 },
      reason: null,
      placedAt: PLACED_AT,
      revision: 3,
      payment: { status: 'AUTHORIZED', amount: { currency: 'EUR', minorUnits: 4_900 } },
      shipment: { status: 'SCHEDULED', trackingNumber: 'TRACK-1' },
      missing: [],
    });
  });

  test('shows a part that does not exist yet as null', async () => {
    await using gateway = await startTestGateway();
    gateway.behaviour.payment.getPayment = refuse('payment-not-found');
    gateway.behaviour.shipping.getShipment = refuse('shipment-not-found');
    const response = await gateway.request(ORDER_PATH);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ payment: null, shipment: null, missing: [] });
  });

  test('shows a payment that was voided before it was authorised without an amount', async () => {
    await using gateway = await startTestGateway();
    gateway.behaviour.payment.getPayment = async ({ orderId }) => ({
      orderId,
      status: PaymentStatus.VOIDED,
    });
    const response = await gateway.request(ORDER_PATH);
    expect(await response.json()).toMatchObject({ payment: { status: 'VOIDED', amount: null } });
  });

  test('marks a part whose service is down, and answers all the same', async () => {
    await using gateway = await startTestGateway({ unreachable: ['payment'] });
    const response = await gateway.request(ORDER_PATH);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      payment: { status: 'UNAVAILABLE' },
      shipment: { status: 'SCHEDULED' },
      missing: ['payment'],
    });
  });

  test('waits for two silent parts once, side by side, and not for long', async () => {
    await using gateway = await startTestGateway();
    gateway.behaviour.payment.getPayment = never;
    gateway.behaviour.shipping.getShipment = never;
    const startedAt = performance.now();
    const response = await gateway.request(ORDER_PATH);
    expect(performance.now() - startedAt).toBeLessThan(1_500);
    expect(await response.json()).toMatchObject({ missing: ['payment', 'shipment'] });
  });

  test('marks a part whose answer breaks its contract', async () => {
    await using gateway = await startTestGateway();
    gateway.behaviour.payment.getPayment = async ({ orderId }) => ({
      orderId,
      status: 77 as PaymentStatus,
    });
    const response = await gateway.request(ORDER_PATH);
    expect(await response.json()).toMatchObject({ missing: ['payment'] });
  });

  test("does not show the parts of another user's order", async () => {
    await using gateway = await startTestGateway();
    gateway.behaviour.order.getOrder = refuse('order-not-found');
    const response = await gateway.request(ORDER_PATH);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: 'order-not-found' });
  });

  test.each([
    ['is down', { unreachable: ['order'] }],
    ['is silent', {}],
  ])('needs the order itself: 503 when its service %s', async (_what, options) => {
    await using gateway = await startTestGateway(options);
    gateway.behaviour.order.getOrder = never;
    const response = await gateway.request(ORDER_PATH);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).not.toBeNull();
    expect(await response.json()).toMatchObject({ code: 'unavailable' });
  });

  test('an answer that breaks the public contract is not sent', async () => {
    await using gateway = await startTestGateway();
    gateway.behaviour.order.getOrder = async () => ({ order: orderMessage('no uuid at all') });
    const response = await gateway.request(ORDER_PATH);
    expect(response.status).toBe(500);
    const text = await response.text();
    expect(text).toContain('"internal"');
    expect(text).not.toContain('uuid');
  });
});

describe('lists and details', () => {
  test('GET /v1/jobs/{jobId} shows the job', async () => {
    await using gateway = await startTestGateway();
    const response = await gateway.request(`/v1/jobs/${JOB_ID}`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      jobId: JOB_ID,
      kind: 'PLACE_ORDER',
      state: 'ISSUED',
      orderId: JOB_ID,
      sequence: 0,
      step: null,
      reason: null,
      issuedAt: PLACED_AT,
      updatedAt: PLACED_AT,
      expiresAt: new Date(PLACED_AT_MS + 30_000).toISOString(),
    });
  });

  test('GET /v1/jobs/{jobId} knows no expired and no foreign job', async () => {
    await using gateway = await startTestGateway();
    gateway.behaviour.jobs.getJob = refuse('job-not-found');
    const response = await gateway.request(`/v1/jobs/${JOB_ID}`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: 'job-not-found' });
  });

  test('GET /v1/jobs hands the page on and the token back', async () => {
    await using gateway = await startTestGateway();
    const asked: unknown[] = [];
    const { listJobs } = gateway.behaviour.jobs;
    gateway.behaviour.jobs.listJobs = (request, call) => {
      asked.push([request.pageSize, request.pageToken]);
      return listJobs(request, call);
    };
    const first = await gateway.request('/v1/jobs');
    expect(await first.json()).toMatchObject({ jobs: [{ jobId: JOB_ID }], nextPageToken: 'next' });
    await gateway.request('/v1/jobs?pageSize=7&pageToken=next');
    expect(asked).toEqual([
      [20, ''],
      [7, 'next'],
    ]);
  });

  test('GET /v1/customers/me/orders shows the read model, and null on the last page', async () => {
    await using gateway = await startTestGateway();
    const response = await gateway.request('/v1/customers/me/orders');
    expect(await response.json()).toEqual({
      orders: [
        {
          orderId: JOB_ID,
          status: 'APPROVED',
          lines: [
            { sku: 'blue-teapot', quantity: 2, unitPrice: { currency: 'EUR', minorUnits: 2_450 } },
          ],
          total: { currency: 'EUR', minorUnits: 4_900 },
          reason: null,
          placedAt: PLACED_AT,
          updatedAt: new Date(PLACED_AT_MS + 5).toISOString(),
          sequence: 6,
        },
      ],
      nextPageToken: null,
    });
  });

  test('GET /v1/stock/{sku} shows what is on the shelf', async () => {
    await using gateway = await startTestGateway();
    const response = await gateway.request('/v1/stock/blue-teapot');
    expect(await response.json()).toEqual({
      sku: 'blue-teapot',
      received: 10,
      reserved: 3,
      available: 7,
    });
  });

  test('GET /openapi.json gives the description that all of this is checked with', async () => {
    await using gateway = await startTestGateway();
    const response = await fetch(`${gateway.url}/openapi.json`);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      openapi: '3.1.1',
      paths: { '/v1/orders': { post: { operationId: 'placeOrder' } } },
    });
  });

  test('a duration is measured for each route, and unknown paths share one', async () => {
    await using gateway = await startTestGateway();
    await gateway.request(`/v1/jobs/${JOB_ID}`);
    await gateway.request('/a');
    await gateway.request('/b');
    const text = await gateway.metrics();
    expect(text).toMatch(/duration_seconds_count\{.*http_route="\/v1\/jobs\/:jobId".*\} 1/);
    expect(text).toMatch(/duration_seconds_count\{.*http_route="unmatched".*\} 2/);
  });
});
