import { readFileSync } from 'node:fs';
import { COMPATIBILITY, SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import { CompressionTypes, Kafka, logLevel, type Producer } from 'kafkajs';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Unrecorded } from '../history/event.ts';
import type { AddressBook } from '../kernel/address-book.ts';
import { useOwnRuns } from '../testbed/stack.testkit.ts';
import { bootStack, type Stack } from '../testbed/stack.ts';
import { ConsumerGroups } from './consumer-groups.ts';
import { KafkaWitness, witnessGroup } from './kafka-witness.ts';
import { startSpans } from './spans.ts';

const BOOT_TIMEOUT_MS = 180_000;
const SETTLE_MS = 10_000;
const TOPIC = 'inventory.events';

const tests = useOwnRuns();
let stack: Stack;
let book: AddressBook;
let kafka: Kafka;
let producer: Producer;
let registry: SchemaRegistry;
let schemaId = 0;

beforeAll(async () => {
  stack = await bootStack({
    only: ['kafka', 'registry', 'otlp'],
    installation: tests.installation(),
    fresh: true,
  });
  book = stack.addressBook;
  kafka = new Kafka({ brokers: [book.kafka.bootstrap], logLevel: logLevel.NOTHING });
  producer = kafka.producer();
  await producer.connect();
  registry = new SchemaRegistry({ host: book.registry.url });
  const schema = readFileSync(new URL(`../../avro/${TOPIC}.avsc`, import.meta.url), 'utf8');
  ({ id: schemaId } = await registry.register(
    { type: SchemaType.AVRO, schema },
    { subject: `${TOPIC}-value`, compatibility: COMPATIBILITY.FULL_TRANSITIVE },
  ));
}, BOOT_TIMEOUT_MS);

afterAll(async () => {
  await producer.disconnect();
  await stack[Symbol.asyncDispose]();
});

function recording(): { events: Unrecorded[]; record: (event: Unrecorded) => void } {
  const events: Unrecorded[] = [];
  return { events, record: (event) => events.push(event) };
}

const witness = (record: (event: Unrecorded) => void, run: string = uuid()) =>
  KafkaWitness.start({
    bootstrap: book.kafka.bootstrap,
    registryUrl: book.registry.url,
    run,
    record,
  });

const reserved = (orderId: string) => ({
  messageId: uuid(),
  jobId: uuid(),
  orderId,
  causationId: uuid(),
  occurredAt: Date.now(),
  payload: {
    'sagaproof.inventory.StockReserved': { lines: [{ sku: 'sku-1', quantity: 2 }] },
  },
});

async function send(key: string, value: Buffer | null, topic = TOPIC): Promise<void> {
  await producer.send({ topic, messages: [{ key, value, headers: { id: key } }] });
}

