import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { javaProperties } from '../../../kernel/java-properties.ts';
import { jvmCommand } from '../../../provision/installation.ts';
import { connectorConfig, connectorName } from '../../resources/connect.ts';
import type { StackContext } from '../../stack-context.ts';
import type { Provider } from '../provider.ts';
import type { ComponentNeeds } from '../recipes.ts';
import { NATIVE_HOST } from './host.ts';
import { nativeServer } from './native-provider.ts';

const OFFSET_FLUSH_INTERVAL_MS = 1_000;

export function nativeConnect(context: StackContext, options: ComponentNeeds['connect']): Provider {
  const { connect } = context.installation;
  const folder = join(context.paths.data, 'connect');
  return nativeServer(context, {
    name: 'connect',
    port: options.port,
    version: `${connect.version}, debezium ${connect.debeziumVersion}`,
    command: async () => {
      mkdirSync(folder, { recursive: true });
      const worker = join(folder, 'worker.properties');
      writeFileSync(worker, workerProperties(folder, options.port, options.bootstrap));
      const connectors = options.outboxes.map((service) => {
        const file = join(folder, `${connectorName(service)}.json`);
        const config = connectorConfig(options, service);
        // It holds the role's password, so only this user may read it.
        writeFileSync(file, JSON.stringify({ name: connectorName(service), config }), {
          mode: 0o600,
        });
        return file;
      });
      return { command: jvmCommand(connect, { args: [worker, ...connectors] }), cwd: folder };
    },
  });
}

function workerProperties(folder: string, port: number, bootstrap: string): string {
  const settings: Record<string, string | number | boolean> = {
    'bootstrap.servers': bootstrap,
    listeners: `http://${NATIVE_HOST}:${port}`,
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
    'offset.storage.file.filename': join(folder, 'offsets.dat'),
    'offset.flush.interval.ms': OFFSET_FLUSH_INTERVAL_MS,
    'plugin.discovery': 'service_load',
    'topic.creation.enable': false,
    // It starts together with Kafka, and retries often until the broker listens.
    'reconnect.backoff.ms': 20,
    'reconnect.backoff.max.ms': 100,
    'producer.reconnect.backoff.max.ms': 100,
  };
  return javaProperties(settings);
}
