import { once } from 'node:events';
import { connect } from 'node:net';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ERRORS } from '#contracts/errors/registry.ts';
import { OperationalError } from '#kit/errors.ts';
import { startTelemetry } from '#kit/telemetry.ts';
import { JobState } from '#proto/sagaproof/jobs/v1/jobs_pb.js';
import { readOpenapi } from './adapters/openapi.ts';
import { ORDER, startTestGateway } from './gateway.testkit.ts';
import { EMAIL, JOB_ID, jobMessage, USER_ID } from './providers.testkit.ts';

const ORDER_ID = '5e2f6a30-97a7-4a5e-8d8b-1f0f7a3c9b11';
const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

let telemetry: AsyncDisposable;
beforeAll(() => {
  telemetry = startTelemetry({ service: 'api-gateway', instance: '1', url: undefined });
});
afterAll(() => telemetry[Symbol.asyncDispose]());

/** Reads a problem detail and checks that it is one, with nothing more in it than allowed. */
async function problemOf(response: Response) {
  expect(response.headers.get('content-type')).toContain('application/problem+json');
  const problem = (await response.json()) as Record<string, unknown>;
  const { components } = await readOpenapi();
  const ajv = new Ajv2020({ strict: false });
  formats.default(ajv);
  ajv.addSchema({ $id: 'api', components });
  const matches = ajv.validate({ $ref: 'api#/components/schemas/Problem' }, problem);
  expect(ajv.errorsText(), 'the problem matches its schema').toBe('No errors');
  expect(matches).toBe(true);
  expect(problem['status']).toBe(response.status);
  expect(problem['title']).toBe(ERRORS[problem['code'] as keyof typeof ERRORS].title);
  expect(problem['traceId']).toBe(response.headers.get('x-trace-id'));
  return problem;
}

