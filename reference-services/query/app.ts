import { LIMITS } from '#contracts/spec/limits.generated.ts';
import { OperationalError } from '#kit/errors.ts';
import { createProjector, settle } from './app-projector.ts';
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
const PAGE_SIZE_MAX = LIMITS.query.page;
/** The rest is short enough to hold the live consumer for, once a stretch takes in no more. */
const LAST_STRETCH_EVENTS_MAX = 100;
const STRETCHES_MAX = 10;

export interface QueryParts {
  readonly views: OrderViews;
  readonly rebuilds: Rebuilds;
  readonly log: EventLog;
  /** Called with the outcome of each event. */
  readonly onProjected: (outcome: Projection['kind']) => void;
}

export interface Query {
  /** Folds one event in; idempotent. Rejects as long as an event before it is missing. */
  projectEvent(event: OrderEvent): Promise<void>;
  /** Folds several in, each order's in the order given. */
  projectEvents(events: readonly OrderEvent[]): Promise<void>;
  listOrders(request: {
    readonly userId: string;
    readonly pageSize: number;
    readonly pageToken: string;
  }): Promise<{ readonly orders: readonly OrderView[]; readonly nextPageToken: string }>;
  /** Rebuilds the read model and puts it in the place of the live one. */
  rebuild(signal: AbortSignal): Promise<{ readonly events: number; readonly orders: number }>;
}

/** The use cases of the read model. */
export function createQuery({ views, rebuilds, log, onProjected }: QueryParts): Query {
  const gate = createGate();
  const projector = createProjector(views, onProjected);

  return {
    projectEvent: (event) => gate.pass(() => projector.project([event])),
    projectEvents: (events) => gate.pass(() => projector.project(events)),

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
      const follow = async (handle: (batch: readonly OrderEvent[]) => Promise<void>) => {
        const taken = await reader.readTo(await log.ends(), handle, signal);
        events += taken;
        return taken;
      };
      const fold = (batch: readonly OrderEvent[]) => foldBatch(fresh, batch);
      for (let stretch = 1; stretch <= STRETCHES_MAX; stretch += 1) {
        if ((await follow(fold)) <= LAST_STRETCH_EVENTS_MAX) break;
      }
      // What was folded into the live model is in the log. With nothing folded in meanwhile, the
      // new model is as far as the old one, so that no reader sees an order go back.
      await gate.close(async () => {
        await follow(fold);
        await fresh.goLive();
      });
      // Another instance has a gate of its own: what it folded into the old model since is taken
      // in here, and what it folds into the new one is ignored.
      await follow(async (batch) => {
        await projector.project(batch);
      });
      return { events, orders: await views.count() };
    },
  };
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

/** Lets work pass, side by side, except while it is closed. */
function createGate() {
  const passing = new Set<Promise<void>>();
  let closed: Promise<void> | undefined;
  return {
    async pass(work: () => Promise<void>): Promise<void> {
      while (closed !== undefined) await closed;
      const run = work();
      passing.add(run);
      await run.finally(() => passing.delete(run));
    },
    /** Waits for what is passing, and lets nothing pass until `work` has ended. */
    async close(work: () => Promise<void>): Promise<void> {
      const opened = Promise.withResolvers<void>();
      closed = opened.promise;
      try {
        await Promise.allSettled(passing);
        await work();
      } finally {
        closed = undefined;
        opened.resolve();
      }
    },
  };
}
