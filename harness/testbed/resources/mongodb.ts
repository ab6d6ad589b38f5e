import { component, HEALTH_TIMEOUT_MS, type ManagedResource } from '../component.ts';
import type { Endpoint } from '../endpoints.ts';
import { askMongodb } from '../probe.ts';
import type { Provider } from '../providers/provider.ts';

export function mongodbResource(options: {
  readonly provider: Provider;
  readonly endpoint: Endpoint;
  readonly url: string;
}): ManagedResource {
  return component({
    name: 'mongodb',
    provider: options.provider,
    answers: (signal) =>
      options.provider.kind !== 'address'
        ? askMongodb(options.endpoint, signal)
        : askByClient(options.url),
  });
}

/** At an address of the user's there may be TLS and a login, which the client knows about. */
async function askByClient(url: string): Promise<void> {
  const { MongoClient } = await import('mongodb');
  const client = new MongoClient(url, { serverSelectionTimeoutMS: HEALTH_TIMEOUT_MS });
  try {
    const answer = await client.db('admin').command({ hello: 1 });
    if (answer['isWritablePrimary'] !== true) throw new Error('it takes no writes');
  } finally {
    await client.close();
  }
}
