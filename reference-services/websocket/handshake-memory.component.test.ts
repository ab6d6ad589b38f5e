import { once } from 'node:events';
import { IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { queryObjects } from 'node:v8';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestRedis, type TestRedis } from '#kit/redis.testkit.ts';
import { startNode } from './websocket.testkit.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(async () => {
  await redis?.[Symbol.asyncDispose]();
});

describe('a socket', () => {
  it('keeps nothing of its handshake, which holds the token', async () => {
    const { port, context } = await startNode(redis, 'ws-memory', [], { socketsPerUserMax: 20 });
    const before = queryObjects(IncomingMessage, { format: 'count' });
    const sockets = await Promise.all(Array.from({ length: 10 }, () => openBare(port)));
    await expect
      .poll(() => queryObjects(IncomingMessage, { format: 'count' }), { timeout: 5_000 })
      .toBeLessThanOrEqual(before);
    for (const socket of sockets) socket.destroy();
    await context.end();
  });
});

/** An open socket without a client that keeps objects of its own. */
async function openBare(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  const head = ['GET /v1/updates HTTP/1.1', 'Host: localhost', 'Authorization: Bearer user-1'];
  const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
  const key = `Sec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}`;
  socket.write([...head, ...upgrade, key, '', ''].join('\r\n'));
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1.1 101 /);
  return socket;
}
