import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { OrderStatus } from '#proto/sagaproof/order/v1/order_pb.js';
import { EventStoreConnection } from './adapters/event-store-connection.ts';
import { eventStoreLog } from './adapters/event-store-log.ts';
import { aRequest, World } from './order.testkit.ts';

const WITHIN = { timeout: 30_000, interval: 20 };
const CUSTOMERS = 6;
const CUTS = 6;

let world: World;
beforeAll(async () => {
  world = await World.boot();
});
afterAll(() => world?.[Symbol.asyncDispose]());

async function stored(orderId: string) {
  await using connection = new EventStoreConnection(
    world.stack.addressBook.eventstore.connectionString,
  );
  return (await eventStoreLog(connection).load(orderId)).events;
}

describe('the order service on real servers', () => {
  it('runs an order to its approval, and publishes exactly what it stored', async () => {
    const request = aRequest();
    expect(await world.client().placeOrder(request)).toMatchObject({
      orderId: request.orderId,
      jobId: request.jobId,
    });
    await world.until(request.orderId, 'OrderApproved');
    const { events, commands, traceparents } = world.seen(request.orderId);
    expect(events.map(({ payload }) => payload.type)).toEqual([
      'OrderPlaced',
      ...Array.from({ length: 4 }, () => 'SagaStepCompleted'),
      'OrderApproved',
    ]);
    expect(events.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6]);
    const ids = [...events, ...commands].map(({ messageId }) => messageId);
    expect(ids.toSorted()).toEqual((await stored(request.orderId)).map(({ id }) => id).toSorted());
    expect(new Set(traceparents.map((text) => text.split('-')[1])).size, 'one trace').toBe(1);
    expect(await world.client().getOrder(request)).toMatchObject({
      order: {
        status: OrderStatus.APPROVED,
        total: { currency: 'EUR', minorUnits: 2_500n },
        revision: 6n,
      },
    });
  });

  it('undoes and rejects when a participant refuses', async () => {
    const request = aRequest();
    world.answer(request.orderId, 'ScheduleShipment', 'ShipmentRefused');
    await world.client().placeOrder(request);
    await world.until(request.orderId, 'OrderRejected');
    const commands = world.seen(request.orderId).commands.map(({ payload }) => payload.type);
    expect(commands.slice(-2)).toEqual(['VoidPayment', 'ReleaseStock']);
  });

  it('cancels an approved order', async () => {
    const request = aRequest();
    await world.client().placeOrder(request);
    await world.until(request.orderId, 'OrderApproved');
    const cancel = { ...request, jobId: randomUUID() };
    await world.client().cancelOrder(cancel);
    expect((await world.until(request.orderId, 'OrderCancelled')).jobId).toBe(cancel.jobId);
    await expect(
      world.client().cancelOrder({ ...cancel, jobId: randomUUID() }),
    ).rejects.toMatchObject({ code: 'order-not-cancellable' });
  });

  it('gives up a silent step, and ignores its late answer', async () => {
    const request = aRequest();
    world.answer(request.orderId, 'AuthorizePayment', null);
    await world.client().placeOrder(request);
    const rejected = await world.until(request.orderId, 'OrderRejected');
    expect(rejected.payload).toMatchObject({ reason: 'step-timed-out' });
    const before = (await stored(request.orderId)).length;
    const late = await world.untilCommand(request.orderId, 'AuthorizePayment');
    await world.say(late, 'PaymentAuthorized');
    const next = aRequest();
    await world.client().placeOrder(next);
    await world.until(next.orderId, 'OrderApproved');
    expect(await stored(request.orderId)).toHaveLength(before);
  });

  it.each([
    ['no lines', { lines: [] }],
    ['several currencies', { lines: [line('EUR'), line('USD')] }],
    ['a quantity of 0', { lines: [{ ...line('EUR'), quantity: 0 }] }],
    ['an order id that is no UUID', { orderId: 'o-1' }],
    ['no address', { address: undefined }],
    ['a total that JSON cannot carry', { lines: [{ ...line('EUR', 2n ** 52n), quantity: 1000 }] }],
  ])('refuses a request with %s', async (_, change) => {
    const request = { ...aRequest(), ...change } as ReturnType<typeof aRequest>;
    await expect(world.client().placeOrder(request)).rejects.toMatchObject({
      code: 'invalid-request',
    });
  });

  it('does not show an order to another user', async () => {
    const request = aRequest();
    await world.client().placeOrder(request);
    const other = { orderId: request.orderId, userId: 'user-2' };
    for (const asked of [
      world.client().getOrder(other),
      world.client().cancelOrder({ ...other, jobId: randomUUID() }),
    ]) {
      await expect(asked).rejects.toMatchObject({ code: 'order-not-found' });
    }
  });
});

