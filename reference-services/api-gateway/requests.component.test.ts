import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTelemetry } from '#kit/telemetry.ts';
import { ORDER, startTestGateway } from './gateway.testkit.ts';
import { problemOf } from './problem.testkit.ts';
import { JOB_ID } from './providers.testkit.ts';

let telemetry: AsyncDisposable;
beforeAll(() => {
  telemetry = startTelemetry({ service: 'api-gateway', instance: '1', url: undefined });
});
afterAll(() => telemetry[Symbol.asyncDispose]());

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
  ])('gets Retry-After when auth %s', async (_what, options) => {
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

  test('no body and no type of one: 400 that says where, and nothing is issued', async () => {
    await using gateway = await startTestGateway();
    const response = await gateway.request('/v1/orders', { method: 'POST' });
    expect(response.status).toBe(400);
    const problem = await problemOf(response);
    expect(problem).toMatchObject({ code: 'invalid-request', errors: [{ pointer: 'body' }] });
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
    ['GET', '/v1/jobs?pageSize=0x10', 400, 'invalid-request', null],
    ['GET', '/v1/jobs?pageSize=1e1', 400, 'invalid-request', null],
    ['GET', '/v1/jobs?pageSize=', 400, 'invalid-request', null],
    ['GET', '/v1/jobs?pageSize=%2010', 400, 'invalid-request', null],
    ['GET', '/v1/jobs?pageToken=%20', 400, 'invalid-request', null],
    ['DELETE', '/v1/orders', 405, 'method-not-allowed', 'POST'],
    ['PUT', `/v1/jobs/${JOB_ID}`, 405, 'method-not-allowed', 'GET, HEAD'],
    ['PROPFIND', '/v1/orders', 405, 'method-not-allowed', 'POST'],
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
    ['no host', 'GET /v1/jobs HTTP/1.1\r\nconnection: close\r\n\r\n', 400],
    ['what is not HTTP', 'hello\r\n\r\n', 400],
    ['a head that does not end', 'GET / HTTP/1.1\r\nhost: a\r\n', 408],
  ])('%s: refused before there is a request', async (_what, bytes, status) => {
    await using gateway = await startTestGateway({
      arrival: { headTimeoutMs: 500, requestTimeoutMs: 1_000, checkIntervalMs: 50 },
    });
    const answer = await rawAnswer(gateway.url, bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toContain('content-type: application/problem+json');
    expect(answer).toMatch(/"traceId":"[0-9a-f]{32}"/);
  });
});

test('an expectation that is not known is ignored, as RFC 9110 allows', async () => {
  await using gateway = await startTestGateway();
  const head = 'GET /v1/jobs HTTP/1.1\r\nhost: a\r\nexpect: magic\r\nconnection: close\r\n\r\n';
  const answer = await rawAnswer(gateway.url, head);
  expect(answer).toMatch(/^HTTP\/1.1 401 /);
  expect(answer).toContain('content-type: application/problem+json');
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

test('a request that is in when the server drains is still answered', async () => {
  await using gateway = await startTestGateway();
  const asked = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const { getJob } = gateway.behaviour.jobs;
  gateway.behaviour.jobs.getJob = async (request, call) => {
    asked.resolve();
    await released.promise;
    return getJob(request, call);
  };
  const answering = gateway.request(`/v1/jobs/${JOB_ID}`);
  await asked.promise;
  const draining = gateway.drain();
  released.resolve();
  const answer = await answering;
  expect(answer.status).toBe(200);
  // Else the drain would wait for the connection's keep-alive time-out.
  expect(answer.headers.get('connection')).toBe('close');
  await draining;
  await expect(gateway.request('/v1/jobs')).rejects.toThrow('fetch failed');
});
