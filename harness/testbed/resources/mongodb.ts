import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Endpoint } from '../endpoints.ts';
import {
  HEALTH_TIMEOUT_MS,
  type Provider,
  piece,
  type Restartable,
  type StackContext,
} from '../piece.ts';
import { askMongodb } from '../probe.ts';

export function mongodbResource(
  context: StackContext,
  options: { readonly provider: Provider; readonly endpoint: Endpoint; readonly url: string },
): Restartable {
  return piece(context, {
    name: 'mongodb',
    provider: options.provider,
    answers: (signal) =>
      options.provider.kind === 'native'
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

export function nativeMongodb(context: StackContext, port: number): Provider {
  const { command, env, product, version } = context.installation.mongodb;
  const folder = join(context.paths.data, 'mongodb');
  return {
    kind: 'native',
    port,
    // It speaks MongoDB's protocol and is not MongoDB; the version line says so wherever it shows.
    version: `${product} ${version} (stand-in)`,
    command: async () => {
      mkdirSync(folder, { recursive: true });
      const where = ['--host', '127.0.0.1', '--port', String(port), '--storage-path', folder];
      return { command: [...command, ...where], env };
    },
  };
}
