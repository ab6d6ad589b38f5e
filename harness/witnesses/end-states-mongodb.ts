import { MongoClient } from 'mongodb';
import type { EndStates } from '../history/end-state.ts';
import type { AddressBook } from '../kernel/address-book.ts';
import { type RecordEvent, snapshot } from './witness.ts';

const TIMEOUT_MS = 5_000;
const CLOCK_SLACK_MS = 60_000;

interface OrderDocument {
  readonly _id: string;
  readonly userId: string;
  readonly status: string;
  readonly total: { readonly currency: string; readonly minorUnits: number };
  readonly reason: string;
  readonly sequence: number;
  readonly placedAt: Date;
}

export const mongodb = snapshot('mongodb', 'mongodb', ({ book, beganMs, record }) =>
  recordMongodb(book.mongodb, beganMs, record),
);

/** Records the read model's orders that were placed since the run began. */
export async function recordMongodb(
  { url, database }: AddressBook['mongodb'],
  beganMs: number,
  record: RecordEvent,
): Promise<number> {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: TIMEOUT_MS });
  let documents = 0;
  try {
    const orders = client.db(database).collection<OrderDocument>('orders');
    const since = new Date(beganMs - CLOCK_SLACK_MS);
    for await (const document of orders.find({ placedAt: { $gte: since } })) {
      const value: EndStates['read-model'] = {
        userId: document.userId,
        status: document.status.toUpperCase(),
        total: {
          currency: document.total.currency,
          minorUnits: Number(document.total.minorUnits),
        },
        reason: document.reason,
        sequence: Number(document.sequence),
      };
      record({
        type: 'state',
        source: 'mongodb',
        kind: 'read-model',
        service: 'query',
        key: document._id,
        value: { ...value },
      });
      documents++;
    }
  } finally {
    await client.close();
  }
  return documents;
}
