import { randomUUID } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testContext } from './context.testkit.ts';
import { PoisonMessage } from './errors.ts';
import { idsOf, KafkaWorld, message, type Taken, TOPIC } from './kafka.testkit.ts';
import { kafkaProducer } from './kafka.ts';
import { registryContract } from './registry.testkit.ts';
import { schemaRegistry } from './schema-registry.ts';

const WITHIN = { timeout: 20_000, interval: 10 };
const WITHIN_SLOWLY = { timeout: 20_000, interval: 100 };

let world: KafkaWorld;
beforeAll(async () => {
  world = await KafkaWorld.boot();
});
afterAll(() => world?.[Symbol.asyncDispose]());

/** A group that takes note of what it was given of a test's own messages. */
async function listen(handle?: (taken: Taken) => Promise<void>, brokers?: string) {
  const group = `group-${randomUUID()}`;
  const context = testContext(`member-${randomUUID()}`);
  const taken: Taken[] = [];
  await world.consume(context, {
    group,
    ...(brokers === undefined ? {} : { brokers }),
    handle: async (one) => {
      await handle?.(one);
      taken.push(one);
    },
  });
  const ids = (among: readonly string[]) =>
    taken.map(({ messageId }) => messageId).filter((id) => among.includes(id));
  const until = (wanted: readonly string[]) =>
    expect
      .poll(() => new Set(ids(wanted)).size, { ...WITHIN, message: 'all messages were handled' })
      .toBe(wanted.length);
  return { group, context, taken, ids, until, [Symbol.asyncDispose]: () => context.end() };
}

/** Records of a topic from its beginning, by a client that is not ours. */
async function recordsOf(topic: string, wanted: (key: string) => boolean) {
  const kafka = new Kafka({ brokers: [world.direct], logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: `reader-${randomUUID()}` });
  const records: Array<{ value: Buffer | null; headers: Record<string, string> }> = [];
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message: { key, value, headers = {} } }) => {
      if (!wanted(key?.toString() ?? '')) return;
      const texts = Object.entries(headers).map(([name, text]) => [name, String(text)]);
      records.push({ value, headers: Object.fromEntries(texts) });
    },
  });
  return { records, [Symbol.asyncDispose]: () => consumer.disconnect() };
}

