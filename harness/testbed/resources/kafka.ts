import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Admin } from 'kafkajs';
import { deadLetterTopic, readTopicTable } from '#contracts/spec/topics.ts';
import { jvmCommand } from '#harness/provision/installation.ts';
import { until } from '../../kernel/poll.ts';
import { type Provider, piece, type Restartable, type StackContext } from '../piece.ts';

/** Answers come over loopback; what takes longer is asked again by the caller. */
const CONNECTION_TIMEOUT_MS = 3_000;
const REQUEST_TIMEOUT_MS = 15_000;
/** About two seconds; what is not there by then is asked for again with a deadline. */
const RETRIES = 12;
const TOPICS_TIMEOUT_MS = 30_000;
/** Compaction's table for a few thousand keys; Kafka's default of 128 MB is half of the heap. */
const CLEANER_BUFFER_BYTES = 4 * 1024 * 1024;

export interface Listener {
  readonly name: string;
  readonly port: number;
  /** `host:port` that clients of this listener are told: the service's own proxy. */
  readonly advertised: string;
}

export function kafkaResource(
  context: StackContext,
  options: { readonly provider: Provider; readonly bootstrap: string },
): Restartable {
  const withAdmin = async <T>(work: (admin: Admin) => Promise<T>): Promise<T> => {
    const admin = await newAdmin(options.bootstrap);
    try {
      await admin.connect();
      return await work(admin);
    } finally {
      await admin.disconnect();
    }
  };
  return piece(context, {
    name: 'kafka',
    provider: options.provider,
    answers: () =>
      withAdmin(async (admin) => {
        const { brokers } = await admin.describeCluster();
        if (brokers.length === 0) throw new Error('the cluster has no broker yet');
      }),
    prepare: (signal) =>
      withAdmin(async (admin) => {
        await admin.createTopics({
          topics: wantedTopics().map(toTopicConfig),
          waitForLeaders: true,
          timeout: TOPICS_TIMEOUT_MS,
        });
        // The first group to ask makes the broker create `__consumer_offsets`, which answers every
        // other one with an error meanwhile; so the first to ask is the testbed.
        const ask = () => admin.fetchOffsets({ groupId: 'sagaproof-warm-up' });
        await until('a group coordinator in Kafka', ask, { signal });
      }),
    verify: () =>
      withAdmin(async (admin) => {
        const wanted = wantedTopics();
        const { topics } = await admin.fetchTopicMetadata({ topics: wanted.map((t) => t.name) });
        for (const { name, partitions } of wanted) {
          const found = topics.find((topic) => topic.name === name)?.partitions.length ?? 0;
          if (found !== partitions) {
            throw new Error(`topic ${name} has ${found} partitions, contracts say ${partitions}`);
          }
        }
      }),
  });
}

async function newAdmin(bootstrap: string): Promise<Admin> {
  const { Kafka, logLevel } = await import('kafkajs');
  const kafka = new Kafka({
    clientId: 'sagaproof-testbed',
    brokers: [bootstrap],
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    retry: { initialRetryTime: 20, maxRetryTime: 200, retries: RETRIES },
    logLevel: logLevel.NOTHING,
  });
  return kafka.admin();
}

interface WantedTopic {
  readonly name: string;
  readonly partitions: number;
  readonly retentionMs: number;
}

/** Every topic of the contracts, and a dead-letter topic for each that somebody consumes. */
function wantedTopics(): WantedTopic[] {
  const table = readTopicTable();
  return table.topics.flatMap(({ name, partitions, retentionMs, consumers }) => {
    const topic = { name, partitions, retentionMs };
    if (consumers.length === 0) return [topic];
    return [topic, { name: deadLetterTopic(name), ...table.deadLetter }];
  });
}

const toTopicConfig = (topic: WantedTopic) => ({
  topic: topic.name,
  numPartitions: topic.partitions,
  replicationFactor: 1,
  configEntries: [
    { name: 'cleanup.policy', value: 'delete' },
    { name: 'retention.ms', value: String(topic.retentionMs) },
  ],
});

export function nativeKafka(
  context: StackContext,
  ports: { readonly controller: number; readonly listeners: readonly Listener[] },
): Provider {
  const { kafka } = context.installation;
  const folder = join(context.paths.data, 'kafka');
  return {
    kind: 'native',
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
  };
}

/** One listener for each service, so that one of them can lose Kafka while the others keep it. */
function serverProperties(
  logs: string,
  ports: { readonly controller: number; readonly listeners: readonly Listener[] },
): string {
  const { controller, listeners } = ports;
  const [first] = listeners;
  if (!first) throw new Error('Kafka needs a listener');
  const local = [...listeners, { name: 'CONTROLLER', port: controller }];
  const settings: Record<string, string | number | boolean> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    listeners: local.map((l) => `${l.name}://127.0.0.1:${l.port}`).join(','),
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
  return `${Object.entries(settings)
    .map(([key, value]) => `${key}=${value}`)
    .join('\n')}\n`;
}
