import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { startTestRedis, type TestRedis } from '#kit/redis.testkit.ts';
import { startNode, TestClient, type TestNode } from './websocket.testkit.ts';

let redis: TestRedis;
let node: TestNode;

beforeAll(async () => {
  redis = await startTestRedis();
});
beforeEach(async () => {
  await redis.client.flushall();
  node = await startNode(redis, 'websocket-1', []);
});
afterEach(() => node.context.end());
afterAll(async () => {
  await redis?.[Symbol.asyncDispose]();
});

describe('a client that floods', () => {
  it('with a head that does not end is cut off', async () => {
    const { port } = node;
    const socket = connect(port, '127.0.0.1');
    const beganMs = performance.now();
    socket.write('GET /v1/updates HTTP/1.1\r\nhost: a\r\n');
    socket.resume();
    await once(socket, 'close');
    expect(performance.now() - beganMs).toBeLessThan(8_000);
  }, 20_000);

  it.each([
    ['pings', (ws: WebSocket) => ws.ping()],
    ['pongs', (ws: WebSocket) => ws.pong()],
  ])('is closed with 1008 when it sends a flood of %s', async (_what, send) => {
    const { port } = node;
    const client = await TestClient.open(port);
    for (let sent = 0; sent < 200; sent += 1) send(client.ws);
    expect(await client.closed).toBe(1008);
  });

  it('is closed when a message has too many fragments', async () => {
    const { port } = node;
    const client = await TestClient.open(port);
    for (let sent = 0; sent < 1_000; sent += 1) client.ws.send('', { fin: false });
    expect(await client.closed).toBe(1008);
  });
});
