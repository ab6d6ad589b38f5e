import { readTopicTable } from '#contracts/spec/topics.ts';
import { jvmCommand } from '../../../provision/installation.ts';
import type { StackContext } from '../../stack-context.ts';
import type { Provider } from '../provider.ts';
import type { ComponentNeeds } from '../recipes.ts';
import { NATIVE_HOST } from './host.ts';
import { nativeServer } from './native-provider.ts';

export function nativeRegistry(context: StackContext, ports: ComponentNeeds['registry']): Provider {
  const { registry } = context.installation;
  return nativeServer(context, {
    name: 'registry',
    port: ports.api,
    version: `apicurio ${registry.version}`,
    command: async () => ({
      command: jvmCommand(registry, {
        properties: {
          'quarkus.http.host': NATIVE_HOST,
          'quarkus.http.port': String(ports.api),
          // Left alone it takes 9000, which a second stack would find busy.
          'quarkus.management.host': NATIVE_HOST,
          'quarkus.management.port': String(ports.management),
          'quarkus.http.access-log.enabled': 'false',
          'apicurio.storage.kind': 'sql',
          'apicurio.storage.sql.kind': 'h2',
          'apicurio.rules.global.compatibility': readTopicTable().compatibilityDefault,
        },
      }),
      cwd: registry.folder,
    }),
  });
}
