import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { testContext } from '#kit/context.testkit.ts';
import { startTestRedis, type TestRedis } from '#kit/redis.testkit.ts';
import { redisClient } from '#kit/redis.ts';
import { redisRegistry } from './adapters/redis-registry.ts';
import { jobOf, USER, updatesOf } from './domain.testkit.ts';
import type { ConnectionEvent } from './domain.ts';
import {
  append,
  leftovers,
  type NodeOptions,
  ORIGIN,
  startNode,
  TestClient,
  type TestNode,
  WENT,
} from './websocket.testkit.ts';

let redis: TestRedis;
let nodes: TestNode[] = [];
const reported: ConnectionEvent[] = [];
const JOB = jobOf('job');

beforeAll(async () => {
  redis = await startTestRedis();
});
beforeEach(async () => {
  await redis.client.flushall();
  reported.length = 0;
});
afterEach(async () => {
  await Promise.all(nodes.map(({ context }) => context.end()));
  nodes = [];
});
afterAll(async () => {
  await redis?.[Symbol.asyncDispose]();
});

async function start(options?: NodeOptions): Promise<TestNode> {
  const node = await startNode(redis, `websocket-${nodes.length + 1}`, reported, options);
  nodes.push(node);
  return node;
}

const events = () => reported.map(({ kind, closeCode }) => [kind, closeCode]);
const socketsOf = (userId: string) => redis.client.zrange(`ws:user:{${userId}}:sockets`, '0', '-1');

/** Status and body of a handshake that is refused; undefined when it is accepted. */
async function refusal(
  port: number,
  path: string,
  headers: Record<string, string>,
  protocols: string[] = [],
) {
  const ws = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols, { headers });
  ws.on('error', () => undefined);
  const opened = once(ws, 'open').then(() => undefined);
  const refused = once(ws, 'unexpected-response').then(async ([, response]) => {
    const message = response as IncomingMessage;
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString()) as { code: string };
    return { status: message.statusCode, code: body.code, headers: message.headers };
  });
  const result = await Promise.race([opened, refused]);
  ws.terminate();
  return result;
}

const AUTH = { authorization: 'Bearer user-1' };

describe('a handshake', () => {
  it.each([
    ['no token', {}, 401, 'unauthenticated'],
    ['a token that auth refuses', { authorization: 'Bearer stranger' }, 401, 'unauthenticated'],
    ['an expired token', { authorization: 'Bearer expired' }, 401, 'token-expired'],
    ['auth that is down', { authorization: 'Bearer down' }, 503, 'unavailable'],
    ['another origin', { ...AUTH, origin: 'https://evil.example' }, 403, 'forbidden'],
  ])('is refused for %s', async (_, headers, status, code) => {
    const { port } = await start();
    expect(await refusal(port, '/v1/updates', headers)).toMatchObject({ status, code });
    expect(await leftovers(redis)).toEqual([]);
  });

  it('never reads a token from the address', async () => {
    const { port } = await start();
    const path = '/v1/updates?access_token=user-1&token=user-1';
    expect(await refusal(port, path, {})).toMatchObject({ status: 401 });
  });

  it('is refused elsewhere', async () => {
    const { port } = await start();
    expect(await refusal(port, '/other', AUTH)).toMatchObject({ status: 404 });
    const response = await fetch(`http://127.0.0.1:${port}/v1/updates`);
    expect(response.status).toBe(426);
  });

  it('from a browser has the token among the subprotocols, of which ours is answered', async () => {
    const { port } = await start();
    const protocols = ['sagaproof.v1', 'bearer.user-1'];
    const ws = new WebSocket(`ws://127.0.0.1:${port}/v1/updates`, protocols, { origin: ORIGIN });
    await once(ws, 'open');
    expect(ws.protocol).toBe('sagaproof.v1');
    expect(ws.extensions).toBe('');
    ws.terminate();
  });

  it('is refused beyond so many sockets of the user, over all nodes', async () => {
    const first = await start({ socketsPerUserMax: 2 });
    const second = await start({ socketsPerUserMax: 2 });
    const client = await TestClient.open(first.port);
    await TestClient.open(second.port);
    const refused = await refusal(second.port, '/v1/updates', AUTH);
    expect(refused).toMatchObject({ status: 429, code: 'rate-limited' });
    expect(refused?.headers['retry-after']).toBe('1');
    expect(await refusal(second.port, '/v1/updates', { authorization: 'Bearer user-2' })).toBe(
      undefined,
    );
    client.ws.close();
    await expect
      .poll(() => refusal(first.port, '/v1/updates', AUTH), { timeout: 2_000 })
      .toBe(undefined);
  });
});

