import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { EventStoreProcess } from './adapters/event-store.testkit.ts';
import { EventStoreConnection } from './adapters/event-store-connection.ts';
import { eventStoreFeed } from './adapters/event-store-feed.ts';
import { eventStoreLog } from './adapters/event-store-log.ts';
import { eventStoreRegister } from './adapters/event-store-register.ts';
import { createPublisher, type PublisherParts } from './app-publisher.ts';
import { OrderLife } from './domain.testkit.ts';
import type { CheckpointValue, LeaseValue, LoggedEvent, NewEvent } from './ports.ts';

const WITHIN = { timeout: 8_000, interval: 20 };
/** The longest that orders may wait for another instance after a crash. */
const TAKE_OVER_MS_MAX = 3_000;
const SILENT = { info: () => undefined, warn: () => undefined, debug: () => undefined };

let store: EventStoreProcess;
const open: Array<() => Promise<void>> = [];
beforeAll(async () => {
  store = await EventStoreProcess.start();
});
afterEach(async () => {
  for (const end of open.splice(0)) await end();
});
afterAll(() => store[Symbol.asyncDispose]());

/** What all instances of one test have published. */
interface Topic {
  readonly events: LoggedEvent[];
  readonly fired: string[];
}
const aTopic = (): Topic => ({ events: [], fired: [] });

/** An instance that can end as a process does: with a drain, or without a word. */
function anInstance(name: string, topic: Topic, change: Partial<PublisherParts> = {}) {
  const connection = new EventStoreConnection(store.url);
  const stop = new AbortController();
  const crashed = Promise.withResolvers<never>();
  crashed.promise.catch(() => undefined);
  let isCrashed = false;
  const alive = <T>(work: () => Promise<T>): Promise<T> =>
    isCrashed ? new Promise<T>(() => undefined) : work();
  const register = <T extends object>(stream: string, eventType: string) => {
    const inner = eventStoreRegister<T>(connection, { stream, eventType });
    return {
      read: () => alive(() => inner.read()),
      write: (value: T, expected: Parameters<typeof inner.write>[1]) =>
        alive(() => inner.write(value, expected)),
    };
  };
  const publisher = createPublisher({
    feed: eventStoreFeed(store.url),
    bus: {
      publish: (events) =>
        alive(async () => {
          topic.events.push(...events);
        }),
    },
    lease: register<LeaseValue>('orderPublisher-lease', 'LeaseChanged'),
    checkpoint: register<CheckpointValue>('orderPublisher-checkpoint', 'CheckpointReached'),
    fire: (_, timerId) =>
      alive(async () => {
        topic.fired.push(timerId);
      }),
    instance: name,
    newTerm: randomUUID,
    log: SILENT,
    meter: { published: () => undefined, leading: () => undefined },
    ...change,
  });
  const running = publisher.run(stop.signal);
  const drain = async () => {
    stop.abort();
    if (!isCrashed) await running;
    await connection[Symbol.asyncDispose]();
  };
  open.push(drain);
  return {
    publisher,
    drain,
    crash() {
      isCrashed = true;
    },
  };
}

/** Places an order, and gives back the ids of what is to be published for it. */
async function placeOrder(timeoutMs = 60_000): Promise<string[]> {
  await using connection = new EventStoreConnection(store.url);
  const orderId = randomUUID();
  const life = new OrderLife();
  life.place();
  const events = life.stored.map(({ fact }): NewEvent => {
    const of = fact.kind === 'command' ? { ...fact, timeoutMs, orderId } : { ...fact, orderId };
    return { id: randomUUID(), fact: of, causationId: randomUUID() };
  });
  await eventStoreLog(connection).append(orderId, 'no-stream', events);
  return events.map(({ id }) => id);
}

const idsOf = ({ events }: Topic) => events.map(({ id }) => id);
const published = (topic: Topic, ids: readonly string[]) =>
  vi.waitFor(() => expect(idsOf(topic)).toEqual(expect.arrayContaining([...ids])), WITHIN);

