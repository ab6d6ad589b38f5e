import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testContext } from './context.testkit.ts';
import { startTestRedis, type TestRedis } from './redis.testkit.ts';
import { redisCall, redisClient } from './redis.ts';
import type { OwnedContext } from './service.ts';

let server: TestRedis;
let context: OwnedContext;
let client: Redis;

beforeAll(async () => {
  server = await startTestRedis();
  context = testContext('redis-1');
  client = await redisClient(context, server.url);
});
afterAll(async () => {
  await context?.end();
  await server?.[Symbol.asyncDispose]();
});

const write = () => redisCall(() => client.set('k', 'v'));
const readiness = async () => (await context.health.readiness()).checks['redis'];
const recovered = async () => {
  const attempt = () =>
    write().then(
      () => 'written',
      (error: unknown) => String(error),
    );
  await expect.poll(attempt, { timeout: 5_000 }).toBe('written');
  await expect.poll(readiness).toBe('ok');
};

describe('a Redis server that answers and stores nothing', () => {
  it('is unavailable and not ready as a replica, until it is a primary again', async () => {
    await server.client.replicaof('127.0.0.1', '1');
    await expect(write()).rejects.toMatchObject({ code: 'unavailable' });
    await expect.poll(readiness).toMatch(/READONLY/);
    await server.client.replicaof('NO', 'ONE');
    await recovered();
  });

  it('gets a new connection after it refused as a replica', async () => {
    const id = await client.client('ID');
    await server.client.replicaof('127.0.0.1', '1');
    await expect(write()).rejects.toMatchObject({ code: 'unavailable' });
    await server.client.replicaof('NO', 'ONE');
    await recovered();
    expect(await client.client('ID')).not.toBe(id);
  });

  it('is unavailable and not ready while too few replicas follow it', async () => {
    await server.client.config('SET', 'min-replicas-to-write', '1');
    await expect(write()).rejects.toMatchObject({ code: 'unavailable' });
    expect(await readiness()).toMatch(/NOREPLICAS/);
    await server.client.config('SET', 'min-replicas-to-write', '0');
    await recovered();
  });

  it('leaves no key behind when it is probed', async () => {
    await server.client.flushall();
    await readiness();
    expect(await server.client.dbsize()).toBe(0);
  });
});
