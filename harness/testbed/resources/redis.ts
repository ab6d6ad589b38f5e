import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { type Provider, piece, type Restartable, type StackContext } from '../piece.ts';

export function redisResource(
  context: StackContext,
  options: { readonly provider: Provider; readonly url: string },
): Restartable {
  return piece(context, {
    name: 'redis',
    provider: options.provider,
    answers: async () => {
      const answer = await ask(options.url);
      if (answer !== 'PONG') throw new Error(`answered ${answer} to PING`);
    },
  });
}

async function ask(url: string): Promise<string> {
  const client = new Redis(url, {
    lazyConnect: true,
    retryStrategy: () => null,
    enableReadyCheck: true,
    connectTimeout: 1_000,
    maxRetriesPerRequest: 0,
  });
  // The reason of a failed connection arrives as an event; `connect` only says that it is closed.
  let reason: Error | undefined;
  client.on('error', (error: Error) => {
    reason = error;
  });
  try {
    await client.connect();
    return await client.ping();
  } catch (error) {
    throw reason ?? error;
  } finally {
    client.disconnect();
  }
}

export function nativeRedis(context: StackContext, port: number): Provider {
  const { binary, product, version } = context.installation.redis;
  const folder = join(context.paths.data, 'redis');
  return {
    kind: 'native',
    version: `${product} ${version}`,
    command: async () => {
      mkdirSync(folder, { recursive: true });
      const settings = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
      // Keyspace events tell of an expiry at once; without them it is only seen by asking.
      const events = ['--notify-keyspace-events', 'Ex'];
      return { command: [binary, '--port', String(port), ...settings, ...events] };
    },
  };
}
