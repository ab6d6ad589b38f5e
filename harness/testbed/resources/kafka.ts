import type { Admin } from 'kafkajs';
import { deadLetterTopic, readTopicTable } from '#contracts/spec/topics.ts';
import { retry } from '../../kernel/poll.ts';
import { component, type ManagedResource } from '../component.ts';
import type { Provider } from '../providers/provider.ts';

/** Answers come over loopback; what takes longer is asked again by the caller. */
const CONNECTION_TIMEOUT_MS = 3_000;
const REQUEST_TIMEOUT_MS = 15_000;
/** About two seconds; what is not there by then is asked for again with a deadline. */
const RETRIES = 12;
const TOPICS_TIMEOUT_MS = 30_000;

export function kafkaResource(options: {
  readonly provider: Provider;
  readonly bootstrap: string;
}): ManagedResource {
  const withAdmin = async <T>(work: (admin: Admin) => Promise<T>): Promise<T> => {
    const admin = await newAdmin(options.bootstrap);
    try {
      await admin.connect();
      return await work(admin);
    } finally {
      await admin.disconnect();
    }
  };
  return component({
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
        await retry('a group coordinator in Kafka', ask, { signal });
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

/** Every topic of the contracts, and a dead-letter topic for each that has consumers. */
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
