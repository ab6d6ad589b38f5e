import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate as immediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTelemetry } from '#kit/telemetry.ts';
import { ORDER, startTestGateway } from './gateway.testkit.ts';
import { GOOD_TOKEN, JOB_ID } from './providers.testkit.ts';

const ARRIVAL = { headTimeoutMs: 150, requestTimeoutMs: 300, checkIntervalMs: 20 };
/** More than a request may take to arrive. */
const STALL_MS = 400;

let telemetry: AsyncDisposable;
beforeAll(() => {
  telemetry = startTelemetry({ service: 'api-gateway', instance: '1', url: undefined });
});
afterAll(() => telemetry[Symbol.asyncDispose]());

/** Nothing in this process runs meanwhile: what a machine without a free core does to a server. */
const stall = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

const BODY = JSON.stringify(ORDER);
const HEAD = [
  'POST /v1/orders HTTP/1.1',
  'host: gateway',
  `authorization: Bearer ${GOOD_TOKEN}`,
  'content-type: application/json',
  `content-length: ${Buffer.byteLength(BODY)}`,
  '\r\n',
].join('\r\n');

async function rawConnection(url: string) {
  const { hostname, port } = new URL(url);
  const socket: Socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return {
    socket,
    async closed() {
      if (!socket.closed) await once(socket, 'close');
      return Buffer.concat(chunks).toString();
    },
  };
}

/** The server has seen the bytes that were sent so far: it answers on another connection. */
const settled = (url: string) => fetch(`${url}/openapi.json`).then((answer) => answer.text());

describe('a command', () => {
  test.each([
    ['the whole of it', '', HEAD + BODY],
    ['its body', HEAD, BODY],
  ])('that was answered as too late is never begun when %s comes', async (_what, early, late) => {
    await using gateway = await startTestGateway({ arrival: ARRIVAL });
    const { socket, closed } = await rawConnection(gateway.url);
    if (early !== '') socket.write(early);
    await settled(gateway.url);
    // Its bytes are there when the server looks at the clock again, and not read yet.
    await immediate();
    socket.write(late);
    stall(STALL_MS);
    expect(await closed()).toMatch(/^HTTP\/1.1 408 /);
    // What was sent later is through: had the late one been begun, it would be, too.
    expect((await gateway.postOrder(ORDER, { 'idempotency-key': 'later' })).status).toBe(202);
    expect(gateway.calls.issueJob.map((job) => job.idempotencyKey)).toEqual(['later']);
  });

  test('that has arrived may take longer than it had to arrive', async () => {
    await using gateway = await startTestGateway({ arrival: ARRIVAL });
    const { placeOrder } = gateway.behaviour.order;
    gateway.behaviour.order.placeOrder = (request, call) => {
      stall(STALL_MS);
      return placeOrder(request, call);
    };
    expect((await gateway.postOrder()).status).toBe(202);
  });

  test.each([
    ['does not end', 'GET /v1/jobs HTTP/1.1\r\nhost: gateway\r\n'],
    ['is no HTTP', 'what is this\r\n\r\n'],
  ])('is answered as itself when what follows it on its connection %s', async (_what, next) => {
    await using gateway = await startTestGateway({ arrival: ARRIVAL });
    const begun = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    const { placeOrder } = gateway.behaviour.order;
    gateway.behaviour.order.placeOrder = async (request, call) => {
      begun.resolve();
      await released.promise;
      return placeOrder(request, call);
    };
    const { socket, closed } = await rawConnection(gateway.url);
    socket.write(HEAD + BODY + next);
    await begun.promise;
    stall(STALL_MS);
    await settled(gateway.url);
    released.resolve();
    const answer = await closed();
    expect(answer).toMatch(/^HTTP\/1.1 202 /);
    expect(answer.match(/HTTP\/1.1/g)).toHaveLength(1);
    expect(answer).toContain(JOB_ID);
  });
});