describe('the publisher', () => {
  it('publishes what is stored, in the order of the log', async () => {
    const topic = aTopic();
    anInstance('order-1', topic);
    const ids: string[] = [];
    for (let n = 0; n < 20; n += 1) ids.push(...(await placeOrder()));
    await published(topic, ids);
    expect(idsOf(topic).filter((id) => ids.includes(id))).toEqual(ids);
  });

  it('goes on behind its checkpoint after a drain, and publishes nothing twice', async () => {
    const [before, after] = [aTopic(), aTopic()];
    const first = anInstance('order-1', before);
    const ids = await placeOrder();
    await published(before, ids);
    await first.drain();
    const missed = await placeOrder();
    anInstance('order-1', after);
    await published(after, missed);
    expect(idsOf(after)).toEqual(missed);
  });

  it('publishes again under the same ids what a crash kept from its checkpoint', async () => {
    const [before, after] = [aTopic(), aTopic()];
    const first = anInstance('order-1', before);
    await published(before, await placeOrder());
    const ids = await placeOrder();
    await published(before, ids);
    first.crash();
    anInstance('order-1', after);
    await published(after, await placeOrder());
    const again = idsOf(after).filter((id) => ids.includes(id));
    expect(again).toEqual(again.length === 0 ? [] : ids);
  });

  it('tries until Kafka takes it, and nothing overtakes', async () => {
    const topic = aTopic();
    let refusals = 3;
    const { publisher } = anInstance('order-1', topic, {
      bus: {
        async publish(events) {
          refusals -= 1;
          if (refusals >= 0) throw new Error('no broker');
          topic.events.push(...events);
        },
      },
    });
    const ids = [...(await placeOrder()), ...(await placeOrder())];
    await published(topic, ids);
    expect(idsOf(topic).filter((id) => ids.includes(id))).toEqual(ids);
    expect(publisher.trouble()).toBeUndefined();
  });
});

describe('two instances', () => {
  it('publish once between them', async () => {
    const topic = aTopic();
    anInstance('order-1', topic);
    anInstance('order-2', topic);
    const ids: string[] = [];
    for (let n = 0; n < 10; n += 1) ids.push(...(await placeOrder()));
    await published(topic, ids);
    expect(idsOf(topic).filter((id) => ids.includes(id))).toEqual(ids);
  });

  it('take over from each other within three seconds of a crash', async () => {
    const topic = aTopic();
    const first = anInstance('order-1', topic);
    await published(topic, await placeOrder());
    anInstance('order-2', topic);
    first.crash();
    const sinceMs = performance.now();
    await published(topic, await placeOrder());
    expect(performance.now() - sinceMs).toBeLessThan(TAKE_OVER_MS_MAX);
  });

  it('take over at once after a drain', async () => {
    const topic = aTopic();
    const first = anInstance('order-1', topic);
    await published(topic, await placeOrder());
    anInstance('order-2', topic);
    await first.drain();
    const sinceMs = performance.now();
    await published(topic, await placeOrder());
    expect(performance.now() - sinceMs).toBeLessThan(1_000);
  });
});

describe('the timers', () => {
  it('fire when a wait is over', async () => {
    const topic = aTopic();
    anInstance('order-1', topic);
    const [, commandId] = await placeOrder(100);
    await vi.waitFor(() => expect(topic.fired).toContain(commandId), WITHIN);
  });

  it('are rebuilt by the instance that takes over, also behind the checkpoint', async () => {
    const [before, after] = [aTopic(), aTopic()];
    const first = anInstance('order-1', before);
    const [, commandId] = await placeOrder(1_500);
    await published(before, await placeOrder());
    await first.drain();
    anInstance('order-2', after);
    await vi.waitFor(() => expect(after.fired).toContain(commandId), WITHIN);
    expect(before.fired).not.toContain(commandId);
    expect(idsOf(after)).not.toContain(commandId);
  });
});

describe('when the event store goes away', () => {
  it('publishes what came before and after', async () => {
    const topic = aTopic();
    anInstance('order-1', topic);
    await published(topic, await placeOrder());
    await store.signal('SIGKILL');
    await store.up();
    await published(topic, await placeOrder());
    expect(new Set(idsOf(topic)).size).toBeGreaterThan(2);
  });
});
