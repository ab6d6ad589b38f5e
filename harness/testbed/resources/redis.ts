import { component, type ManagedResource } from '../component.ts';
import type { Endpoint } from '../endpoints.ts';
import { askRedis } from '../probe.ts';
import type { Provider } from '../providers/provider.ts';

const CONNECT_TIMEOUT_MS = 2_000;

export function redisResource(options: {
  readonly provider: Provider;
  readonly endpoint: Endpoint;
  readonly url: string;
}): ManagedResource {
  return component({
    name: 'redis',
    provider: options.provider,
    answers: (signal) =>
      options.provider.kind !== 'address'
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
