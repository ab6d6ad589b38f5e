import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { packageProgram } from '../../kernel/package-assets.ts';
import { VERSION } from '../../kernel/version.ts';
import { type Endpoint, hostPort } from '../endpoints.ts';
import { callEmpty } from '../grpc-probe.ts';
import {
  compileCache,
  type Provider,
  piece,
  type Restartable,
  type StackContext,
} from '../piece.ts';

const SUPPORTED_METHODS = '/event_store.client.server_features.ServerFeatures/GetSupportedMethods';

export function eventstoreResource(
  context: StackContext,
  options: {
    readonly provider: Provider;
    readonly endpoint: Endpoint;
    readonly connectionString: string;
  },
): Restartable {
  return piece(context, {
    name: 'eventstore',
    provider: options.provider,
    answers: (signal) =>
      options.provider.kind === 'native'
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

export function nativeEventstore(context: StackContext, port: number): Provider {
  const folder = join(context.paths.data, 'eventstore');
  return {
    kind: 'native',
    port,
    // Node writes its compile cache when it ends by itself.
    lastSignal: 'SIGTERM',
    version: `embedded ${VERSION}`,
    command: async () => {
      mkdirSync(folder, { recursive: true });
      const main = packageProgram('harness/eventstore/main');
      return {
        command: [process.execPath, main, '--port', String(port), '--data', folder],
        env: compileCache(context),
      };
    },
  };
}
