import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Endpoint } from '../endpoints.ts';
import { type Provider, piece, type Restartable, type StackContext } from '../piece.ts';
import { askRedis } from '../probe.ts';

const CONNECT_TIMEOUT_MS = 2_000;

export function redisResource(
  context: StackContext,
  options: { readonly provider: Provider; readonly endpoint: Endpoint; readonly url: string },
): Restartable {
  return piece(context, {
    name: 'redis',
    provider: options.provider,
    answers: (signal) =>
      options.provider.kind === 'native'
        ? askRedis(options.endpoint, signal)
        : askByClient(options.url),
  });
}

/** At an address of the user's there may be TLS and a password, which the client knows about. */
async function askByClient(url: string): Promise<void> {
  const { Redis } = await import('ioredis');
  const client = new Redis(url, {
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: CONNECT_TIMEOUT_MS,
    maxRetriesPerRequest: 0,
  });
  // The reason of a failed connection arrives as an event; `connect` only says that it is closed.
  let reason: Error | undefined;
  client.on('error', (error: Error) => {
    reason = error;
  });
  try {
    await client.connect();
    await client.ping();
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
    port,
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
