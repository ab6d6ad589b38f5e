import { component, type ManagedResource } from '../component.ts';
import { askHttp } from '../http-probe.ts';
import type { HostPort, Provider } from '../providers/provider.ts';
import { postgresUrl } from './postgres.ts';

/** How often Debezium looks for new rows: half of it is what an event waits on average. */
const POLL_INTERVAL_MS = 25;
const REQUEST_TIMEOUT_MS = 5_000;

export interface ConnectOptions {
  readonly provider: Provider;
  readonly url: string;
  /** Services with an outbox; one connector, slot and publication for each. */
  readonly outboxes: readonly string[];
  readonly postgres: HostPort;
  /** Of the role `debezium`. */
  readonly password: string;
}

export function connectResource(options: ConnectOptions): ManagedResource {
  return component({
    name: 'connect',
    after: ['postgres'],
    // Its JVM starts together with Kafka's and waits for the broker on its own.
    stopBefore: ['kafka'],
    provider: options.provider,
    answers: async (signal) => {
      await Promise.all(options.outboxes.map((name) => taskRuns(options.url, name, signal)));
      await slotsAreActive(options);
    },
    ...(options.provider.kind === 'address'
      ? { prepare: (signal: AbortSignal) => createConnectors(options, signal) }
      : {}),
  });
}

export const connectorName = (service: string) => `outbox_${service}`;

async function taskRuns(url: string, service: string, signal: AbortSignal): Promise<void> {
  const path = `${url}/connectors/${connectorName(service)}/status`;
  const { ok, status, text } = await askHttp(path, { signal });
  if (!ok) throw new Error(`HTTP ${status} ${text}`);
  const { tasks } = JSON.parse(text) as { tasks: { state: string; trace?: string }[] };
  const [task] = tasks;
  if (task?.state !== 'RUNNING') {
    const [reason] = (task?.trace ?? '').split('\n');
    throw new Error(`the task of ${service} is ${task?.state ?? 'not there yet'} ${reason ?? ''}`);
  }
}

/** A task reports RUNNING up to half a second before it reads; its replication slot is exact. */
async function slotsAreActive(options: ConnectOptions): Promise<void> {
  const { host, port } = options.postgres;
  const [database] = options.outboxes;
  if (!database) return;
  const { Client } = (await import('pg')).default;
  const client = new Client({
    connectionString: postgresUrl(host, port, 'debezium', options.password, database),
    connectionTimeoutMillis: REQUEST_TIMEOUT_MS,
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<{ slot_name: string }>(
      'select slot_name from pg_replication_slots where active',
    );
    const active = new Set(rows.map((row) => row.slot_name));
    const missing = options.outboxes.map(connectorName).filter((name) => !active.has(name));
    if (missing.length > 0) throw new Error(`no connector reads slot ${missing.join(', ')}`);
  } finally {
    await client.end();
  }
}

async function createConnectors(options: ConnectOptions, signal: AbortSignal): Promise<void> {
  for (const service of options.outboxes) {
    const name = connectorName(service);
    const { ok, status, text } = await askHttp(`${options.url}/connectors/${name}/config`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(connectorConfig(options, service)),
      signal,
    });
    if (!ok) throw new Error(`connector ${name} was refused: HTTP ${status} ${text}`);
  }
}

/** The outbox event router: what the table's columns become in the record. */
export function connectorConfig(
  options: Pick<ConnectOptions, 'postgres' | 'password'>,
  service: string,
): Record<string, string> {
  return {
    'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
    'tasks.max': '1',
    'plugin.name': 'pgoutput',
    'database.hostname': options.postgres.host,
    'database.port': String(options.postgres.port),
    'database.user': 'debezium',
    'database.password': options.password,
    'database.dbname': service,
    'topic.prefix': service,
    'slot.name': connectorName(service),
    'publication.name': connectorName(service),
    'publication.autocreate.mode': 'disabled',
    'schema.include.list': 'public',
    'table.include.list': 'public.outbox',
    'snapshot.mode': 'no_data',
    'tombstones.on.delete': 'false',
    'poll.interval.ms': String(POLL_INTERVAL_MS),
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    // The payload is Avro in the Confluent wire format already: bytes in, the same bytes out.
    'value.converter': 'io.debezium.converters.BinaryDataConverter',
    transforms: 'outbox',
    'transforms.outbox.type': 'io.debezium.transforms.outbox.EventRouter',
    'transforms.outbox.route.by.field': 'aggregatetype',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the router replaces it, not we.
    'transforms.outbox.route.topic.replacement': '${routedByValue}.events',
    'transforms.outbox.table.fields.additional.placement':
      'type:header:eventType,traceparent:header:traceparent',
  };
}
