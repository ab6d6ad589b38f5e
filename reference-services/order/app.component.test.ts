import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OperationalError } from '#kit/errors.ts';
import { EventStoreProcess } from './adapters/event-store.testkit.ts';
import { EventStoreConnection } from './adapters/event-store-connection.ts';
import { eventStoreLog } from './adapters/event-store-log.ts';
import { createOrderApp, type OrderApp } from './app.ts';
import { PLACE, POLICY, SAID, type Said } from './domain.testkit.ts';
import type { PlaceOrder, StoredEvent } from './domain.ts';
import type { OrderLog } from './ports.ts';

let store: EventStoreProcess;
let connection: EventStoreConnection;
let log: OrderLog;
beforeAll(async () => {
  store = await EventStoreProcess.start();
  connection = new EventStoreConnection(store.url);
  log = eventStoreLog(connection);
});
afterAll(async () => {
  await connection[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
});

/** One instance of the service, without Kafka; what it ignored is kept. */
function anInstance(
  parts: { log?: OrderLog; probe?: () => Promise<void>; trace?: () => string } = {},
) {
  const ignored: string[] = [];
  const app = createOrderApp({
    log: parts.log ?? log,
    bus: { probe: parts.probe ?? (() => Promise.resolve()) },
    clock: { now: () => 1_000 },
    tracing: { current: () => parts.trace?.() },
    meter: { ignored: (reason) => ignored.push(reason) },
    policy: POLICY,
  });
  return { app, ignored };
}

const aCommand = (): PlaceOrder => ({ ...PLACE, orderId: randomUUID(), jobId: randomUUID() });

const typesOf = (events: readonly StoredEvent[]) =>
  events.map(({ fact }) => {
    if (fact.kind === 'wait') return 'wait';
    return fact.kind === 'public' ? fact.payload.type : fact.command.payload.type;
  });

async function newestCommand(orderId: string): Promise<StoredEvent> {
  const { events } = await log.load(orderId);
  const command = events.findLast(({ fact }) => fact.kind === 'command');
  if (command === undefined) throw new Error('no command was stored');
  return command;
}

async function receive(
  app: OrderApp,
  orderId: string,
  type: Said,
  messageId: string = randomUUID(),
) {
  const causationId = (await newestCommand(orderId)).id;
  const reply = { kind: 'Reply', messageId, causationId, event: SAID[type] } as const;
  await app.receive(orderId, reply);
  return reply;
}

describe('placing an order', () => {
  it('is durable when it is answered', async () => {
    const command = aCommand();
    expect(await anInstance().app.placeOrder(command)).toEqual({
      kind: 'accepted',
      jobId: command.jobId,
    });
    expect(typesOf((await log.load(command.orderId)).events)).toEqual([
      'OrderPlaced',
      'ReserveStock',
    ]);
  });

  it('answers a repeat as the first time, from any instance and under any job', async () => {
    const command = aCommand();
    await anInstance().app.placeOrder(command);
    const again = await anInstance().app.placeOrder({ ...command, jobId: randomUUID() });
    expect(again).toEqual({ kind: 'accepted', jobId: command.jobId });
    expect((await log.load(command.orderId)).events).toHaveLength(2);
  });

  it('gives one first answer to many at once', async () => {
    const command = aCommand();
    const answers = await Promise.all(
      Array.from({ length: 6 }, () =>
        anInstance().app.placeOrder({ ...command, jobId: randomUUID() }),
      ),
    );
    const jobs = new Set(answers.map((answer) => answer.kind === 'accepted' && answer.jobId));
    expect(jobs.size).toBe(1);
    expect((await log.load(command.orderId)).events).toHaveLength(2);
  });

  it('refuses another request under the same order', async () => {
    const command = aCommand();
    await anInstance().app.placeOrder(command);
    for (const change of [
      { requestHash: 'other' },
      { requestHash: 'other', jobId: randomUUID() },
    ]) {
      expect(await anInstance().app.placeOrder({ ...command, ...change })).toEqual({
        kind: 'rejected',
        reason: 'idempotency-key-reused',
      });
    }
  });

  it('keeps nothing when Kafka cannot be reached', async () => {
    const command = aCommand();
    const { app } = anInstance({
      probe: () => Promise.reject(new OperationalError('unavailable')),
    });
    await expect(app.placeOrder(command)).rejects.toMatchObject({ code: 'unavailable' });
    expect((await log.load(command.orderId)).events).toEqual([]);
  });

  it('is shown to its owner only', async () => {
    const command = aCommand();
    const { app } = anInstance();
    await app.placeOrder(command);
    expect(await app.getOrder(command.orderId, command.userId)).toMatchObject({
      status: 'pending',
      sequence: 1,
    });
    expect(await app.getOrder(command.orderId, 'someone-else')).toBeUndefined();
    expect(await app.getOrder(randomUUID(), command.userId)).toBeUndefined();
  });
});

describe('replies and timers', () => {
  it('keep each job in the trace of its own command, also where one saga begins another', async () => {
    const traceparent = (of: string) => `00-${of.repeat(32)}-00f067aa0ba902b7-01`;
    let trace = traceparent('a');
    const { app } = anInstance({ trace: () => trace });
    const command = aCommand();
    await app.placeOrder(command);
    trace = traceparent('b');
    const cancellation = { ...command, kind: 'CancelOrder', jobId: randomUUID() } as const;
    await app.cancelOrder(cancellation);
    trace = traceparent('a');
    await receive(app, command.orderId, 'StockReservationRefused');
    const { events } = await log.load(command.orderId);
    const traces = events.map(({ fact, traceparent: of }) => [fact.jobId, of?.[3]]);
    expect(new Set(traces.map(String))).toEqual(
      new Set([`${command.jobId},a`, `${cancellation.jobId},b`]),
    );
    expect(traces.filter(([jobId]) => jobId === cancellation.jobId)).toHaveLength(2);
  });

  it('move the saga once, however many instances receive them', async () => {
    const command = aCommand();
    const [one, two] = [anInstance(), anInstance()];
    await one.app.placeOrder(command);
    const causationId = (await newestCommand(command.orderId)).id;
    const reply = {
      kind: 'Reply',
      messageId: randomUUID(),
      causationId,
      event: SAID.StockReserved,
    } as const;
    await Promise.all([one, two, one].map(({ app }) => app.receive(command.orderId, reply)));
    await two.app.receive(command.orderId, reply);
    expect(typesOf((await log.load(command.orderId)).events)).toEqual([
      'OrderPlaced',
      'ReserveStock',
      'SagaStepCompleted',
      'AuthorizePayment',
    ]);
    expect([...one.ignored, ...two.ignored]).toContain('answered-already');
  });

  it('are not ignored because this instance has an old state at hand', async () => {
    const command = aCommand();
    const [one, two] = [anInstance(), anInstance()];
    await one.app.placeOrder(command);
    await receive(two.app, command.orderId, 'StockReserved');
    // What the first has at hand has never seen AuthorizePayment.
    await receive(one.app, command.orderId, 'PaymentAuthorized');
    await receive(two.app, command.orderId, 'ShipmentScheduled');
    await receive(one.app, command.orderId, 'PaymentCaptured');
    expect((await one.app.getOrder(command.orderId, command.userId))?.status).toBe('approved');
    expect([...one.ignored, ...two.ignored]).toEqual([]);
  });

  it('let one of a reply and a time-out win', async () => {
    const command = aCommand();
    const [one, two] = [anInstance(), anInstance()];
    await one.app.placeOrder(command);
    const timerId = (await newestCommand(command.orderId)).id;
    await Promise.all([
      receive(one.app, command.orderId, 'StockReserved'),
      two.app.fireTimer(command.orderId, timerId),
      one.app.fireTimer(command.orderId, timerId),
    ]);
    const { events } = await log.load(command.orderId);
    expect(['AuthorizePayment', 'ReleaseStock']).toContain(typesOf(events).at(-1));
    expect(events.filter(({ fact }) => fact.kind === 'command')).toHaveLength(2);
    expect([...one.ignored, ...two.ignored]).not.toEqual([]);
  });

  it('let completion and cancellation meet in one order of events', async () => {
    const command = aCommand();
    const [one, two] = [anInstance(), anInstance()];
    await one.app.placeOrder(command);
    for (const type of ['StockReserved', 'PaymentAuthorized', 'ShipmentScheduled'] as const) {
      await receive(one.app, command.orderId, type);
    }
    const cancel = { kind: 'CancelOrder', jobId: randomUUID(), ...pick(command) } as const;
    await Promise.all([
      receive(one.app, command.orderId, 'PaymentCaptured'),
      two.app.cancelOrder(cancel),
      one.app.cancelOrder(cancel),
    ]);
    const types = typesOf((await log.load(command.orderId)).events);
    for (const once of ['OrderApproved', 'OrderCancellationRequested', 'CancelShipment']) {
      expect(
        types.filter((type) => type === once),
        once,
      ).toHaveLength(1);
    }
    expect(types.at(-1)).toBe('CancelShipment');
  });

  it('for an order that does not exist are ignored by name', async () => {
    const { app, ignored } = anInstance();
    const reply = { kind: 'Reply', messageId: randomUUID(), event: SAID.StockReserved } as const;
    await app.receive(randomUUID(), { ...reply, causationId: randomUUID() });
    await app.fireTimer(randomUUID(), randomUUID());
    expect(ignored).toEqual(['cause-unknown', 'timer-superseded']);
  });
});

describe('an append without an answer', () => {
  it('is repeated under the same ids by any instance that repeats the command, and only then', async () => {
    const sent: string[][] = [];
    const deaf: OrderLog = {
      load: (orderId) => log.load(orderId),
      append: (_, __, events) => {
        sent.push(events.map(({ id }) => id));
        return Promise.reject(new OperationalError('outcome-unknown'));
      },
    };
    const command = aCommand();
    for (const change of [{}, {}, { jobId: randomUUID() }, { requestHash: 'other' }]) {
      const placing = anInstance({ log: deaf }).app.placeOrder({ ...command, ...change });
      await expect(placing).rejects.toMatchObject({ code: 'outcome-unknown' });
    }
    expect(sent[1]).toEqual(sent[0]);
    expect(new Set(sent.flat()).size, 'three commands of two events').toBe(6);
  });

  it('is of unknown outcome, and the repeat finds what was kept', async () => {
    const command = aCommand();
    const { app } = anInstance({ log: losingAnswers(log, 1) });
    await expect(app.placeOrder(command)).rejects.toMatchObject({ code: 'outcome-unknown' });
    expect(await app.placeOrder(command)).toEqual({ kind: 'accepted', jobId: command.jobId });
    expect((await log.load(command.orderId)).events).toHaveLength(2);
  });
});

function pick({ orderId, userId }: PlaceOrder) {
  return { orderId, userId };
}

/** A log that does what it is asked, and whose first answers get lost. */
function losingAnswers(inner: OrderLog, times: number): OrderLog {
  let left = times;
  return {
    load: (orderId) => inner.load(orderId),
    async append(orderId, expected, events) {
      const result = await inner.append(orderId, expected, events);
      left -= 1;
      if (left >= 0) throw new OperationalError('outcome-unknown');
      return result;
    },
  };
}