describe('a command', () => {
  test('is answered with its job and order at once, and sent with all that the order needs', async () => {
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

  test('for want of job-management: 503, and the order service hears nothing', async () => {
    await using gateway = await startTestGateway({ unreachable: ['jobs'] });
    const response = await gateway.postOrder();
    expect(response.status).toBe(503);
    expect(gateway.calls.placeOrder).toEqual([]);
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

describe('a caller', () => {
  test.each([
    ['no token', {}],
    ['another scheme', { authorization: 'Basic dTpw' }],
    ['a token that auth refuses', { authorization: 'Bearer a.b.c' }],
    ['a token of more than 8 KiB', { authorization: `Bearer ${'a'.repeat(8_200)}` }],
  ])('with %s gets 401 and nothing is issued', async (_what, headers) => {
    await using gateway = await startTestGateway();
    const response = await fetch(`${gateway.url}/v1/orders`, {
      method: 'POST',
      body: JSON.stringify(ORDER),
      headers: { 'content-type': 'application/json', ...headers },
    });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    expect(await problemOf(response)).toMatchObject({ code: 'unauthenticated' });
    expect(gateway.calls.issueJob).toEqual([]);
  });

  test.each([
    ['does not listen', { unreachable: ['auth'] }],
    ['does not answer', {}],
  ])('is told to come back when auth %s', async (_what, options) => {
    await using gateway = await startTestGateway(options);
    gateway.behaviour.auth.authenticate = () => new Promise(() => undefined);
    const response = await gateway.postOrder();
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).not.toBeNull();
    expect(await problemOf(response)).toMatchObject({ code: 'unavailable' });
    expect(gateway.calls.issueJob).toEqual([]);
  });

  test('who asks too often gets 429 until the minute is over', async () => {
    await using gateway = await startTestGateway({ perUser: 2 });
    const statuses = [];
    for (let i = 0; i < 3; i += 1) statuses.push((await gateway.postOrder()).status);
    expect(statuses).toEqual([202, 202, 429]);
    const refused = await gateway.request('/v1/jobs');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(1);
    expect(await problemOf(refused)).toMatchObject({ code: 'rate-limited' });
    expect(gateway.calls.issueJob).toHaveLength(2);
  });

  test('is counted by address before it is known who asks', async () => {
    await using gateway = await startTestGateway({ perAddress: 2 });
    const statuses = [];
    for (let i = 0; i < 3; i += 1) statuses.push((await fetch(`${gateway.url}/v1/jobs`)).status);
    expect(statuses).toEqual([401, 401, 429]);
    const refused = await fetch(`${gateway.url}/nowhere`);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

describe('a request that does not match the description', () => {
  test.each([
    ['no lines', { ...ORDER, lines: [] }, 'body/lines'],
    ['a quantity of text', withLine({ quantity: '2' }), 'body/lines/0/quantity'],
    ['a piece and a half', withLine({ quantity: 1.5 }), 'body/lines/0/quantity'],
    ['a negative price', withPrice({ minorUnits: -1 }), 'body/lines/0/unitPrice/minorUnits'],
    ['an unknown property', { ...ORDER, discount: 5 }, 'body'],
    ['no address', { ...ORDER, address: undefined }, 'body'],
    ['a list', [], 'body'],
    ['nothing', '', 'body'],
  ])('%s: 400 that says where, and nothing is issued', async (_what, body, pointer) => {
    await using gateway = await startTestGateway();
    const response = await gateway.postOrder(body);
    expect(response.status).toBe(400);
    const problem = await problemOf(response);
    expect(problem).toMatchObject({ code: 'invalid-request' });
    expect(problem['errors']).toMatchObject([{ pointer }]);
    expect(gateway.calls.issueJob).toEqual([]);
  });

  test('a value that is not accepted is not repeated in the answer', async () => {
    await using gateway = await startTestGateway();
    const response = await gateway.postOrder({ ...ORDER, cardToken: 'my secret card' });
    expect(await response.text()).not.toContain('my secret card');
  });

  test.each([
    ['malformed JSON', '{"lines":', {}, 400, 'invalid-request'],
    ['a poisoned prototype', '{"__proto__":{"a":1}}', {}, 400, 'invalid-request'],
    ['no JSON', '<order/>', { 'content-type': 'text/xml' }, 415, 'unsupported-media-type'],
    ['a body of 64 KiB and one byte', ' '.repeat(65_537), {}, 413, 'body-too-large'],
    [
      'an empty Idempotency-Key',
      JSON.stringify(ORDER),
      { 'idempotency-key': '' },
      400,
      'invalid-request',
    ],
    [
      'a long Idempotency-Key',
      JSON.stringify(ORDER),
      { 'idempotency-key': 'k'.repeat(256) },
      400,
      'invalid-request',
    ],
  ])('%s: refused, and nothing is issued', async (_what, body, headers, status, code) => {
    await using gateway = await startTestGateway();
    const response = await gateway.postOrder(body, headers as Record<string, string>);
    expect(response.status).toBe(status);
    expect(await problemOf(response)).toMatchObject({ code });
    expect(gateway.calls.issueJob).toEqual([]);
  });

  test.each([
    ['GET', '/v1/nowhere', 404, 'route-not-found', null],
    ['GET', '/v1/orders/%zz', 400, 'invalid-request', null],
    ['GET', '/v1/orders/{"a[b]^', 400, 'invalid-request', null],
    ['GET', '/v1/orders/not-a-uuid', 400, 'invalid-request', null],
    ['GET', '/v1/jobs?pageSize=0', 400, 'invalid-request', null],
    ['GET', '/v1/jobs?pageSize=ten', 400, 'invalid-request', null],
    ['GET', '/v1/jobs?pageToken=%20', 400, 'invalid-request', null],
    ['DELETE', '/v1/orders', 405, 'method-not-allowed', 'POST'],
    ['PUT', `/v1/jobs/${JOB_ID}`, 405, 'method-not-allowed', 'GET, HEAD'],
    ['OPTIONS', '/v1/customers/me/orders', 405, 'method-not-allowed', 'GET, HEAD'],
  ])('%s %s is answered with %i %s', async (method, path, status, code, allow) => {
    await using gateway = await startTestGateway();
    const response = await gateway.request(path, { method });
    expect(response.status).toBe(status);
    expect(response.headers.get('allow')).toBe(allow);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await problemOf(response)).toMatchObject({ code });
  });

  test.each([
    ['headers beyond 16 KiB', `GET / HTTP/1.1\r\nhost: a\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['what is not HTTP', 'hello\r\n\r\n', 400],
    ['a head that does not end', 'GET / HTTP/1.1\r\nhost: a\r\n', 408],
  ])('%s: refused before there is a request', async (_what, bytes, status) => {
    await using gateway = await startTestGateway();
    const answer = await rawAnswer(gateway.url, bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toContain('content-type: application/problem+json');
    expect(answer).toMatch(/"traceId":"[0-9a-f]{32}"/);
  });
});

/** Everything that comes back for these bytes until the server hangs up. */
async function rawAnswer(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => undefined);
  socket.write(bytes);
  await once(socket, 'close');
  return Buffer.concat(chunks).toString();
}

function withLine(change: object) {
  return { ...ORDER, lines: [{ ...ORDER.lines[0], ...change }] };
}

function withPrice(change: object) {
  return withLine({ unitPrice: { ...ORDER.lines[0]?.unitPrice, ...change } });
}

test('neither the token nor the idempotency key nor the card reaches a log', async () => {
  await using gateway = await startTestGateway();
  gateway.behaviour.order.placeOrder = async () => {
    throw new Error('a mistake that is logged');
  };
  await gateway.postOrder(ORDER, { 'idempotency-key': 'key-of-mine' });
  await gateway.postOrder(ORDER, { 'idempotency-key': 'bad key of mine' });
  const logged = gateway.logLines.join('');
  expect(logged).toContain('"status":500');
  for (const secret of ['key-of-mine', 'key of mine', 'payload.signature', 'card-4242']) {
    expect(logged).not.toContain(secret);
  }
});
