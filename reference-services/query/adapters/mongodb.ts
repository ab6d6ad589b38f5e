import { BSON, type Collection, type Db, MongoClient, MongoError, MongoServerError } from 'mongodb';
import { OperationalError, UnstorableValue } from '#kit/errors.ts';
import type { ServiceContext } from '#kit/service.ts';
import { untilAvailable } from '#kit/until-available.ts';
import type { Money, OrderLine, OrderStatus, OrderView } from '../domain.ts';
import type { NewViews, OrderViews, Rebuilds } from '../ports.ts';

const CONNECTIONS_MAX = 8;
const CONNECT_TIMEOUT_MS = 1_000;
const SERVER_SELECTION_TIMEOUT_MS = 1_500;
const SOCKET_TIMEOUT_MS = 3_000;
/** SecantusDB does about 480 upserts a second: a bulk stays far below the socket's time-out. */
const BULK_WRITES_MAX = 50;
/** A rebuild that says nothing for so long has died; another may take over. */
const LEASE_MS = 15_000;

const ORDERS = 'orders';
const LEASES = 'leases';
const BUILDING = 'orders_rebuild';
const LEASE_ID = 'rebuild';

const DUPLICATE_KEY = 11_000;
const NAMESPACE_NOT_FOUND = 26;

/** The public document: collection `orders` of the database that the URL names. */
interface OrderDocument {
  readonly _id: string;
  readonly userId: string;
  readonly status: OrderStatus;
  readonly lines: readonly OrderLine[];
  readonly total: Money;
  readonly reason: string;
  readonly placedAt: Date;
  readonly updatedAt: Date;
  readonly sequence: number;
  readonly cancellationRequested: boolean;
}

interface LeaseDocument {
  readonly _id: string;
  readonly owner: string;
  readonly expiresAt: Date;
}

export interface MongoPorts {
  readonly views: OrderViews;
  readonly rebuilds: Rebuilds;
}

/** Connects, makes the indexes, and stays connected. */
export async function mongoPorts(context: ServiceContext, url: string): Promise<MongoPorts> {
  const client = new MongoClient(url, {
    appName: context.instance,
    maxPoolSize: CONNECTIONS_MAX,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    serverSelectionTimeoutMS: SERVER_SELECTION_TIMEOUT_MS,
    socketTimeoutMS: SOCKET_TIMEOUT_MS,
    // A repeated write is decided by the sequence in the document, not by the driver.
    retryWrites: false,
    // An offset is committed behind the write, so the write has to survive whatever comes then.
    writeConcern: { w: 'majority', journal: true },
  });
  context.resources.defer(() => client.close());
  const db = client.db();
  await untilAvailable({ what: 'MongoDB', log: context.log, signal: context.signal }, () =>
    available(() => createIndexes(db.collection(ORDERS))),
  );
  context.health.add('mongodb', async () => {
    await db.command({ ping: 1 });
  });
  return {
    views: viewsOf(db.collection<OrderDocument>(ORDERS)),
    rebuilds: rebuildsOf(db, context),
  };
}

/** Serves `page`: a customer's orders, newest first, without a tie. */
async function createIndexes(orders: Collection<OrderDocument>): Promise<void> {
  await orders.createIndex({ userId: 1, placedAt: -1, _id: -1 }, { name: 'customer-newest-first' });
}

function viewsOf(orders: Collection<OrderDocument>): OrderViews {
  return {
    async load(orderId) {
      const document = await available(() => orders.findOne({ _id: orderId }));
      return document === null ? undefined : viewOf(document);
    },
    save(view, replaces) {
      const document = documentOf(view);
      return available(async () => {
        if (replaces > 0) {
          const filter = { _id: view.orderId, sequence: replaces };
          const { matchedCount } = await orders.replaceOne(filter, document);
          return matchedCount === 1;
        }
        try {
          await orders.insertOne(document);
          return true;
        } catch (error) {
          if (isServerError(error, DUPLICATE_KEY)) return false;
          throw error;
        }
      });
    },
    async page(userId, { after, limit }) {
      const placedAt = new Date(after?.placedAtMs ?? 0);
      const behind =
        after === undefined
          ? {}
          : { $or: [{ placedAt: { $lt: placedAt } }, { placedAt, _id: { $lt: after.orderId } }] };
      const found = await available(() =>
        orders
          .find({ userId, ...behind })
          .sort({ placedAt: -1, _id: -1 })
          .limit(limit)
          .toArray(),
      );
      return found.map(viewOf);
    },
    count: () => available(() => orders.countDocuments()),
  };
}

