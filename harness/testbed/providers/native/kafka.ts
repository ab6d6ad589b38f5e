import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { javaProperties } from '../../../kernel/java-properties.ts';
import { jvmCommand } from '../../../provision/installation.ts';
import type { StackContext } from '../../stack-context.ts';
import type { Provider } from '../provider.ts';
import type { ComponentNeeds } from '../recipes.ts';
import { NATIVE_HOST } from './host.ts';
import { nativeServer } from './native-provider.ts';

/** Compaction's table for a few thousand keys; Kafka's default of 128 MB is half of the heap. */
const CLEANER_BUFFER_BYTES = 4 * 1024 * 1024;

export function nativeKafka(context: StackContext, ports: ComponentNeeds['kafka']): Provider {
  const { kafka } = context.installation;
  const folder = join(context.paths.data, 'kafka');
  return nativeServer(context, {
    name: 'kafka',
    port: ports.listeners[0]?.port ?? ports.controller,
    version: kafka.version,
    command: async () => {
      const logs = join(folder, 'logs');
      mkdirSync(logs, { recursive: true });
      copyFileSync(kafka.storage.metaProperties, join(logs, 'meta.properties'));
      copyFileSync(kafka.storage.bootstrapCheckpoint, join(logs, 'bootstrap.checkpoint'));
      const properties = join(folder, 'server.properties');
      writeFileSync(properties, serverProperties(logs, ports));
      return { command: jvmCommand(kafka, { args: [properties] }), cwd: folder };
    },
  });
}

/** One listener for each service, so that one of them can lose Kafka while the others keep it. */
function serverProperties(logs: string, ports: ComponentNeeds['kafka']): string {
  const { controller, listeners } = ports;
  const [first] = listeners;
  if (!first) throw new Error('Kafka needs a listener');
  const local = [...listeners, { name: 'CONTROLLER', port: controller }];
  const settings: Record<string, string | number | boolean> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@${NATIVE_HOST}:${controller}`,
    listeners: local.map((l) => `${l.name}://${NATIVE_HOST}:${l.port}`).join(','),
    'advertised.listeners': listeners.map((l) => `${l.name}://${l.advertised}`).join(','),
    'listener.security.protocol.map': local.map((l) => `${l.name}:PLAINTEXT`).join(','),
    'inter.broker.listener.name': first.name,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': logs,
    'num.partitions': 1,
    'auto.create.topics.enable': false,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'controlled.shutdown.enable': false,
    'log.cleaner.dedupe.buffer.size': CLEANER_BUFFER_BYTES,
    // A broker that was killed may register again once its last session is over: by default 9 s.
    'broker.session.timeout.ms': 3_000,
    'broker.heartbeat.interval.ms': 300,
    'num.network.threads': 1,
    'num.io.threads': 2,
    // Short sessions: a scenario that kills a consumer should not wait for the usual 45 s.
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 500,
    'group.consumer.min.session.timeout.ms': 1_000,
    'group.consumer.min.heartbeat.interval.ms': 200,
  };
  return javaProperties(settings);
}
