import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bootStack, type Stack } from '#harness/testbed/stack.ts';
import { testContext } from '#kit/context.testkit.ts';
import { isPoison } from '#kit/errors.ts';
import { type MongoPorts, mongoPorts } from './adapters/mongodb.ts';
import { createQuery } from './app.ts';
import {
  APPROVED,
  CANCELLATION_REQUESTED,
  CANCELLED,
  eventsOf,
  orderIdOf,
  PLACED,
  PLACED_AT_MS,
  REJECTED,
  STEP_COMPLETED,
} from './domain.testkit.ts';
import type { OrderEvent } from './domain.ts';
import { arrayLog } from './log.testkit.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await bootStack({ only: ['mongodb'] });
});
afterAll(() => stack[Symbol.asyncDispose]());

const never = new AbortController().signal;

/** A read model in a database of its own, over a log that the test writes. */
async function startReadModel() {
  const url = new URL(stack.addressBook.mongodb.url);
  url.pathname = `/query-${crypto.randomUUID()}`;
  url.searchParams.set('directConnection', 'true');
  const context = testContext('query-1');
  const ports = await mongoPorts(context, url.href);
  const log = arrayLog();
  const outcomes: string[] = [];
  const compose = (rebuilds: MongoPorts['rebuilds']) =>
    createQuery({ ...ports, rebuilds, log, onProjected: (outcome) => outcomes.push(outcome) });
  const client = new MongoClient(url.href);
  return {
    ports,
    log,
    outcomes,
    compose,
    query: compose(ports.rebuilds),
    db: client.db(),
    /** The public collection, byte for byte. */
    documents: async () =>
      JSON.stringify(await client.db().collection('orders').find().sort({ _id: 1 }).toArray()),
    async [Symbol.asyncDispose]() {
      await client.db().dropDatabase();
      await client.close();
      await context.end();
    },
  };
}

const LIFE = [PLACED, STEP_COMPLETED, APPROVED, CANCELLATION_REQUESTED, CANCELLED];

/** Several orders' lives, woven into one another as partitions weave them. */
function wovenLives(orders: number): OrderEvent[] {
  const lives = Array.from({ length: orders }, (_, n) =>
    eventsOf(n % 2 === 0 ? LIFE : [PLACED, REJECTED], {
      orderId: orderIdOf(n),
      userId: `user-${n % 3}`,
      placedAtMs: PLACED_AT_MS + n,
    }),
  );
  return Array.from({ length: LIFE.length }, (_, step) =>
    lives.flatMap((life) => life[step] ?? []),
  ).flat();
}

describe('projecting', () => {
  test('keeps an order as its documented document', async () => {
    await using model = await startReadModel();
    for (const event of eventsOf([PLACED, APPROVED])) await model.query.projectEvent(event);
    expect(await model.db.collection('orders').findOne()).toEqual({
      _id: orderIdOf(1),
      userId: 'user-1',
      status: 'approved',
      lines: PLACED.type === 'OrderPlaced' ? PLACED.lines : [],
      total: { currency: 'EUR', minorUnits: 4_900 },
      reason: '',
      placedAt: new Date(PLACED_AT_MS),
      updatedAt: new Date(PLACED_AT_MS + 1_000),
      sequence: 2,
      cancellationRequested: false,
    });
  });

  test('ignores what it has seen, in whatever order it comes again', async () => {
    await using model = await startReadModel();
    const events = eventsOf([PLACED, STEP_COMPLETED, APPROVED]);
    for (const event of events) await model.query.projectEvent(event);
    const before = await model.documents();
    for (const event of [...events].reverse()) await model.query.projectEvent(event);
    expect(await model.documents()).toBe(before);
    expect(model.outcomes.slice(3)).toEqual(['ignore', 'ignore', 'ignore']);
  });

  test('of the same event by many at once has one effect', async () => {
    await using model = await startReadModel();
    for (const event of eventsOf([PLACED, APPROVED])) {
      await Promise.all(Array.from({ length: 8 }, () => model.query.projectEvent(event)));
    }
    expect(model.outcomes.filter((outcome) => outcome === 'apply')).toHaveLength(2);
    expect(await model.ports.views.load(orderIdOf(1))).toMatchObject({ sequence: 2 });
  });

  test('waits for an event that is missing, and goes on when it came', async () => {
    await using model = await startReadModel();
    const [first, second, third] = eventsOf([PLACED, STEP_COMPLETED, APPROVED]) as [
      OrderEvent,
      OrderEvent,
      OrderEvent,
    ];
    await model.query.projectEvent(first);
    await expect(model.query.projectEvent(third)).rejects.toMatchObject({ code: 'unavailable' });
    expect(model.outcomes).toEqual(['apply', 'gap']);
    await model.query.projectEvent(second);
    await model.query.projectEvent(third);
    expect(await model.ports.views.load(orderIdOf(1))).toMatchObject({ status: 'approved' });
  });

  test('puts an order aside that does not start with its placement', async () => {
    await using model = await startReadModel();
    const [event] = eventsOf([APPROVED]) as [OrderEvent];
    const failure = await model.query.projectEvent(event).catch((error: unknown) => error);
    expect(isPoison(failure)).toBe(true);
  });
});