describe('when a dependency is away', () => {
  it('keeps nothing of a command while Kafka cannot be reached', async () => {
    const request = aRequest();
    const cut = await world.stack.links.cut('order→kafka');
    try {
      await expect(world.client().placeOrder(request)).rejects.toMatchObject({
        code: 'unavailable',
      });
    } finally {
      await cut.restore();
    }
    expect(await stored(request.orderId)).toEqual([]);
    await world.client().placeOrder(request);
    await world.until(request.orderId, 'OrderApproved');
  });

  it('is unavailable while the event store cannot be reached, and goes on afterwards', async () => {
    const [running, request] = [aRequest(), aRequest()];
    world.answer(running.orderId, 'ScheduleShipment', null);
    await world.client().placeOrder(running);
    const command = await world.untilCommand(running.orderId, 'ScheduleShipment');
    const cut = await world.stack.links.cut('order→eventstore');
    try {
      await expect(world.client().placeOrder(request)).rejects.toMatchObject({
        code: 'unavailable',
      });
      await world.say(command, 'ShipmentScheduled');
    } finally {
      await cut.restore();
    }
    await world.until(running.orderId, 'OrderApproved');
    await world.client().placeOrder(request);
    await world.until(request.orderId, 'OrderApproved');
  });

  it('leaves no order half done when its link to the event store is cut under load', async () => {
    const client = world.client();
    const kept: string[] = [];
    let isOver = false;
    const customers = Array.from({ length: CUSTOMERS }, async () => {
      while (!isOver) {
        const request = aRequest();
        await client.placeOrder(request).then(
          () => kept.push(request.orderId),
          ({ code }) => expect(code).toMatch(/^(unavailable|outcome-unknown)$/),
        );
      }
    });
    for (let count = 1; count <= CUTS; count += 1) {
      // In the middle of a burst: each cut comes after more orders than the one before.
      await vi.waitFor(() => expect(kept.length).toBeGreaterThan(count * CUSTOMERS), WITHIN);
      const cut = await world.stack.links.cut('order→eventstore');
      await cut.restore();
    }
    isOver = true;
    await Promise.all(customers);
    for (const orderId of kept) {
      await vi.waitFor(() => {
        const outcomes = new Set(
          world
            .seen(orderId)
            .events.filter(({ payload }) => /^Order(Approved|Rejected)$/.test(payload.type))
            .map(({ messageId }) => messageId),
        );
        expect(outcomes.size, `outcomes of ${orderId}`).toBe(1);
      }, WITHIN);
    }
  });

  it('publishes in order what it could not while Kafka was away', async () => {
    const request = aRequest();
    world.answer(request.orderId, 'AuthorizePayment', null);
    await world.client().placeOrder(request);
    const command = await world.untilCommand(request.orderId, 'AuthorizePayment');
    const cut = await world.stack.links.cut('order→kafka');
    await world.say(command, 'PaymentAuthorized');
    await cut.restore();
    await world.until(request.orderId, 'OrderApproved');
    const distinct = new Set(world.seen(request.orderId).events.map(({ sequence }) => sequence));
    expect([...distinct]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('goes on where it was when it is killed in the middle of a saga', async () => {
    const request = aRequest();
    world.answer(request.orderId, 'CapturePayment', null);
    await world.client().placeOrder(request);
    const command = await world.untilCommand(request.orderId, 'CapturePayment');
    await world.stack.control.killInstance('order-1');
    await world.say(command, 'PaymentCaptured');
    await world.stack.control.restartInstance('order-1');
    await world.stack.refresh();
    await world.until(request.orderId, 'OrderApproved');
    const { events } = world.seen(request.orderId);
    const distinct = new Map(events.map((event) => [event.messageId, event.sequence]));
    expect([...distinct.values()]).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

describe('two instances', () => {
  it('run every order once, and either goes on when the other is killed', async () => {
    await world.stack.control.startInstance('order');
    await world.stack.refresh();
    const place = async (instance: number) => {
      const request = aRequest();
      await world.client(instance).placeOrder(request);
      return request.orderId;
    };
    const before = await Promise.all([0, 1, 0, 1, 0, 1].map(place));
    for (const orderId of before) await world.until(orderId, 'OrderApproved');
    await world.stack.control.killInstance('order-1');
    const after = await Promise.all([1, 1, 1].map(place));
    for (const orderId of after) await world.until(orderId, 'OrderApproved');
    for (const orderId of [...before, ...after]) {
      const { commands } = world.seen(orderId);
      const distinct = new Map(commands.map(({ messageId, payload }) => [messageId, payload.type]));
      expect([...distinct.values()], 'each command once').toHaveLength(4);
    }
    await world.stack.control.restartInstance('order-1');
  });
});

function line(currency: string, minorUnits = 100n) {
  return { sku: 'tea', quantity: 1, unitPrice: { currency, minorUnits } };
}
