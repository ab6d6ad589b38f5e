import type { Codec } from '#kit/avro.ts';
import { INBOX_SQL, OUTBOX_SQL } from '#kit/outbox.ts';
import { replyUnit } from '#kit/participant.ts';
import type { Database, Queryable, Transaction } from '#kit/postgres.ts';
import { initialState, type Shipment } from '../domain.ts';
import type { ShippingStore, ShippingUnit } from '../ports.ts';

export const MIGRATIONS = [
  OUTBOX_SQL,
  INBOX_SQL,
  `create table shipments (
     order_id uuid primary key,
     status text not null check (status in ('none', 'scheduled', 'dispatched', 'cancelled')),
     tracking_number text,
     address jsonb,
     lines jsonb,
     check (status in ('none', 'cancelled') or tracking_number is not null)
   );`,
];

/** Shipments in Postgres. */
export function postgresShipping(database: Database, codec: Codec): ShippingStore {
  return {
    transaction: (work) => database.transaction((tx) => work(unitOn(tx, codec))),
    shipment: (orderId) => readShipment(database, orderId, ''),
  };
}

function unitOn(tx: Transaction, codec: Codec): ShippingUnit {
  return {
    ...replyUnit(tx, codec, 'shipping'),
    async lockShipment(orderId) {
      // Two messages of one order wait for each other here, also when the order is new to us.
      tx.run(
        `insert into shipments (order_id, status) values ($1, 'none') on conflict do nothing`,
        [orderId],
      );
      return readShipment(tx, orderId, 'for update');
    },
    saveShipment(orderId, shipment) {
      const trackingNumber = 'trackingNumber' in shipment ? shipment.trackingNumber : undefined;
      tx.run('update shipments set status = $2, tracking_number = $3 where order_id = $1', [
        orderId,
        shipment.status,
        trackingNumber ?? null,
      ]);
    },
    saveParcel(orderId, address, lines) {
      tx.run('update shipments set address = $2, lines = $3 where order_id = $1', [
        orderId,
        JSON.stringify(address),
        JSON.stringify(lines),
      ]);
    },
  };
}

interface ShipmentRow {
  readonly status: Shipment['status'];
  readonly tracking_number: string | null;
}

async function readShipment(
  from: Queryable,
  orderId: string,
  lock: '' | 'for update',
): Promise<Shipment> {
  const [row] = await from.query<ShipmentRow & Record<string, unknown>>(
    `select status, tracking_number from shipments where order_id = $1 ${lock}`,
    [orderId],
  );
  if (row === undefined || row.status === 'none') return initialState;
  if (row.tracking_number === null) return { status: 'cancelled' };
  return { status: row.status, trackingNumber: row.tracking_number };
}
