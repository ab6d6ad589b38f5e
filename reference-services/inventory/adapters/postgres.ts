import type { Codec } from '#kit/avro.ts';
import { INBOX_SQL, OUTBOX_SQL } from '#kit/outbox.ts';
import { replyUnit } from '#kit/participant.ts';
import type { Database, Queryable, Transaction } from '#kit/postgres.ts';
import { initialState, type Line, type Reservation } from '../domain.ts';
import type { InventoryStore, InventoryUnit, Receipt, Stock } from '../ports.ts';

export const MIGRATIONS = [
  OUTBOX_SQL,
  INBOX_SQL,
  `create table stock (
     sku text primary key,
     received bigint not null check (received >= 0),
     -- The last line of defence: no bug above this line can oversell.
     reserved bigint not null default 0 check (reserved >= 0 and reserved <= received)
   );
   create table receipts (
     receipt_id uuid primary key,
     sku text not null,
     quantity int not null
   );
   create table reservations (
     order_id uuid primary key,
     status text not null check (status in ('none', 'reserved', 'released', 'restocked')),
     lines jsonb
   );`,
];

/** Stock and reservations in Postgres. */
export function postgresInventory(database: Database, codec: Codec): InventoryStore {
  return {
    transaction: (work) => database.transaction((tx) => work(unitOn(tx, codec))),
    stock: (sku) => readStock(database, sku),
    async reservation(orderId) {
      const [row] = await database.query<ReservationRow>(
        'select status, lines from reservations where order_id = $1',
        [orderId],
      );
      return row === undefined ? initialState : toReservation(row);
    },
  };
}

function unitOn(tx: Transaction, codec: Codec): InventoryUnit {
  return {
    ...replyUnit(tx, codec, 'inventory'),
    lockReservation: (orderId) => lockReservation(tx, orderId),
    saveReservation(orderId, reservation) {
      const lines = reservation.status === 'reserved' ? JSON.stringify(reservation.lines) : null;
      tx.run('update reservations set status = $2, lines = $3 where order_id = $1', [
        orderId,
        reservation.status,
        lines,
      ]);
    },
    async lockAvailable(skus) {
      const rows = await lockStock(tx, skus);
      return new Map(rows.map(({ sku, received, reserved }) => [sku, received - reserved]));
    },
    changeReserved: (changes) => changeReserved(tx, changes),
    keepReceipt: (receipt) => keepReceipt(tx, receipt),
    async addReceived(sku, quantity) {
      await tx.query(
        `insert into stock (sku, received) values ($1, $2)
         on conflict (sku) do update set received = stock.received + excluded.received`,
        [sku, quantity],
      );
    },
    stock: (sku) => readStock(tx, sku),
  };
}

interface ReservationRow {
  readonly status: Reservation['status'];
  readonly lines: readonly Line[] | null;
}

const toReservation = ({ status, lines }: ReservationRow): Reservation =>
  status === 'reserved' ? { status, lines: lines ?? [] } : { status };

/** Two messages of one order wait for each other here, also when the order is new to us. */
async function lockReservation(tx: Transaction, orderId: string): Promise<Reservation> {
  tx.run(`insert into reservations (order_id, status) values ($1, 'none') on conflict do nothing`, [
    orderId,
  ]);
  const [row] = await tx.query<ReservationRow>(
    'select status, lines from reservations where order_id = $1 for update',
    [orderId],
  );
  return row === undefined ? initialState : toReservation(row);
}

/** Every unit locks products in this order, so that two orders cannot wait for each other. */
const LOCK_STOCK = `select sku, received, reserved from stock
  where sku = any($1) order by sku collate "C" for update`;

async function lockStock(tx: Transaction, skus: readonly string[]): Promise<Stock[]> {
  if (skus.length === 0) return [];
  return tx.query<Stock & Record<string, unknown>>(LOCK_STOCK, [skus]);
}

function changeReserved(tx: Transaction, changes: readonly Line[]): void {
  if (changes.length === 0) return;
  const skus = changes.map(({ sku }) => sku);
  tx.run(LOCK_STOCK, [skus]);
  tx.run(
    `update stock set reserved = reserved + change.quantity
     from unnest($1::text[], $2::bigint[]) as change (sku, quantity)
     where stock.sku = change.sku`,
    [skus, changes.map(({ quantity }) => quantity)],
  );
}

async function keepReceipt(tx: Transaction, receipt: Receipt): Promise<Receipt | undefined> {
  const { receiptId, sku, quantity } = receipt;
  const kept = await tx.query(
    `insert into receipts (receipt_id, sku, quantity) values ($1, $2, $3)
     on conflict do nothing returning receipt_id`,
    [receiptId, sku, quantity],
  );
  if (kept.length === 1) return undefined;
  const [earlier] = await tx.query<{ sku: string; quantity: number }>(
    'select sku, quantity from receipts where receipt_id = $1',
    [receiptId],
  );
  return earlier === undefined ? undefined : { receiptId, ...earlier };
}

async function readStock(from: Queryable, sku: string): Promise<Stock | undefined> {
  const [row] = await from.query<Stock & Record<string, unknown>>(
    'select sku, received, reserved from stock where sku = $1',
    [sku],
  );
  return row;
}
