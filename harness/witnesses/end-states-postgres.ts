import { Client } from 'pg';
import type { EndStates } from '../history/end-state.ts';
import { OUTCOME_OF_KIND } from '../history/saga-names.ts';
import type { AddressBook } from '../kernel/address-book.ts';
import { OUTBOX_SERVICES } from '../kernel/system.ts';
import { IncompleteSource, type RecordEvent, snapshot, type WitnessContext } from './witness.ts';

/** Rows in one answer. */
const PAGE_ROWS = 5_000;
const STATEMENT_TIMEOUT_MS = 10_000;
/** Clocks of servers may differ by so much; invariants leave out what is older than the run. */
const CLOCK_SLACK_MS = 60_000;

export const postgres = snapshot(
  'postgres',
  'postgres',
  ({ book, beganMs, record }) => recordPostgres(book, beganMs, record),
  outboxesPublished,
);

async function outboxesPublished({ book, beganMs, entities }: WitnessContext): Promise<boolean> {
  const committed = await outboxIds(book, beganMs);
  return committed.every((id) => entities.published.has(id));
}

/** Records outboxes and notifications since the run began. Resolves with how many rows. */
export async function recordPostgres(
  book: AddressBook,
  beganMs: number,
  record: RecordEvent,
): Promise<number> {
  const since = new Date(beganMs - CLOCK_SLACK_MS);
  let rows = 0;
  for (const service of OUTBOX_SERVICES) {
    rows += await withDatabase(book, service, (client) =>
      recordOutbox(client, service, since, record),
    );
  }
  rows += await withDatabase(book, 'notification', (client) =>
    recordNotifications(client, since, record),
  );
  return rows;
}

/** Ids of the outbox rows since the run began. All of them must reach Kafka. */
export async function outboxIds(book: AddressBook, beganMs: number): Promise<string[]> {
  const ids: string[] = [];
  for (const service of OUTBOX_SERVICES) {
    await withDatabase(book, service, async (client) => {
      const sql = 'select id from public.outbox where created_at >= $1';
      const { rows } = await client.query<{ id: string }>(sql, [new Date(beganMs)]);
      ids.push(...rows.map(({ id }) => id));
      return rows.length;
    });
  }
  return ids;
}

async function withDatabase(
  book: AddressBook,
  name: string,
  work: (client: Client) => Promise<number>,
): Promise<number> {
  const database = book.postgres.databases[name];
  if (database === undefined) throw new IncompleteSource(`the stack has no database ${name}`);
  const client = new Client({
    connectionString: database.url,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    connectionTimeoutMillis: STATEMENT_TIMEOUT_MS,
  });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function recordOutbox(
  client: Client,
  service: string,
  since: Date,
  record: RecordEvent,
): Promise<number> {
  const sql = `select id, aggregatetype, aggregateid, type, created_at from public.outbox
    where created_at >= $1 and id > $2 order by id limit ${PAGE_ROWS}`;
  let after = '00000000-0000-0000-0000-000000000000';
  for (let total = 0; ; ) {
    const { rows } = await client.query<{
      id: string;
      aggregatetype: string;
      aggregateid: string;
      type: string;
      created_at: Date;
    }>(sql, [since, after]);
    for (const row of rows) {
      const value: EndStates['outbox'] = {
        topic: `${row.aggregatetype}.events`,
        recordKey: row.aggregateid,
        eventType: row.type,
        createdAtMs: row.created_at.getTime(),
      };
      record({
        type: 'state',
        source: 'postgres',
        kind: 'outbox',
        service,
        key: row.id,
        value: { ...value },
      });
      after = row.id;
    }
    total += rows.length;
    if (rows.length < PAGE_ROWS) return total;
  }
}

async function recordNotifications(
  client: Client,
  since: Date,
  record: RecordEvent,
): Promise<number> {
  const sql = `select id, kind, order_id, user_id from notifications where created_at >= $1`;
  const { rows } = await client.query<{
    id: string;
    kind: string;
    order_id: string;
    user_id: string;
  }>(sql, [since]);
  for (const row of rows) {
    const value: EndStates['notification'] = {
      orderId: row.order_id,
      userId: row.user_id,
      outcome: OUTCOME_OF_KIND.get(row.kind) ?? row.kind,
    };
    record({
      type: 'state',
      source: 'postgres',
      kind: 'notification',
      service: 'notification',
      key: row.id,
      value: { ...value },
    });
  }
  return rows.length;
}