describe('the registry', () => {
  it('holds who sees what, and nothing once the socket went', async () => {
    const { port } = await start();
    const client = await TestClient.open(port);
    await client.subscribe(JOB, 'progress');
    await client.subscribe(undefined, 'outcome');
    const [socketId = ''] = await socketsOf(USER);
    const entry = await redis.client.hgetall(`ws:socket:{${socketId}}`);
    expect(entry).toMatchObject({ socketId, userId: USER, nodeId: 'websocket-1' });
    expect(await redis.client.hgetall(`ws:socket:{${socketId}}:subscriptions`)).toEqual({
      [JOB]: 'progress',
      '*': 'outcome',
    });
    expect(await redis.client.zrange(`ws:job:{${JOB}}:sockets`, '0', '-1')).toEqual([socketId]);
    expect(await redis.client.pttl(`ws:socket:{${socketId}}`)).toBeGreaterThan(5_000);
    client.ws.close(1000);
    await expect.poll(events, { timeout: 2_000 }).toEqual(WENT);
    expect(await leftovers(redis)).toEqual([]);
  });

  it("keeps a newer socket's entries when an older one goes", async () => {
    const [first, second] = [await start(), await start()];
    const old = await TestClient.open(first.port);
    await old.subscribe(JOB, 'detail');
    const fresh = await TestClient.open(second.port);
    await fresh.subscribe(JOB, 'detail');
    old.ws.terminate();
    await expect.poll(() => reported.filter(({ kind }) => kind === 'DISCONNECTED').length).toBe(1);
    const [socketId = '', ...more] = await socketsOf(USER);
    expect(more).toEqual([]);
    expect(await redis.client.hget(`ws:socket:{${socketId}}`, 'nodeId')).toBe('websocket-2');
    expect(await redis.client.zrange(`ws:job:{${JOB}}:sockets`, '0', '-1')).toEqual([socketId]);
    await append(first.log, updatesOf('job', ['OUTCOME']));
    await fresh.expectSequences(JOB, [1]);
  });

  it('comes back by itself when Redis lost everything', async () => {
    const { port, log } = await start({ keepAliveMs: 50 });
    const client = await TestClient.open(port);
    await redis.client.flushall();
    await log.markIntact();
    await expect.poll(() => socketsOf(USER), { timeout: 2_000 }).toHaveLength(1);
    await client.subscribe(JOB);
    await append(log, updatesOf('job', ['OUTCOME']));
    await client.expectSequences(JOB, [1]);
  });

  it('gives up the sockets of a node that is gone, once, for good', async () => {
    const context = testContext('websocket-9');
    const registry = redisRegistry(await redisClient(context, redis.url), { socketsPerUserMax: 5 });
    const socket = { socketId: JOB, userId: 'user 1', nodeId: 'websocket-9', connectedAtMs: 1 };
    await registry.register(socket);
    await registry.subscribe(socket, jobOf('other'), 'detail');
    await redis.client.zadd('ws:sockets', 1, `${JOB} websocket-9 user 1`);
    await redis.client.del(`ws:socket:{${JOB}}`);
    await start({ keepAliveMs: 20 });
    await start({ keepAliveMs: 20 });
    await expect.poll(events, { timeout: 2_000 }).toEqual([
      ['CONNECTED', null],
      ['DISCONNECTED', 1006],
    ]);
    expect(reported[1]).toMatchObject({ socketId: JOB, userId: 'user 1', nodeId: 'websocket-9' });
    expect(await registry.keepAlive([socket])).toEqual([JOB]);
    await registry.unregister(socket, 1000, 1);
    expect(await leftovers(redis)).toEqual([]);
    await context.end();
  });

  it('tells once that a socket went, however often its node says so', async () => {
    const context = testContext('websocket-9');
    const registry = redisRegistry(await redisClient(context, redis.url), { socketsPerUserMax: 5 });
    const socket = { socketId: JOB, userId: 'user 1', nodeId: 'websocket-9', connectedAtMs: 1 };
    await registry.register(socket);
    await Promise.all([1, 2].map((nowMs) => registry.unregister(socket, 1000, nowMs)));
    expect(await registry.keepAlive([socket])).toEqual([JOB]);
    await start();
    await expect.poll(events, { timeout: 2_000 }).toEqual(WENT);
    await context.end();
  });
});