function rebuildsOf(db: Db, context: Pick<ServiceContext, 'ids' | 'clock' | 'log'>): Rebuilds {
  const leases = db.collection<LeaseDocument>(LEASES);
  return {
    begin: () =>
      available(async () => {
        const owner = context.ids.uuid();
        const lease = leaseOf(leases, owner, () => context.clock.now());
        if (!(await lease.take())) return undefined;
        // What a rebuild left that died.
        await dropIfThere(db, BUILDING);
        const fresh = db.collection<OrderDocument>(BUILDING);
        await createIndexes(fresh);
        const built = newViewsOf(db, fresh, lease);
        const end = async () => {
          await built.discard();
          await lease.giveBack();
        };
        return { ...built, [Symbol.asyncDispose]: end };
      }),
  };
}

interface Lease {
  /** False while another owner has it. */
  take(): Promise<boolean>;
  /** Rejects when another owner has taken over. */
  renew(): Promise<void>;
  giveBack(): Promise<void>;
}

function leaseOf(leases: Collection<LeaseDocument>, owner: string, now: () => number): Lease {
  const own = { _id: LEASE_ID, owner };
  return {
    async take() {
      const filter = { _id: LEASE_ID, expiresAt: { $lt: new Date(now()) } };
      const update = { $set: { owner, expiresAt: new Date(now() + LEASE_MS) } };
      try {
        const { matchedCount, upsertedCount } = await leases.updateOne(filter, update, {
          upsert: true,
        });
        return matchedCount + upsertedCount === 1;
      } catch (error) {
        // Upserting while another lease has not expired: its id is taken.
        if (isServerError(error, DUPLICATE_KEY)) return false;
        throw error;
      }
    },
    async renew() {
      const update = { $set: { expiresAt: new Date(now() + LEASE_MS) } };
      const { matchedCount } = await leases.updateOne(own, update);
      if (matchedCount === 0) throw new OperationalError('projection-rebuilding');
    },
    async giveBack() {
      await leases.deleteOne(own);
    },
  };
}

function newViewsOf(db: Db, fresh: Collection<OrderDocument>, lease: Lease): NewViews {
  let isLive = false;
  return {
    async loadMany(orderIds) {
      const found = await available(() => fresh.find({ _id: { $in: [...orderIds] } }).toArray());
      return new Map(found.map((document) => [document._id, viewOf(document)]));
    },
    async saveMany(views) {
      const operations = views.map(documentOf).map((replacement) => ({
        replaceOne: { filter: { _id: replacement._id }, replacement, upsert: true },
      }));
      for (let at = 0; at < operations.length; at += BULK_WRITES_MAX) {
        const some = operations.slice(at, at + BULK_WRITES_MAX);
        await available(async () => {
          await lease.renew();
          await fresh.bulkWrite(some, { ordered: false });
        });
      }
    },
    goLive: () =>
      available(async () => {
        await lease.renew();
        await fresh.rename(ORDERS, { dropTarget: true });
        isLive = true;
      }),
    async discard() {
      if (!isLive) await available(() => dropIfThere(db, BUILDING));
    },
  };
}

async function dropIfThere(db: Db, name: string): Promise<void> {
  try {
    await db.collection(name).drop();
  } catch (error) {
    if (!isServerError(error, NAMESPACE_NOT_FOUND)) throw error;
  }
}

const documentOf = (view: OrderView): OrderDocument => ({
  _id: view.orderId,
  userId: view.userId,
  status: view.status,
  lines: view.lines,
  total: view.total,
  reason: view.reason,
  placedAt: new Date(view.placedAtMs),
  updatedAt: new Date(view.updatedAtMs),
  sequence: view.sequence,
  cancellationRequested: view.cancellationRequested,
});

const viewOf = (document: OrderDocument): OrderView => ({
  orderId: document._id,
  userId: document.userId,
  status: document.status,
  lines: document.lines,
  total: document.total,
  reason: document.reason,
  placedAtMs: document.placedAt.getTime(),
  updatedAtMs: document.updatedAt.getTime(),
  sequence: document.sequence,
  cancellationRequested: document.cancellationRequested,
});

const isServerError = (error: unknown, code: number): boolean =>
  error instanceof MongoServerError && error.code === code;

/** BSONObjectTooLarge, KeyTooLong and DocumentValidationFailure: refused again at every attempt. */
const DATA_FAULTS: ReadonlySet<number | string | undefined> = new Set([10_334, 17_280, 121]);

/**
 * Runs a database call.
 *
 * @throws UnstorableValue for a document that no attempt can store, and OperationalError
 *   `unavailable` for anything else that the driver could not do
 */
export async function available<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const isDataFault = error instanceof MongoServerError && DATA_FAULTS.has(error.code);
    if (isDataFault || error instanceof BSON.BSONError) throw new UnstorableValue('MongoDB', error);
    if (!(error instanceof MongoError)) throw error;
    const detail = 'MongoDB cannot be reached, or refuses';
    throw new OperationalError('unavailable', { detail, cause: error });
  }
}
