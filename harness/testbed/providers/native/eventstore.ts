import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { packageProgram } from '../../../kernel/package-assets.ts';
import { VERSION } from '../../../kernel/version.ts';
import type { StackContext } from '../../stack-context.ts';
import type { Provider } from '../provider.ts';
import type { ComponentNeeds } from '../recipes.ts';
import { compileCache } from './child-env.ts';
import { nativeServer } from './native-provider.ts';

export function nativeEventstore(
  context: StackContext,
  { port }: ComponentNeeds['eventstore'],
): Provider {
  const folder = join(context.paths.data, 'eventstore');
  return nativeServer(context, {
    name: 'eventstore',
    port,
    // Node writes its compile cache only when it exits on its own.
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
  });
}
