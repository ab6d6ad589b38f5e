import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  HEALTH_TIMEOUT_MS,
  type Provider,
  piece,
  type Restartable,
  type StackContext,
} from '../piece.ts';
import { REPOSITORY } from '../run-folder.ts';
import { VERSION } from '../version.ts';

export function eventstoreResource(
  context: StackContext,
  options: { readonly provider: Provider; readonly connectionString: string },
): Restartable {
  return piece(context, {
    name: 'eventstore',
    provider: options.provider,
    answers: async () => {
      const { EventStoreDBClient, START } = await import('@eventstore/db-client');
      const client = EventStoreDBClient.connectionString(options.connectionString);
      try {
        const read = client.readAll({
          fromPosition: START,
          maxCount: 1,
          deadline: HEALTH_TIMEOUT_MS,
        });
        for await (const _ of read) break;
      } finally {
        await client.dispose();
      }
    },
  });
}

export function nativeEventstore(context: StackContext, port: number): Provider {
  const folder = join(context.paths.data, 'eventstore');
  return {
    kind: 'native',
    version: `embedded ${VERSION}`,
    command: async () => {
      mkdirSync(folder, { recursive: true });
      const main = join(REPOSITORY, 'harness/eventstore/main.ts');
      return {
        command: [process.execPath, main, '--port', String(port), '--data', folder],
        env: { NODE_COMPILE_CACHE: join(context.installation.cacheFolder, 'compile') },
      };
    },
  };
}
