import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OrderLife, PLACE } from '../domain.testkit.ts';
import type { FeedBatch, LoggedEvent, NewEvent } from '../ports.ts';
import { EventStoreProcess } from './event-store.testkit.ts';
import { EventStoreConnection } from './event-store-connection.ts';
import { eventStoreFeed } from './event-store-feed.ts';
import { eventStoreLog } from './event-store-log.ts';
import { eventStoreRegister } from './event-store-register.ts';

let store: EventStoreProcess;
let connection: EventStoreConnection;
beforeAll(async () => {
  store = await EventStoreProcess.start();
  connection = new EventStoreConnection(store.url);
});
afterAll(async () => {
  await connection[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
});

/** The events that placing an order leads to, as they go into the log. */
function placed(orderId: string): NewEvent[] {
  const life = new OrderLife();
  life.place();
  return life.stored.map(({ fact }) => ({
    id: randomUUID(),
    fact: { ...fact, orderId },
    causationId: PLACE.jobId,
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  }));
}

async function follow(after: bigint, isEnough: (events: LoggedEvent[]) => boolean) {
  const stop = new AbortController();
  const batches: FeedBatch[] = [];
  for await (const batch of eventStoreFeed(store.url).follow(after, stop.signal)) {
    batches.push(batch);
    if (isEnough(batches.flatMap(({ events }) => events))) stop.abort();
  }
  return batches;
}

describe('the log of an order', () => {
  it('is empty before the first append', async () => {
    expect(await eventStoreLog(connection).load(randomUUID())).toEqual({
      events: [],
      revision: 'no-stream',
    });
  });

  it('gives back what was appended, and where it is', async () => {
    const orderId = randomUUID();
    const log = eventStoreLog(connection);
    const events = placed(orderId);
    expect(await log.append(orderId, 'no-stream', events)).toBe(1n);
    const loaded = await log.load(orderId);
    expect(loaded.revision).toBe(1n);
    expect(loaded.events).toMatchObject(events);
  });

  it('lets one of two writers win that saw the same revision', async () => {
    const orderId = randomUUID();
    const [one, two] = [eventStoreLog(connection), eventStoreLog(connection)];
    const results = await Promise.all([
      one.append(orderId, 'no-stream', placed(orderId)),
      two.append(orderId, 'no-stream', placed(orderId)),
    ]);
    expect(results.toSorted()).toEqual([1n, 'conflict']);
    expect((await one.load(orderId)).events).toHaveLength(2);
  });

  it('takes the same append again as the first one', async () => {
    const orderId = randomUUID();
    const log = eventStoreLog(connection);
    const events = placed(orderId);
    await log.append(orderId, 'no-stream', events);
    expect(await log.append(orderId, 'no-stream', events)).toBe(1n);
    expect((await log.load(orderId)).events).toHaveLength(2);
  });
});

describe('the feed of all orders', () => {
  it('begins with a batch without events, and then gives whole appends in order', async () => {
    const orderId = randomUUID();
    await eventStoreLog(connection).append(orderId, 'no-stream', placed(orderId));
    const batches = await follow(-1n, (events) => events.some((e) => e.fact.orderId === orderId));
    expect(batches[0]?.events).toEqual([]);
    for (const { events, upTo } of batches.slice(1)) {
      expect(events.length % 2, 'whole appends of two events each').toBe(0);
      expect(events.at(-1)?.position).toBe(upTo);
    }
  });

  it('goes on behind a position, and tells what comes after', async () => {
    const [first, second] = [randomUUID(), randomUUID()];
    const log = eventStoreLog(connection);
    await log.append(first, 'no-stream', placed(first));
    const seen = await follow(-1n, (events) => events.some((e) => e.fact.orderId === first));
    const following = follow(seen.at(-1)?.upTo ?? -1n, (events) => events.length > 0);
    await log.append(second, 'no-stream', placed(second));
    const events = (await following).flatMap((batch) => batch.events);
    expect(events.map(({ fact }) => fact.orderId)).toEqual([second, second]);
    expect(events[0]).toMatchObject({
      causationId: PLACE.jobId,
      traceparent: expect.stringMatching(/^00-/),
    });
  });

  it('throws when the store goes away, and not before', async () => {
    const own = await EventStoreProcess.start();
    const begun = Promise.withResolvers<void>();
    const ended = expect(async () => {
      const never = new AbortController().signal;
      for await (const _ of eventStoreFeed(own.url).follow(-1n, never)) begun.resolve();
    }).rejects.toThrow();
    await begun.promise;
    await own[Symbol.asyncDispose]();
    await ended;
  });
});

describe('a register', () => {
  it('keeps the last value, written with the revision before it', async () => {
    const register = eventStoreRegister<{ holder: string }>(connection, {
      stream: `register-${randomUUID()}`,
      eventType: 'Changed',
    });
    expect(await register.read()).toEqual({ value: undefined, revision: 'no-stream' });
    expect(await register.write({ holder: 'a' }, 'no-stream')).toBe(0n);
    expect(await register.write({ holder: 'b' }, 'no-stream')).toBe('conflict');
    expect(await register.write({ holder: 'c' }, 0n)).toBe(1n);
    expect(await register.write({ holder: 'd' }, 0n)).toBe('conflict');
    expect(await register.read()).toEqual({ value: { holder: 'c' }, revision: 1n });
  });
});

describe('when the store does not answer', () => {
  it('says that it is unavailable, and works again when it is back', async () => {
    await using own = await EventStoreProcess.start();
    await using link = new EventStoreConnection(own.url);
    const log = eventStoreLog(link);
    const orderId = randomUUID();
    await log.append(orderId, 'no-stream', placed(orderId));
    await own.signal('SIGKILL');
    await expect(log.load(orderId)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(log.append(orderId, 1n, placed(orderId))).rejects.toMatchObject({
      code: 'outcome-unknown',
    });
    await own.up();
    expect((await log.load(orderId)).revision).toBe(1n);
    expect(await log.append(orderId, 1n, placed(orderId))).toBe(3n);
  });

  it('gives up a request that hangs, and the outcome of an append is unknown then', async () => {
    await using own = await EventStoreProcess.start();
    await using link = new EventStoreConnection(own.url);
    const log = eventStoreLog(link);
    const orderId = randomUUID();
    const events = placed(orderId);
    await log.load(orderId);
    await own.signal('SIGSTOP');
    await expect(log.append(orderId, 'no-stream', events)).rejects.toMatchObject({
      code: 'outcome-unknown',
    });
    await own.signal('SIGCONT');
    expect(await log.append(orderId, 'no-stream', events)).toBe(1n);
    expect((await log.load(orderId)).events).toHaveLength(2);
  });

  it('never takes a read that was cut short for the whole stream', async () => {
    await using own = await EventStoreProcess.start();
    await using link = new EventStoreConnection(own.url);
    const log = eventStoreLog(link);
    const orderId = randomUUID();
    await log.append(orderId, 'no-stream', placed(orderId));
    await own.signal('SIGSTOP');
    // The first to give up takes the connection away from those that still wait.
    const first = link.request('a short wait', () => log.load(orderId), 200);
    const second = log.load(orderId);
    await expect(first).rejects.toThrow('no answer');
    await expect(second).rejects.toMatchObject({ code: 'unavailable' });
    await own.signal('SIGCONT');
    expect((await log.load(orderId)).events).toHaveLength(2);
  });
});
