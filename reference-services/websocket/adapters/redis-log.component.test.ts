import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { testContext } from '#kit/context.testkit.ts';
import { startTestRedis, type TestRedis } from '#kit/redis.testkit.ts';
import { redisClient } from '#kit/redis.ts';
import type { OwnedContext } from '#kit/service.ts';
import { USER, updatesOf } from '../domain.testkit.ts';
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
  const log = redisUpdateLog(client, { nodeId: 'websocket-2', logTtlMs: 60_000 });
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

describe('The Redis log of a node that holds a socket of the user', () => {
  it('gives the hint back instead of publishing it', async () => {
    await redis.client.flushall();
    const context = testContext('websocket-1');
    contexts.push(context);
    const client = await redisClient(context, redis.url);
    const log = redisUpdateLog(client, { nodeId: 'websocket-1', logTtlMs: 60_000 });
    await log.markIntact();
    const entries = updatesOf('job', ['PROGRESS', 'OUTCOME']).map((update) => ({
      update,
      traceparent: null,
    }));
    expect(await log.append(entries.slice(0, 1))).toEqual([{ outcome: 'appended' }]);
    const socket = { socketId: 's', userId: USER, nodeId: 'websocket-1', connectedAtMs: 1 };
    await redisRegistry(client, { socketsPerUserMax: 1 }).register(socket);
    const appended = await log.append(entries);
    const [first, second] = await log.readUser(USER, '0-0', 10);
    expect(appended).toEqual([
      { outcome: 'duplicate' },
      {
        outcome: 'appended',
        hint: { previousId: first?.id, id: second?.id, entry: entries[1] },
      },
    ]);
  });
});
