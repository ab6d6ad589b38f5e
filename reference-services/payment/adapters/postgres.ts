import type { Codec } from '#kit/avro.ts';
import { INBOX_SQL, OUTBOX_SQL } from '#kit/outbox.ts';
import { replyUnit } from '#kit/participant.ts';
import type { Database, Queryable, Transaction } from '#kit/postgres.ts';
import { type Card, initialState, type Payment } from '../domain.ts';
import type { PaymentStore, PaymentUnit } from '../ports.ts';

export const MIGRATIONS = [
  OUTBOX_SQL,
  INBOX_SQL,
  `create table cards (
     card_token text primary key,
     currency text not null,
     credit_limit bigint not null check (credit_limit >= 0),
     -- No check against the limit: it may be lowered below what is charged already.
     held bigint not null default 0 check (held >= 0),
     captured bigint not null default 0 check (captured >= 0)
   );
   create table payments (
     order_id uuid primary key,
     status text not null
       check (status in ('none', 'authorized', 'voided', 'captured', 'refunded')),
     card_token text,
     currency text,
     amount bigint check (amount >= 0),
     check (status in ('none', 'voided') or amount is not null)
   );`,
];

/** Cards and payments in Postgres. */
export function postgresPayments(database: Database, codec: Codec): PaymentStore {
  return {
    transaction: (work) => database.transaction((tx) => work(unitOn(tx, codec))),
    card: (cardToken) => readCard(database, cardToken, ''),
    payment: (orderId) => readPayment(database, orderId, ''),
  };
}

function unitOn(tx: Transaction, codec: Codec): PaymentUnit {
  return {
    ...replyUnit(tx, codec, 'payment'),
    async lockPayment(orderId) {
      // Two messages of one order wait for each other here, also when the order is new to us.
      tx.run(`insert into payments (order_id, status) values ($1, 'none') on conflict do nothing`, [
        orderId,
      ]);
      return readPayment(tx, orderId, 'for update');
    },
    savePayment(orderId, payment) {
      const charge = 'charge' in payment ? payment.charge : undefined;
      tx.run(
        `update payments set status = $2, card_token = $3, currency = $4, amount = $5
         where order_id = $1`,
        [
          orderId,
          payment.status,
          charge?.cardToken ?? null,
          charge?.amount.currency ?? null,
          charge?.amount.minorUnits ?? null,
        ],
      );
    },
    lockCard: (cardToken) => readCard(tx, cardToken, 'for update'),
    async saveCard(cardToken, { currency, minorUnits }) {
      const changed = await tx.query(
        `insert into cards (card_token, currency, credit_limit) values ($1, $2, $3)
         on conflict (card_token) do update
         set currency = excluded.currency, credit_limit = excluded.credit_limit
         where (cards.currency, cards.credit_limit)
           is distinct from (excluded.currency, excluded.credit_limit)
         returning card_token`,
        [cardToken, currency, minorUnits],
      );
      return changed.length === 1;
    },
    changeCard({ cardToken, held, captured }) {
      tx.run('update cards set held = held + $2, captured = captured + $3 where card_token = $1', [
        cardToken,
        held,
        captured,
      ]);
    },
  };
}

type Lock = '' | 'for update';

interface PaymentRow {
  readonly status: Payment['status'];
  readonly card_token: string | null;
  readonly currency: string | null;
  readonly amount: number | null;
}

async function readPayment(from: Queryable, orderId: string, lock: Lock): Promise<Payment> {
  const [row] = await from.query<PaymentRow & Record<string, unknown>>(
    `select status, card_token, currency, amount from payments where order_id = $1 ${lock}`,
    [orderId],
  );
  if (row === undefined || row.status === 'none') return initialState;
  if (row.card_token === null || row.currency === null || row.amount === null) {
    return { status: 'voided' };
  }
  const amount = { currency: row.currency, minorUnits: row.amount };
  return { status: row.status, charge: { cardToken: row.card_token, amount } };
}

interface CardRow {
  readonly currency: string;
  readonly credit_limit: number;
  readonly held: number;
  readonly captured: number;
}

async function readCard(from: Queryable, cardToken: string, lock: Lock): Promise<Card | undefined> {
  const [row] = await from.query<CardRow & Record<string, unknown>>(
    `select currency, credit_limit, held, captured from cards where card_token = $1 ${lock}`,
    [cardToken],
  );
  if (row === undefined) return undefined;
  const { currency, credit_limit: minorUnits, held, captured } = row;
  return { cardToken, creditLimit: { currency, minorUnits }, held, captured };
}