describe('a socket', () => {
  it('is closed with 4001 when its token expires', async () => {
    const { port } = await start();
    const client = await TestClient.open(port, 'user-1~300');
    expect(await client.closed).toBe(4001);
  });

  it('is closed with 1009 for too large a frame, and with 1003 for a binary one', async () => {
    const { port } = await start();
    const large = await TestClient.open(port);
    large.send('x'.repeat(65_537));
    expect(await large.closed).toBe(1009);
    const binary = await TestClient.open(port);
    binary.ws.send(Buffer.from([1, 2, 3]));
    expect(await binary.closed).toBe(1003);
  });

  it.each([
    ['no JSON', 'hello', undefined],
    ['an unknown type', { type: 'shout', requestId: 'r' }, 'r'],
    ['an unknown field', { type: 'ping', requestId: 'r', token: 'x' }, 'r'],
    ['no level', { type: 'subscribe', requestId: 'r', jobId: JOB }, 'r'],
  ])('is answered with an error for %s, and stays open', async (_, message, requestId) => {
    const { port } = await start();
    const client = await TestClient.open(port);
    client.send(message);
    const frame = await client.frame('the error', ({ type }) => type === 'error');
    expect(frame).toMatchObject({ code: 'invalid-request', detail: expect.any(String) });
    expect(frame['requestId']).toBe(requestId);
    expect(await client.ask({ type: 'ping', requestId: 'p' })).toMatchObject({ type: 'pong' });
  });

  it('gets an error when it sends too much, and is closed with 1008 when it goes on', async () => {
    const { port } = await start();
    const client = await TestClient.open(port);
    for (let index = 0; index < 200; index += 1) client.send({ type: 'ping' });
    expect(await client.closed).toBe(1008);
    expect(client.frames.some(({ code }) => code === 'rate-limited')).toBe(true);
  });

  it('is closed with 4008 when it does not read, and the others are served', async () => {
    const { port, log } = await start({
      limits: { sendBytesMax: 100_000, closeTimeoutMs: 30_000, heartbeatMs: 60_000 },
      compareMs: 600_000,
    });
    const slow = await TestClient.open(port);
    const quick = await TestClient.open(port);
    await slow.subscribe(undefined);
    await quick.subscribe(undefined);
    slow.ws.pause();
    const detail = 'x'.repeat(60_000);
    // More than the kernel keeps for a connection that is not read.
    const count = 400;
    for (let index = 0; index < count; index += 1) {
      const [update] = updatesOf(`job ${index}`, ['PROGRESS']);
      if (update !== undefined) await append(log, [{ ...update, detail }]);
    }
    slow.ws.resume();
    expect(await slow.closed).toBe(4008);
    await quick.expectSequences(jobOf(`job ${count - 1}`), [1]);
    await expect.poll(() => reported.at(-1)?.closeCode).toBe(4008);
  });

  it('is dropped when it is only half there', async () => {
    const { port } = await start({ limits: { heartbeatMs: 50 } });
    const client = await TestClient.open(port);
    client.ws.pause();
    await expect.poll(events, { timeout: 2_000 }).toEqual([
      ['CONNECTED', null],
      ['DISCONNECTED', 1006],
    ]);
  });
});

describe('a drain', () => {
  it('asks clients to come back, closes with 1012, and reports every goodbye', async () => {
    const { port, context } = await start();
    const clients = await Promise.all(
      [1, 2, 3].map((index) => TestClient.open(port, `user-${index}`)),
    );
    await context.end();
    expect(await Promise.all(clients.map((client) => client.closed))).toEqual([1012, 1012, 1012]);
    for (const client of clients) {
      expect(client.frames.at(-1)).toMatchObject({ type: 'reconnect' });
    }
    const goodbyes = reported.filter(({ kind }) => kind === 'DISCONNECTED');
    expect(goodbyes.map(({ closeCode }) => closeCode)).toEqual([1012, 1012, 1012]);
    expect(await leftovers(redis)).toEqual([]);
  });
});
