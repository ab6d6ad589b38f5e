import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { testContext } from '#kit/context.testkit.ts';
import { startTestRedis, type TestRedis } from '#kit/redis.testkit.ts';
import { redisClient } from '#kit/redis.ts';
import type { OwnedContext } from '#kit/service.ts';
import { USER } from '../domain.testkit.ts';
import type { Hint } from '../ports.ts';
import { updateLogContract } from '../update-log.testkit.ts';
import { listenForHints, redisUpdateLog } from './redis-log.ts';
import { redisRegistry } from './redis-registry.ts';

const HINT_DEADLINE_MS = 2_000;

let redis: TestRedis;
let contexts: OwnedContext[] = [];

beforeAll(async () => {
  redis = await startTestRedis();
});
afterEach(async () => {
  await Promise.all(contexts.map((context) => context.end()));
  contexts = [];
});
afterAll(async () => {
  await redis?.[Symbol.asyncDispose]();
});

updateLogContract('The Redis log', async () => {
  await redis.client.flushall();
  const context = testContext('websocket-1');
  contexts.push(context);
  const client = await redisClient(context, redis.url);
  const subscriber = await redisClient(context, redis.url, { name: 'redis hints' });
  const given: Hint[] = [];
  const log = redisUpdateLog(client, { logTtlMs: 60_000 });
  await log.markIntact();
  // Hints go to nodes that hold a socket of the user.
  await redisRegistry(client, { socketsPerUserMax: 1 }).register({
    socketId: 'socket-1',
    userId: USER,
    nodeId: 'websocket-1',
    connectedAtMs: 1,
  });
  listenForHints(
    subscriber,
    'websocket-1',
    (hint) => given.push(hint),
    () => undefined,
  );
  await expect
    .poll(() => redis.client.pubsub('NUMSUB', 'ws:node:websocket-1'), { timeout: HINT_DEADLINE_MS })
    .toEqual(['ws:node:websocket-1', 1]);
  return {
    log,
    lose: async () => void (await redis.client.flushall()),
    hints: async (count) => {
      await expect.poll(() => given.length, { timeout: HINT_DEADLINE_MS }).toBe(count);
      return given;
    },
  };
});
