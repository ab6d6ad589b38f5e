import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { StackContext } from '../../stack-context.ts';
import type { Provider } from '../provider.ts';
import type { ComponentNeeds } from '../recipes.ts';
import { NATIVE_HOST } from './host.ts';
import { nativeServer } from './native-provider.ts';

export function nativeRedis(context: StackContext, { port }: ComponentNeeds['redis']): Provider {
  const { binary, product, version } = context.installation.redis;
  const folder = join(context.paths.data, 'redis');
  return nativeServer(context, {
    name: 'redis',
    port,
    version: `${product} ${version}`,
    command: async () => {
      mkdirSync(folder, { recursive: true });
      const settings = ['--bind', NATIVE_HOST, '--save', '', '--appendonly', 'no', '--dir', folder];
      // Keyspace events report an expiry at once; without them only a read would show it.
      const events = ['--notify-keyspace-events', 'Ex'];
      return { command: [binary, '--port', String(port), ...settings, ...events] };
    },
  });
}
