import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TopicValues } from '#avro/types.generated.ts';
import type { Codec, TopicName } from './avro.ts';
import { eventTypeOf } from './kafka-producer.ts';
import type { Database, Transaction } from './postgres.ts';
import type { ServiceContext } from './service.ts';
import { currentTraceparent } from './telemetry.ts';

/** How long rows are kept, so that what was published can be looked at. */
const RETENTION = '24 hours';
const SWEEP_INTERVAL_MS = 600_000;
/** Rows in one delete: it must not hold its locks for long. */
const SWEEP_ROWS_MAX = 1_000;

/**
 * The table that Debezium is set up for. A migration of every service that publishes from Postgres.
 */
export const OUTBOX_SQL = readFileSync(
  fileURLToPath(new URL('../../contracts/spec/outbox.sql', import.meta.url)),
  'utf8',
);

/** Which messages had their effect. A migration of every service that consumes into Postgres. */
export const INBOX_SQL = `
  create table inbox (
    message_id uuid primary key,
    received_at timestamptz not null default now()
  );
  create index inbox_received_at on inbox (received_at);`;

/**
 * Claims a message for this transaction.
 *
 * @returns false when it had its effect before. A transaction that claims it at the same time is
 * waited for.
 */
export async function claimMessage(tx: Transaction, messageId: string): Promise<boolean> {
  const claimed = await tx.query(
    'insert into inbox (message_id) values ($1) on conflict do nothing returning 1 as claimed',
    [messageId],
  );
  return claimed.length === 1;
}

/** Writes what shall be published when, and only when, this transaction commits. */
export async function appendOutbox<T extends TopicName>(
  tx: Transaction,
  codec: Codec,
  message: { readonly topic: T; readonly key: string; readonly value: TopicValues[T] },
): Promise<void> {
  const payload = await codec.encode(message.topic, message.value);
  tx.run(
    `insert into outbox (id, aggregatetype, aggregateid, type, payload, traceparent)
     values ($1, $2, $3, $4, $5, $6)`,
    [
      message.value.messageId,
      message.topic.slice(0, message.topic.lastIndexOf('.')),
      message.key,
      eventTypeOf(message.value),
      payload,
      currentTraceparent() ?? null,
    ],
  );
}

/**
 * Deletes outbox rows that are older than the retention, a bounded number at a time. The inbox
 * stays: a message may come again as long as its topic keeps it, and must have no effect then.
 *
 * @returns how many it deleted
 */
export async function sweepOnce(database: Database): Promise<number> {
  const deleted = await database.query(
    `delete from outbox where id in (
       select id from outbox where created_at < now() - $1::interval
       order by created_at limit ${SWEEP_ROWS_MAX}) returning id`,
    [RETENTION],
  );
  return deleted.length;
}

/** Sweeps now and then, until the drain. A sweep that fails is made up for by the next. */
export function sweepPeriodically(context: ServiceContext, database: Database): void {
  const timer = setInterval(() => {
    sweepOnce(database).catch((error: unknown) =>
      context.log.warn({ err: error }, 'old outbox rows could not be dropped'),
    );
  }, SWEEP_INTERVAL_MS).unref();
  context.signal.addEventListener('abort', () => clearInterval(timer));
}
