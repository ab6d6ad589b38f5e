import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { locateInstallation } from '#harness/provision/provision.ts';

const START_DEADLINE_MS = 10_000;

/** A real server of its own, on a Unix socket: no port to collide on. */
export interface TestRedis extends AsyncDisposable {
  /** For `redisClient`. */
  readonly url: string;
  /** A client for the test itself. */
  readonly client: Redis;
}

/** Starts the server that the testbed uses, empty and without persistence. */
export async function startTestRedis(): Promise<TestRedis> {
  const { redis } = await locateInstallation();
  const folder = await mkdtemp(join(tmpdir(), 'sagaproof-redis-'));
  const socket = join(folder, 'redis.sock');
  const settings = ['--save', '', '--appendonly', 'no', '--dir', folder];
  const server = spawn(redis.binary, ['--port', '0', '--unixsocket', socket, ...settings], {
    stdio: 'ignore',
  });
  const client = new Redis(socket, {
    retryStrategy: () => 20,
    maxRetriesPerRequest: null,
    reconnectOnError: () => true,
  });
  client.on('error', () => undefined);
  try {
    await Promise.race([client.ping(), failure(server)]);
  } catch (error) {
    client.disconnect();
    server.kill('SIGKILL');
    throw error;
  }
  return {
    url: socket,
    client,
    async [Symbol.asyncDispose]() {
      client.disconnect();
      const ended = once(server, 'exit');
      server.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function failure(server: ChildProcess): Promise<never> {
  const late = AbortSignal.timeout(START_DEADLINE_MS);
  const [code] = await once(server, 'exit', { signal: late });
  throw new Error(`the Redis server ended with ${code} before it answered`);
}
