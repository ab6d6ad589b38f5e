import type { Database } from '#kit/postgres.ts';
import type { NotificationKind } from '../domain.ts';
import type { Claimed, Notifications } from '../ports.ts';

const ERROR_LENGTH_MAX = 500;

/** The table is public: see the canvas. */
export const MIGRATIONS = [
  `
  create table notifications (
    id uuid primary key,
    job_id uuid not null,
    kind text not null check (kind in (
      'order-approved', 'order-rejected', 'order-cancelled', 'order-cancellation-refused')),
    order_id uuid not null,
    user_id text not null,
    recipient text not null,
    subject text not null,
    body text not null,
    state text not null check (state in ('pending', 'sending', 'sent', 'suppressed', 'failed')),
    attempts int not null default 0,
    due_at timestamptz not null default now(),
    last_error text,
    traceparent text not null,
    created_at timestamptz not null default now(),
    sent_at timestamptz,
    unique (job_id, kind)
  );
  create index notifications_due on notifications (due_at) where state in ('pending', 'sending');
  `,
];

interface Row {
  readonly id: string;
  readonly job_id: string;
  readonly kind: NotificationKind;
  readonly order_id: string;
  readonly user_id: string;
  readonly recipient: string;
  readonly subject: string;
  readonly body: string;
  readonly attempts: number;
  readonly traceparent: string;
}

/** Notifications in Postgres; its clock decides what is due, so that instances agree. */
export function postgresNotifications(database: Database): Notifications {
  return {
    async record(notification, { state, traceparent }) {
      const { id, jobId, kind, orderId, userId, recipient, subject, text } = notification;
      // Id and (job, kind) are unique, and of two writers either may be the first to conflict.
      const rows = await database.query(
        `insert into notifications
           (id, job_id, kind, order_id, user_id, recipient, subject, body, state, traceparent)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         on conflict do nothing
         returning id`,
        [id, jobId, kind, orderId, userId, recipient, subject, text, state, traceparent],
      );
      return rows.length === 1;
    },

    // While it is being sent, due_at is when its lease ends.
    async claim(limit, leaseMs) {
      const rows = await database.query<Row>(
        `update notifications set
           state = 'sending',
           attempts = attempts + 1,
           due_at = now() + make_interval(secs => $2 / 1000.0)
         where id in (
           select id from notifications
           where state in ('pending', 'sending') and due_at <= now()
           order by due_at limit $1 for update skip locked)
         returning
           id, job_id, kind, order_id, user_id, recipient, subject, body, attempts, traceparent`,
        [limit, leaseMs],
      );
      return rows.map(claimOf);
    },

    async markSent({ id, attempt }) {
      await database.query(
        `update notifications set state = 'sent', sent_at = now(), last_error = null
         where id = $1 and attempts = $2 and state = 'sending'`,
        [id, attempt],
      );
    },

    async markForRetry({ id, attempt }, delayMs, error) {
      await database.query(
        `update notifications set
           state = 'pending', due_at = now() + make_interval(secs => $3 / 1000.0), last_error = $4
         where id = $1 and attempts = $2 and state = 'sending'`,
        [id, attempt, delayMs, error.slice(0, ERROR_LENGTH_MAX)],
      );
    },

    async markFailed({ id, attempt }, error) {
      await database.query(
        `update notifications set state = 'failed', last_error = $3
         where id = $1 and attempts = $2 and state = 'sending'`,
        [id, attempt, error.slice(0, ERROR_LENGTH_MAX)],
      );
    },
  };
}

const claimOf = (row: Row): Claimed => ({
  id: row.id,
  jobId: row.job_id,
  kind: row.kind,
  orderId: row.order_id,
  userId: row.user_id,
  recipient: row.recipient,
  subject: row.subject,
  text: row.body,
  attempt: row.attempts,
  traceparent: row.traceparent,
});
