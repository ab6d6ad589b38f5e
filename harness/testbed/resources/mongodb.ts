import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  HEALTH_TIMEOUT_MS,
  type Provider,
  piece,
  type Restartable,
  type StackContext,
} from '../piece.ts';

export function mongodbResource(
  context: StackContext,
  options: { readonly provider: Provider; readonly url: string },
): Restartable {
  return piece(context, {
    name: 'mongodb',
    provider: options.provider,
    answers: async () => {
      const { MongoClient } = await import('mongodb');
      const client = new MongoClient(options.url, { serverSelectionTimeoutMS: HEALTH_TIMEOUT_MS });
      try {
        const answer = await client.db('admin').command({ hello: 1 });
        if (answer['isWritablePrimary'] !== true) throw new Error('it takes no writes');
      } finally {
        await client.close();
      }
    },
  });
}

export function nativeMongodb(context: StackContext, port: number): Provider {
  const { command, env, product, version } = context.installation.mongodb;
  const folder = join(context.paths.data, 'mongodb');
  return {
    kind: 'native',
    // It speaks MongoDB's protocol and is not MongoDB; the version line says so wherever it shows.
    version: `${product} ${version} (stand-in)`,
    command: async () => {
      mkdirSync(folder, { recursive: true });
      const where = ['--host', '127.0.0.1', '--port', String(port), '--storage-path', folder];
      return { command: [...command, ...where], env };
    },
  };
}
