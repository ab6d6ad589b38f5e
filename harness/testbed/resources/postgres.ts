import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { packageAsset } from '../../kernel/package-assets.ts';
import { component, type ManagedResource } from '../component.ts';
import type { Provider } from '../providers/provider.ts';

/** Asking whether it is there is done again soon; what has to be done waits on a busy machine. */
const ANSWER_TIMEOUT_MS = 2_000;
const CONNECT_TIMEOUT_MS = 60_000;
const STATEMENT_TIMEOUT_MS = 30_000;

/** Who may do what in the server. Passwords are made for each run and kept in its folder only. */
export interface PostgresRoles {
  /** Name → password; each owns what it makes in the database of the same name, nothing else. */
  readonly services: Readonly<Record<string, string>>;
  /** Replication, and reading outboxes. */
  readonly debezium: string;
  /** Reads everything, for the history. */
  readonly witness: string;
  readonly superuser: string;
}

export function randomPostgresRoles(services: readonly string[]): PostgresRoles {
  const password = () => randomBytes(18).toString('base64url');
  return {
    services: Object.fromEntries(services.map((name) => [name, password()])),
    debezium: password(),
    witness: password(),
    superuser: password(),
  };
}

export interface PostgresOptions {
  readonly provider: Provider;
  readonly superuserUrl: string;
  readonly roles: PostgresRoles;
  /** Services whose database gets the outbox and a publication. */
  readonly outboxes: readonly string[];
  /** Where the server's first connections need no password: makes it ask from its next reload. */
  readonly requirePasswords?: () => void;
}

export function postgresResource(options: PostgresOptions): ManagedResource {
  const { superuserUrl, roles } = options;
  const url = (database: string) => {
    const changed = new URL(superuserUrl);
    changed.pathname = `/${database}`;
    return changed.href;
  };
  return component({
    name: 'postgres',
    provider: options.provider,
    answers: () =>
      withClient(superuserUrl, (client) => client.query('select 1'), ANSWER_TIMEOUT_MS),
    prepare: async () => {
      await withClient(superuserUrl, (client) => createRolesAndDatabases(client, options));
      await Promise.all(
        Object.keys(roles.services).map((name) =>
          withClient(url(name), (client) => prepareDatabase(client, name, options.outboxes)),
        ),
      );
      const { requirePasswords } = options;
      if (!requirePasswords) return;
      requirePasswords();
      await withClient(superuserUrl, (client) => client.query('select pg_reload_conf()'));
    },
    verify: () =>
      withClient(superuserUrl, async (client) => {
        const { rows } = await client.query<{ wal_level: string }>('show wal_level');
        const level = rows[0]?.wal_level;
        if (level !== 'logical') {
          throw new Error(`wal_level is ${level}; Debezium needs \`wal_level = logical\``);
        }
      }),
  });
}

export function postgresUrl(
  host: string,
  port: number,
  user: string,
  password: string,
  database: string,
): string {
  return `postgres://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
}

async function withClient(
  connectionString: string,
  work: (client: pg.Client) => Promise<unknown>,
  connectTimeoutMs: number = CONNECT_TIMEOUT_MS,
): Promise<void> {
  const { Client } = (await import('pg')).default;
  const client = new Client({
    connectionString,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    application_name: 'sagaproof-testbed',
  });
  // A connection that breaks also fails its query; unheard, the event would end the supervisor.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

async function createRolesAndDatabases(client: pg.Client, options: PostgresOptions): Promise<void> {
  const { roles } = options;
  const secret = (password: string) => client.escapeLiteral(password);
  if (options.provider.kind === 'native') {
    await client.query(`alter role postgres password ${secret(roles.superuser)}`);
  }
  const logins: [name: string, password: string, attributes: string][] = [
    ...Object.entries(roles.services).map(([n, p]): [string, string, string] => [n, p, '']),
    ['debezium', roles.debezium, 'replication'],
    ['witness', roles.witness, ''],
  ];
  const { rows } = await client.query<{ rolname: string }>('select rolname from pg_roles');
  const known = new Set(rows.map((row) => row.rolname));
  for (const [name, password, attributes] of logins) {
    const verb = known.has(name) ? 'alter' : 'create';
    const role = client.escapeIdentifier(name);
    await client.query(`${verb} role ${role} login ${attributes} password ${secret(password)}`);
  }
  await client.query('grant pg_read_all_data to witness');
  // Without fsync a checkpoint costs nothing, and the template does not go through the log.
  const strategy = options.provider.kind === 'native' ? ' strategy file_copy' : '';
  const databases = await client.query<{ datname: string }>('select datname from pg_database');
  const made = new Set(databases.rows.map((row) => row.datname));
  for (const name of Object.keys(roles.services)) {
    if (made.has(name)) continue;
    await client.query(`create database ${client.escapeIdentifier(name)}${strategy}`);
  }
}

async function prepareDatabase(
  client: pg.Client,
  service: string,
  outboxes: readonly string[],
): Promise<void> {
  const name = client.escapeIdentifier(service);
  await client.query(`
    revoke all on database ${name} from public;
    grant connect on database ${name} to ${name}, debezium, witness;
    revoke all on schema public from public;
    grant usage, create on schema public to ${name};
    grant usage on schema public to debezium, witness`);
  if (!outboxes.includes(service)) return;
  const outbox = readFileSync(packageAsset('contracts/spec/outbox.sql'), 'utf8');
  const publication = client.escapeIdentifier(`outbox_${service}`);
  await client.query(`set role ${name}; ${outbox} reset role`);
  await client.query(`
    grant select on public.outbox to debezium;
    drop publication if exists ${publication};
    create publication ${publication} for table public.outbox`);
}