describe('the Kafka witness', () => {
  it('records what is published from its start on, in the shape of the generated types', async () => {
    await send('before', await registry.encode(schemaId, reserved('before')));
    const { events, record } = recording();
    await using seen = await witness(record);
    await send('order-1', await registry.encode(schemaId, reserved('order-1')));
    await seen.settle(SETTLE_MS);
    expect(events).toMatchObject([
      {
        type: 'kafka',
        topic: TOPIC,
        key: 'order-1',
        headers: { id: 'order-1' },
        schemaId,
        value: {
          orderId: 'order-1',
          payload: { type: 'StockReserved', lines: [{ sku: 'sku-1', quantity: 2 }] },
        },
      },
    ]);
  });

  it.each([
    ['gzip', CompressionTypes.GZIP],
    ['Snappy', CompressionTypes.Snappy],
    ['LZ4', CompressionTypes.LZ4],
    ['Zstandard', CompressionTypes.ZSTD],
  ])('records what was compressed by %s', async (name, compression) => {
    const { events, record } = recording();
    await using seen = await witness(record);
    const value = await registry.encode(schemaId, reserved(name));
    await producer.send({ topic: TOPIC, compression, messages: [{ key: name, value }] });
    await seen.settle(SETTLE_MS);
    expect(events).toMatchObject([{ type: 'kafka', key: name, value: { orderId: name } }]);
  });

  it('records null branches as null', async () => {
    const { events, record } = recording();
    await using seen = await witness(record);
    const received = {
      ...reserved('x'),
      jobId: null,
      orderId: null,
      causationId: null,
      payload: { 'sagaproof.inventory.StockReceived': { sku: 'sku-2', quantity: 5 } },
    };
    await send('sku-2', await registry.encode(schemaId, received));
    await seen.settle(SETTLE_MS);
    expect(events).toMatchObject([
      { value: { orderId: null, payload: { type: 'StockReceived', sku: 'sku-2', quantity: 5 } } },
    ]);
  });

  it.each([
    ['bytes that are no Avro', Buffer.from('poison'), /not in the Confluent wire format/],
    ['no value', null, /it has no value/],
    ['a value that is cut', Buffer.from([0, 0, 0, 0, 1, 4]), /./],
  ])('records %s with the reason why it cannot be decoded', async (_, value, reason) => {
    const { events, record } = recording();
    await using seen = await witness(record);
    await send('poison', value);
    await seen.settle(SETTLE_MS);
    expect(events).toMatchObject([{ key: 'poison', undecodable: expect.stringMatching(reason) }]);
    expect(events[0]).not.toHaveProperty('value');
  });

  it('records dead letters as they are', async () => {
    const { events, record } = recording();
    await using seen = await witness(record);
    await send('dead', Buffer.from('poison'), `${TOPIC}.dlq`);
    await seen.settle(SETTLE_MS);
    expect(events).toMatchObject([{ topic: `${TOPIC}.dlq`, raw: btoa('poison') }]);
  });

  it('keeps the order of each key over many records', async () => {
    const { events, record } = recording();
    await using seen = await witness(record);
    const messages = await Promise.all(
      Array.from({ length: 500 }, async (_, at) => ({
        key: `order-${at % 7}`,
        value: await registry.encode(schemaId, reserved(`${at}`)),
      })),
    );
    await producer.send({ topic: TOPIC, messages });
    await seen.settle(SETTLE_MS);
    expect(events).toHaveLength(500);
    const byKey = Map.groupBy(events, (event) => (event.type === 'kafka' ? event.key : ''));
    for (const mine of byKey.values()) {
      const places = mine.map((event) =>
        event.type === 'kafka' ? Number(event.value?.['orderId']) : Number.NaN,
      );
      expect(places).toEqual(places.toSorted((a, b) => a - b));
    }
  });

  it('is not complete before it has read to the end', async () => {
    const { record } = recording();
    await using seen = await witness(record);
    await seen.close();
    await send('late', Buffer.from('late'));
    await expect(seen.settle(0)).rejects.toThrow();
  });

  it('leaves no consumer group behind', async () => {
    const admin = kafka.admin();
    await admin.connect();
    const run = uuid();
    const seen = await witness(() => undefined, run);
    const groups = await ConsumerGroups.start(admin, witnessGroup(run));
    await seen.close();
    const { groups: left } = await admin.listGroups();
    expect(left.map(({ groupId }) => groupId)).not.toContain(witnessGroup(run));
    expect(await groups.lag()).toBe(0);
    await admin.disconnect();
  });
});

describe('the witness of spans', () => {
  it('records what is exported from its start on', async () => {
    const { events, record } = recording();
    const spans = await startSpans(book.otlp.spansUrl, record);
    const span = {
      traceId: 'a'.repeat(32),
      spanId: 'b'.repeat(16),
      name: 'POST /v1/orders',
      kind: 2,
      startTimeUnixNano: '1000000',
      endTimeUnixNano: '2000000',
    };
    const service = { key: 'service.name', value: { stringValue: 'api-gateway' } };
    const response = await fetch(book.otlp.tracesUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        resourceSpans: [{ resource: { attributes: [service] }, scopeSpans: [{ spans: [span] }] }],
      }),
    });
    expect(response.ok).toBe(true);
    await spans.settle(SETTLE_MS);
    await spans.close();
    expect(events).toMatchObject([
      { type: 'span', service: 'api-gateway', name: 'POST /v1/orders', startMs: 1, endMs: 2 },
    ]);
  });
});
