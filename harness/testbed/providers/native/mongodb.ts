import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { StackContext } from '../../stack-context.ts';
import type { Provider } from '../provider.ts';
import type { ComponentNeeds } from '../recipes.ts';
import { NATIVE_HOST } from './host.ts';
import { nativeServer } from './native-provider.ts';

export function nativeMongodb(
  context: StackContext,
  { port }: ComponentNeeds['mongodb'],
): Provider {
  const { command, env, product, version } = context.installation.mongodb;
  const folder = join(context.paths.data, 'mongodb');
  return nativeServer(context, {
    name: 'mongodb',
    port,
    // It speaks MongoDB's protocol and is not MongoDB, which the version says wherever it appears.
    version: `${product} ${version} (stand-in)`,
    command: async () => {
      mkdirSync(folder, { recursive: true });
      const where = ['--host', NATIVE_HOST, '--port', String(port), '--storage-path', folder];
      return { command: [...command, ...where], env };
    },
  });
}