/** As a deployment does. */
async function register(url: string, subject: string, schema: string): Promise<number> {
  const response = await fetch(`${url}/subjects/${subject}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ schema }),
  });
  const { id } = (await response.json()) as { id: number };
  return id;
}

describe('the schema registry', () => {
  registryContract(() => {
    const { url } = world.stack.addressBook.registry;
    return {
      ...schemaRegistry(url),
      register: (subject, schema) => register(url, subject, schema),
    };
  });

  it('is unavailable when the broker is gone', async () => {
    await expect(schemaRegistry('http://127.0.0.1:1').schemaById(1)).rejects.toMatchObject({
      code: 'unavailable',
    });
  });
});

describe('a consumer', () => {
  it('gets messages of a key in the order in which they were published, with their headers', async () => {
    await using listener = await listen();
    const messages = Array.from({ length: 60 }, (_, n) => message(`key-${n % 3}`));
    await Promise.all(messages.map((one) => world.producer.publish([one])));
    await listener.until(idsOf(messages));
    for (const key of ['key-0', 'key-1', 'key-2']) {
      const published = idsOf(messages.filter((one) => one.key === key));
      expect(listener.ids(published)).toEqual(published);
    }
    const first = listener.taken.find(({ messageId }) => messageId === idsOf(messages)[0]);
    expect(first?.headers).toMatchObject({
      id: first?.messageId,
      eventType: 'CancelShipment',
      traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/),
    });
  });

  it('tries a message until it is handled, while other partitions go on', async () => {
    const bad = message('bad');
    const others = Array.from({ length: 20 }, (_, n) => message(`other-${n}`));
    let failures = 0;
    let mayPass = false;
    await using listener = await listen(async ({ messageId }) => {
      if (messageId !== bad.value.messageId || mayPass) return;
      failures += 1;
      throw new TypeError('not yet');
    });
    const after = message('bad');
    await world.producer.publish([bad, after, ...others]);
    const elsewhere = async () => listener.ids(idsOf(others)).length;
    await expect.poll(elsewhere, { ...WITHIN, message: 'others go on' }).toBeGreaterThan(0);
    await expect
      .poll(() => failures, { ...WITHIN, message: 'it is tried again' })
      .toBeGreaterThan(2);
    expect(listener.ids(idsOf([bad, after]))).toEqual([]);
    mayPass = true;
    await listener.until(idsOf([bad, after, ...others]));
    expect(listener.ids(idsOf([bad, after]))).toEqual(idsOf([bad, after]));
  });

  it('puts what cannot be read or meant aside, with its cause, and goes on', async () => {
    const key = `poison-${randomUUID()}`;
    const rejected = message(key);
    await using listener = await listen(async ({ messageId }) => {
      if (messageId === rejected.value.messageId) throw new PoisonMessage('invalid-message');
    });
    const unknownId = Buffer.from([0, 0, 0, 0x27, 0x0f, 1, 2, 3]);
    const bytes = [Buffer.from('garbage'), unknownId];
    const headers = [['note', Buffer.from('kept')]] as const;
    await world.producer.send(
      bytes.map((value) => ({ topic: TOPIC, key: Buffer.from(key), value, headers })),
    );
    const fine = message(key);
    await world.producer.publish([rejected, fine]);
    await listener.until(idsOf([fine]));
    await using dlq = await recordsOf(`${TOPIC}.dlq`, (of) => of === key);
    const group = () => dlq.records.filter((one) => one.headers['dlq-group'] === listener.group);
    await expect.poll(() => group().length, { ...WITHIN, message: 'put aside' }).toBe(3);
    const causes = group().map(({ headers: { 'dlq-cause': cause } }) => cause);
    expect(causes).toEqual(['not-wire-format', 'unknown-schema-id', 'invalid-message']);
    expect(
      group()
        .slice(0, 2)
        .map(({ value }) => value),
    ).toEqual(bytes);
    expect(group()[0]?.headers).toMatchObject({ note: 'kept', 'dlq-topic': TOPIC });
  });

  it('goes on where it stopped, without a second time', async () => {
    const listener = await listen();
    const before = Array.from({ length: 20 }, (_, n) => message(`key-${n}`));
    await world.producer.publish(before);
    await listener.until(idsOf(before));
    await listener.context.end();
    const after = Array.from({ length: 20 }, (_, n) => message(`key-${n}`));
    await world.producer.publish(after);
    await using context = testContext(listener.context.instance);
    const seen: string[] = [];
    await world.consume(context, {
      group: listener.group,
      handle: async ({ messageId }) => void seen.push(messageId),
    });
    await expect.poll(() => seen.length, { ...WITHIN, message: 'the rest' }).toBe(20);
    expect(seen.toSorted()).toEqual(idsOf(after).toSorted());
  });

  it('shares the work with another member, and takes it over when that one goes', async () => {
    await using first = await listen();
    await using context = testContext(`member-${randomUUID()}`);
    const other: string[] = [];
    await world.consume(context, {
      group: first.group,
      handle: async ({ messageId }) => void other.push(messageId),
    });
    const all: string[] = [];
    const publish = async () => {
      const batch = Array.from({ length: 12 }, (_, n) => message(`key-${n}`));
      all.push(...idsOf(batch));
      await world.producer.publish(batch);
    };
    await expect
      .poll(() => publish().then(() => other.some((id) => all.includes(id))), WITHIN_SLOWLY)
      .toBe(true);
    await context.end();
    await publish();
    const others = () => other.filter((id) => all.includes(id));
    const handled = () => new Set([...others(), ...first.ids(all)]).size;
    await expect.poll(handled, { ...WITHIN, message: 'nothing is lost' }).toBe(all.length);
  });

  it('comes back after its link was cut, and has lost nothing', async () => {
    await using listener = await listen(undefined, world.linked);
    const before = message('key');
    await world.producer.publish([before]);
    await listener.until(idsOf([before]));
    const cut = await world.stack.links.cut('inventory→kafka');
    const during = Array.from({ length: 10 }, (_, n) => message(`key-${n}`));
    await world.producer.publish(during);
    await cut.restore();
    await listener.until(idsOf(during));
    const after = message('key');
    await world.producer.publish([after]);
    await listener.until(idsOf([after]));
  });

  it('is not ready before it has joined its group', async () => {
    await using context = testContext(`member-${randomUUID()}`);
    await world.consume(context, {
      group: 'nowhere',
      brokers: '127.0.0.1:1',
      handle: async () => undefined,
    });
    expect((await context.health.readiness()).checks).toMatchObject({
      'kafka consumer nowhere': 'has not joined its group yet',
    });
  });
});

describe('a producer', () => {
  it('says so when nothing can be sent, and works again afterwards', async () => {
    await using context = testContext(`member-${randomUUID()}`);
    const { linked: brokers, codec } = world;
    const producer = await kafkaProducer(context, { brokers, codec });
    await producer.publish([message('key')]);
    await producer.probe(2_000);
    const cut = await world.stack.links.cut('inventory→kafka');
    await expect(producer.probe(1_000)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(producer.publish([message('key')])).rejects.toMatchObject({
      code: expect.stringMatching(/^(unavailable|outcome-unknown)$/),
    });
    await cut.restore();
    await producer.publish([message('key')]);
    await producer.probe(2_000);
  });

  it('does not let one record that is too large spoil the others', async () => {
    const large = {
      topic: TOPIC,
      key: undefined,
      value: Buffer.alloc(2_000_000),
      headers: [],
    };
    const fine = message('key');
    const results = await Promise.allSettled([
      world.producer.publish([fine]),
      world.producer.send([large]),
      world.producer.publish([message('key')]),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });
});
