import assert from 'node:assert/strict';
import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';
import type { Wait } from './train.ts';

/**
 * The little work that each server does while its boot cache is trained: what the testbed and the
 * services ask of it at their own boot, so that those paths are in the cache.
 */
const TOPIC = 'training.events';
const OUTBOX_TOPIC = 'training-outbox.events';

function kafkaClient(brokers: string): Kafka {
  return new Kafka({
    clientId: 'boot-cache-training',
    brokers: [brokers],
    // A broker that is still starting answers with errors; `wait` is what asks again.
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 100, retries: 20 },
  });
}

/** Topics, a group that reads, a transaction. */
export async function driveKafka(brokers: string, wait: Wait): Promise<void> {
  const kafka = kafkaClient(brokers);
  const admin = kafka.admin();
  await wait('the first answer of Kafka', () => admin.connect());
  await wait('topics in Kafka', () =>
    admin.createTopics({
      topics: [TOPIC, OUTBOX_TOPIC].map((topic) => ({ topic, numPartitions: 2 })),
    }),
  );
  await admin.fetchTopicMetadata({ topics: [TOPIC] });
  const producer = kafka.producer({
    idempotent: true,
    transactionalId: 'training',
    maxInFlightRequests: 1,
  });
  await producer.connect();
  const transaction = await wait('a transaction in Kafka', () => producer.transaction());
  await transaction.send({
    topic: TOPIC,
    messages: [{ key: 'a', value: '1', headers: { id: 'x' } }],
  });
  await transaction.commit();
  await producer.disconnect();
  await readOne(kafka, TOPIC, wait);
  await admin.fetchOffsets({ groupId: 'training' });
  await admin.disconnect();
}

async function readOne(kafka: Kafka, topic: string, wait: Wait): Promise<void> {
  const consumer = kafka.consumer({ groupId: 'training' });
  let seen = 0;
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    eachMessage: async () => {
      seen += 1;
    },
  });
  await wait(`a message of ${topic}`, async () => assert.ok(seen > 0));
  await consumer.disconnect();
}

const json = { 'content-type': 'application/json' };

async function call(method: string, url: string, body?: unknown): Promise<Response> {
  return fetch(url, {
    method,
    headers: json,
    signal: AbortSignal.timeout(30_000),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function succeed(method: string, url: string, body?: unknown): Promise<unknown> {
  const response = await call(method, url, body);
  if (!response.ok)
    throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
  return response.json();
}

function record(...fields: readonly object[]) {
  return { schema: JSON.stringify({ type: 'record', name: 'Training', fields }) };
}

/** Registers, refuses, checks, and reads back. */
export async function driveRegistry(url: string, wait: Wait): Promise<void> {
  const subject = `${url}/subjects/training-value`;
  const text = { name: 'text', type: 'string' };
  await wait('the first answer of the registry', () => succeed('GET', `${url}/subjects`));
  await succeed('POST', `${subject}/versions`, record(text));
  await succeed('PUT', `${url}/config/training-value`, { compatibility: 'FULL_TRANSITIVE' });
  const refused = await call('POST', `${subject}/versions`, record({ name: 'n', type: 'int' }));
  assert.equal(refused.status, 409);
  await succeed(
    'POST',
    `${url}/compatibility/subjects/training-value/versions/latest`,
    record(text),
  );
  await succeed('POST', subject, record(text));
  await succeed('GET', `${subject}/versions/latest`);
  await succeed('GET', `${url}/schemas/ids/1`);
}

/** The outbox table that Debezium reads from. */
export async function prepareOutbox(postgres: string, wait: Wait): Promise<void> {
  await query(
    postgres,
    wait,
    `create table outbox(id uuid primary key, aggregatetype text, aggregateid text, type text,
      payload bytea, traceparent text, created_at timestamptz default now())`,
  );
}

/** The number of rows that a statement touched or found. */
function query(postgres: string, wait: Wait, sql: string): Promise<number> {
  return wait('an answer of Postgres', async () => {
    const client = new pg.Client({ connectionString: postgres });
    await client.connect();
    const result = await client.query(sql).finally(() => client.end());
    return result.rowCount ?? 0;
  });
}

function connectorConfig(postgres: string): Readonly<Record<string, string>> {
  const { hostname, port } = new URL(postgres);
  return {
    'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
    'tasks.max': '1',
    'plugin.name': 'pgoutput',
    'database.hostname': hostname,
    'database.port': port,
    'database.user': 'postgres',
    'database.password': 'none',
    'database.dbname': 'postgres',
    'topic.prefix': 'training',
    'slot.name': 'training',
    'publication.name': 'training',
    'publication.autocreate.mode': 'filtered',
    'table.include.list': 'public.outbox',
    'snapshot.mode': 'no_data',
    'tombstones.on.delete': 'false',
    'poll.interval.ms': '50',
    'value.converter': 'io.debezium.converters.BinaryDataConverter',
    'topic.creation.default.replication.factor': '1',
    'topic.creation.default.partitions': '1',
    transforms: 'outbox',
    'transforms.outbox.type': 'io.debezium.transforms.outbox.EventRouter',
    'transforms.outbox.route.by.field': 'aggregatetype',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Debezium fills this in.
    'transforms.outbox.route.topic.replacement': '${routedByValue}.events',
    'transforms.outbox.table.fields.additional.placement':
      'type:header:eventType,traceparent:header:traceparent',
  };
}

/** One connector, one outbox row, one record in Kafka. */
export async function driveConnect(
  at: { readonly brokers: string; readonly connectUrl: string; readonly postgres: string },
  wait: Wait,
): Promise<void> {
  const name = 'training';
  await wait('the first answer of Connect', () => succeed('GET', `${at.connectUrl}/connectors`));
  await succeed('POST', `${at.connectUrl}/connectors`, {
    name,
    config: connectorConfig(at.postgres),
  });
  await wait('a running connector', async () => {
    const status = (await succeed('GET', `${at.connectUrl}/connectors/${name}/status`)) as {
      tasks: { state: string; trace?: string }[];
    };
    assert.equal(status.tasks[0]?.state, 'RUNNING', status.tasks[0]?.trace);
  });
  // A running task may not have made its slot yet, and what came before the slot is not read.
  await wait('an active replication slot', async () => {
    const slots = await query(at.postgres, wait, 'select from pg_replication_slots where active');
    assert.equal(slots, 1);
  });
  await query(
    at.postgres,
    wait,
    `insert into outbox(id, aggregatetype, aggregateid, type, payload)
      values (gen_random_uuid(), 'training-outbox', 'a', 'Trained', '\\x00')`,
  );
  await readOne(kafkaClient(at.brokers), OUTBOX_TOPIC, wait);
}

/** Succeeds once no server answers at the address. */
export async function refuseAnswers(url: string): Promise<void> {
  const answered = await fetch(url, { signal: AbortSignal.timeout(1000) }).then(
    () => true,
    () => false,
  );
  assert.equal(answered, false);
}
