import { component, type ManagedResource } from '../component.ts';
import { type Endpoint, hostPort } from '../endpoints.ts';
import { callEmpty } from '../grpc-probe.ts';
import type { Provider } from '../providers/provider.ts';

const SUPPORTED_METHODS = '/event_store.client.server_features.ServerFeatures/GetSupportedMethods';

export function eventstoreResource(options: {
  readonly provider: Provider;
  readonly endpoint: Endpoint;
  readonly connectionString: string;
}): ManagedResource {
  return component({
    name: 'eventstore',
    provider: options.provider,
    answers: (signal) =>
      options.provider.kind !== 'address'
        ? askFeatures(options.endpoint, signal)
        : readByClient(options.connectionString),
  });
}

async function askFeatures(endpoint: Endpoint, signal: AbortSignal): Promise<void> {
  await callEmpty(hostPort(endpoint), SUPPORTED_METHODS, signal);
}

/** At an address of the user's there may be TLS and a login, which the client knows about. */
async function readByClient(connectionString: string): Promise<void> {
  const { EventStoreDBClient, START } = await import('@eventstore/db-client');
  const client = EventStoreDBClient.connectionString(connectionString);
  try {
    const read = client.readAll({ fromPosition: START, maxCount: 1 });
    for await (const _ of read) break;
  } finally {
    await client.dispose();
  }
}
