import { OperationalError, PoisonMessage } from '#kit/errors.ts';
import {
  type OrderEvent,
  type OrderView,
  type Projection,
  positionOf,
  project,
  tokenOf,
} from './domain.ts';
import type { EventLog, NewViews, OrderViews, Rebuilds } from './ports.ts';

const PAGE_SIZE_DEFAULT = 20;
const PAGE_SIZE_MAX = 100;
/** Another writer can be faster once per event of the order; more than this is no race. */
const SAVE_ATTEMPTS_MAX = 5;
/** The last stretch before the swap is short once a round takes in no more than this. */
const LAST_STRETCH_EVENTS_MAX = 100;
const STRETCHES_MAX = 10;

export interface QueryParts {
  readonly views: OrderViews;
  readonly rebuilds: Rebuilds;
  readonly log: EventLog;
  /** Told what became of each event. */
  readonly onProjected: (outcome: Projection['kind']) => void;
}

export interface Query {
  /** Folds one event in; idempotent. Rejects as long as an event before it is missing. */
  projectEvent(event: OrderEvent): Promise<void>;
  listOrders(request: {
    readonly userId: string;
    readonly pageSize: number;
    readonly pageToken: string;
  }): Promise<{ readonly orders: readonly OrderView[]; readonly nextPageToken: string }>;
  /** Builds the read model anew and puts it in the place of the live one. */
  rebuild(signal: AbortSignal): Promise<{ readonly events: number; readonly orders: number }>;
}

/** The use cases of the read model. */
export function createQuery({ views, rebuilds, log, onProjected }: QueryParts): Query {
  async function projectEvent(event: OrderEvent): Promise<void> {
    for (let attempt = 1; attempt <= SAVE_ATTEMPTS_MAX; attempt += 1) {
      const projection = project(await views.load(event.orderId), event);
      if (projection.kind !== 'apply' || (await views.save(projection.view))) {
        onProjected(projection.kind);
        settle(event, projection);
        return;
      }
    }
    throw new OperationalError('unavailable', {
      detail: `order ${event.orderId} was written by others ${SAVE_ATTEMPTS_MAX} times in a row`,
    });
  }

  return {
    projectEvent,

    async listOrders({ userId, pageSize, pageToken }) {
      const after = pageToken === '' ? undefined : positionOf(pageToken);
      if (pageToken !== '' && after === undefined) {
        throw new OperationalError('invalid-request', { detail: 'page_token is not one of ours' });
      }
      if (userId === '' || pageSize < 0 || pageSize > PAGE_SIZE_MAX) {
        const detail = `user_id must be set and page_size 0 to ${PAGE_SIZE_MAX}`;
        throw new OperationalError('invalid-request', { detail });
      }
      const limit = pageSize === 0 ? PAGE_SIZE_DEFAULT : pageSize;
      // One more than asked for tells whether there is a next page.
      const found = await views.page(userId, { after, limit: limit + 1 });
      const orders = found.slice(0, limit);
      const last = orders.at(-1);
      const hasMore = found.length > limit && last !== undefined;
      return { orders, nextPageToken: hasMore ? tokenOf(last) : '' };
    },

    async rebuild(signal) {
      await using fresh = await rebuilds.begin();
      if (fresh === undefined) throw new OperationalError('projection-rebuilding');
      await using reader = await log.open();
      let events = 0;
      // Follows the log until the rest is small, so that readers hardly see an older state.
      for (let stretch = 1; stretch <= STRETCHES_MAX; stretch += 1) {
        const ends = await log.ends();
        const taken = await reader.readTo(ends, (batch) => foldBatch(fresh, batch), signal);
        events += taken;
        if (taken <= LAST_STRETCH_EVENTS_MAX) break;
      }
      await fresh.goLive();
      // The live consumer may have folded events into the old model that the new one has not seen:
      // they are in the log by now. Those that it folds into the new one meanwhile are ignored.
      events += await reader.readTo(
        await log.ends(),
        async (batch) => {
          for (const event of batch) await projectEvent(event);
        },
        signal,
      );
      return { events, orders: await views.count() };
    },
  };
}

function settle(event: OrderEvent, projection: Projection): void {
  switch (projection.kind) {
    case 'apply':
    case 'ignore':
      return;
    case 'gap':
      throw new OperationalError('unavailable', {
        detail: `order ${event.orderId} misses event ${projection.expected} before ${event.sequence}`,
      });
    case 'misfit':
      throw new PoisonMessage('unexpected-message', { detail: projection.reason });
    default:
      projection satisfies never;
  }
}

/** Folds a batch with one read and one write; only the last state of each order is written. */
async function foldBatch(fresh: NewViews, batch: readonly OrderEvent[]): Promise<void> {
  const known = new Map(await fresh.loadMany([...new Set(batch.map(({ orderId }) => orderId))]));
  const changed = new Map<string, OrderView>();
  for (const event of batch) {
    const projection = project(known.get(event.orderId), event);
    // The live consumer put such a record aside as well.
    if (projection.kind === 'misfit') continue;
    settle(event, projection);
    if (projection.kind !== 'apply') continue;
    known.set(event.orderId, projection.view);
    changed.set(event.orderId, projection.view);
  }
  await fresh.saveMany([...changed.values()]);
}
