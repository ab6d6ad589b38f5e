import type { StackContext } from '../../stack-context.ts';
import type { Provider } from '../provider.ts';
import type { ComponentNeeds } from '../recipes.ts';
import { NATIVE_HOST } from './host.ts';
import { nativeServer } from './native-provider.ts';

export function nativeToxiproxy(
  context: StackContext,
  { port }: ComponentNeeds['toxiproxy'],
): Provider {
  const { binary, version } = context.installation.toxiproxy;
  return nativeServer(context, {
    name: 'toxiproxy',
    port,
    version,
    command: async () => ({ command: [binary, '-host', NATIVE_HOST, '-port', String(port)] }),
  });
}