describe('listing', () => {
  test('gives each order of the customer once, newest first, page by page', async () => {
    await using model = await startReadModel();
    for (let n = 0; n < 7; n += 1) {
      // Two at a time were placed in the same millisecond.
      const order = { orderId: orderIdOf(n), placedAtMs: PLACED_AT_MS + Math.floor(n / 2) };
      for (const event of eventsOf([PLACED], order)) await model.query.projectEvent(event);
    }
    const foreign = eventsOf([PLACED], { orderId: orderIdOf(99), userId: 'user-2' });
    for (const event of foreign) await model.query.projectEvent(event);
    const pages: string[][] = [];
    let pageToken = '';
    do {
      const page = await model.query.listOrders({ userId: 'user-1', pageSize: 3, pageToken });
      pages.push(page.orders.map(({ orderId }) => orderId));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    expect(pages).toEqual([
      [orderIdOf(6), orderIdOf(5), orderIdOf(4)],
      [orderIdOf(3), orderIdOf(2), orderIdOf(1)],
      [orderIdOf(0)],
    ]);
  });

  test.each([
    { userId: 'user-1', pageSize: 3, pageToken: 'not-ours' },
    { userId: 'user-1', pageSize: 101, pageToken: '' },
    { userId: 'user-1', pageSize: -1, pageToken: '' },
    { userId: '', pageSize: 0, pageToken: '' },
  ])('refuses %o', async (request) => {
    await using model = await startReadModel();
    const listing = model.query.listOrders(request);
    await expect(listing).rejects.toMatchObject({ code: 'invalid-request' });
  });
});

describe('rebuilding', () => {
  test('gives the same bytes as following along did', async () => {
    await using model = await startReadModel();
    const events = wovenLives(20);
    for (const event of events) await model.query.projectEvent(event);
    model.log.append(...events);
    const before = await model.documents();
    expect(await model.query.rebuild(never)).toEqual({ events: events.length, orders: 20 });
    expect(await model.documents()).toBe(before);
    const collections = await model.db.listCollections().toArray();
    expect(collections.map(({ name }) => name).sort()).toEqual(['leases', 'orders']);
  });

  test('restores what was lost and removes what the log does not have', async () => {
    await using model = await startReadModel();
    const events = wovenLives(6);
    for (const event of events) await model.query.projectEvent(event);
    const before = await model.documents();
    model.log.append(...events);
    await model.db.collection<{ _id: string }>('orders').deleteOne({ _id: orderIdOf(3) });
    await model.db.collection<{ _id: string }>('orders').insertOne({ _id: 'stray' });
    await model.query.rebuild(never);
    expect(await model.documents()).toBe(before);
    expect(await model.db.collection('orders').indexes()).toHaveLength(2);
  });

  test('loses nothing that is folded in while the new model takes its place', async () => {
    await using model = await startReadModel();
    const events = wovenLives(10);
    const half = events.slice(0, 20);
    model.log.append(...half);
    for (const event of half) await model.query.projectEvent(event);
    const live: Promise<void>[] = [];
    // Follows along on its own, as another instance does: it knows nothing of the gate.
    const other = model.compose(model.ports.rebuilds);
    const rebuilder = model.compose({
      async begin() {
        const fresh = await model.ports.rebuilds.begin();
        if (fresh === undefined) return undefined;
        const goLive = async () => {
          model.log.append(...events.slice(20));
          for (const event of events.slice(20, 28)) await other.projectEvent(event);
          await fresh.goLive();
          live.push(
            (async () => {
              for (const event of events.slice(28)) await untilProjected(other, event);
            })(),
          );
        };
        return { ...fresh, goLive };
      },
    });
    expect(await rebuilder.rebuild(never)).toMatchObject({ orders: 10 });
    await Promise.all(live);
    const after = await model.documents();
    await model.query.rebuild(never);
    expect(after).toBe(await model.documents());
    expect(after).toContain('cancelled');
  });

  test('holds the live consumer while the new model takes its place', async () => {
    await using model = await startReadModel();
    const [placed, approved] = eventsOf([PLACED, APPROVED]) as [OrderEvent, OrderEvent];
    model.log.append(placed);
    let projected: Promise<void> | undefined;
    let wasHeld = false;
    const query = model.compose({
      async begin() {
        const fresh = await model.ports.rebuilds.begin();
        if (fresh === undefined) return undefined;
        const goLive = async () => {
          let isDone = false;
          projected = query.projectEvent(approved).then(() => {
            isDone = true;
          });
          // More round trips than the event needs, if it were let through.
          for (let n = 0; n < 10; n += 1) await model.ports.views.load(orderIdOf(1));
          wasHeld = !isDone;
          await fresh.goLive();
        };
        return { ...fresh, goLive };
      },
    });
    await query.rebuild(never);
    await projected;
    expect(wasHeld).toBe(true);
    expect(await model.ports.views.load(orderIdOf(1))).toMatchObject({ status: 'approved' });
  });

  test('is refused while another one is under way, and possible after it failed', async () => {
    await using model = await startReadModel();
    model.log.append(...eventsOf([PLACED]));
    const held = Promise.withResolvers<void>();
    model.log.holdReaders(held.promise);
    const first = model.query.rebuild(never);
    await model.log.opened;
    const second = model.compose(model.ports.rebuilds).rebuild(never);
    await expect(second).rejects.toMatchObject({ code: 'projection-rebuilding' });
    held.reject(new Error('Kafka is gone'));
    await expect(first).rejects.toThrow('Kafka is gone');
    model.log.holdReaders(Promise.resolve());
    expect(await model.query.rebuild(never)).toEqual({ events: 1, orders: 1 });
  });
});

/** As the consumer does: again until it works. */
async function untilProjected(
  query: ReturnType<typeof createQuery>,
  event: OrderEvent,
): Promise<void> {
  for (let attempt = 1; attempt <= 200; attempt += 1) {
    try {
      return await query.projectEvent(event);
    } catch (error) {
      if (attempt === 200) throw error;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
