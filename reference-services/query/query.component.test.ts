import { Admin } from '@platformatic/kafka';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deadline, retry } from '#harness/kernel/poll.ts';
import { bootStack, type Stack } from '#harness/testbed/stack.ts';
import { registryCodec } from '#kit/avro.ts';
import { testContext } from '#kit/context.testkit.ts';
import { type GrpcClient, grpcClient } from '#kit/grpc.ts';
import { kafkaProducer, type Producer } from '#kit/kafka.ts';
import type { OwnedContext } from '#kit/service.ts';
import { QueryService } from '#proto/sagaproof/query/v1/query_pb.js';
import { kafkaEventLog } from './adapters/kafka-log.ts';
import {
  APPROVED,
  CANCELLATION_REQUESTED,
  CANCELLED,
  eventsOf,
  PLACED,
  STEP_COMPLETED,
} from './domain.testkit.ts';
import type { OrderEvent } from './domain.ts';
import { eventLogContract } from './log-contract.testkit.ts';

const BOOT_TIMEOUT_MS = 180_000;
const CALL_DEADLINE_MS = 10_000;
const CAUGHT_UP_WITHIN_MS = 30_000;
const TOPIC = 'order.events';
const LIFE = [PLACED, STEP_COMPLETED, APPROVED, CANCELLATION_REQUESTED, CANCELLED];

let stack: Stack;
let context: OwnedContext;
let producer: Producer;
let client: GrpcClient<typeof QueryService>;
let log: ReturnType<typeof kafkaEventLog>;

beforeAll(async () => {
  stack = await bootStack({ only: ['query'], fresh: true });
  const { kafka, registry, services } = stack.addressBook;
  const [instance] = services['query']?.instances ?? [];
  context = testContext('query-test');
  const codec = await registryCodec({ url: registry.url, topics: [TOPIC], log: context.log });
  producer = await kafkaProducer(context, { brokers: kafka.bootstrap, codec });
  log = kafkaEventLog(context, { brokers: kafka.bootstrap, codec });
  const address = `127.0.0.1:${instance?.ports['grpc']}`;
  client = grpcClient(context, QueryService, address, { deadlineMs: CALL_DEADLINE_MS });
}, BOOT_TIMEOUT_MS);

afterAll(async () => {
  await context?.end();
  await stack?.down();
});

const append = (events: readonly OrderEvent[]) =>
  producer.publish(events.map((value) => ({ topic: TOPIC, key: value.orderId, value })));

/** Orders of a customer of this test's own. */
function livesOf(orders: number) {
  const userId = crypto.randomUUID();
  const lives = Array.from({ length: orders }, () =>
    eventsOf(LIFE, { orderId: crypto.randomUUID(), userId }).map((event) => ({
      ...event,
      messageId: crypto.randomUUID(),
    })),
  );
  return { userId, events: LIFE.flatMap((_, step) => lives.flatMap((life) => life[step] ?? [])) };
}

async function untilListed(userId: string, orders: number, status: string) {
  using limit = deadline(`${orders} orders are ${status}`, CAUGHT_UP_WITHIN_MS);
  return retry(
    'the read model catches up',
    async () => {
      const listed = await client.listOrders({ userId, pageSize: 100 });
      const done = listed.orders.filter((order) => order.status === status);
      if (done.length !== orders) throw new Error(`${done.length} of ${orders}`);
      return listed.orders;
    },
    { signal: limit.signal },
  );
}

async function documents(): Promise<string> {
  const { url, database } = stack.addressBook.mongodb;
  const mongo = new MongoClient(url);
  try {
    const orders = mongo.db(database).collection('orders');
    return JSON.stringify(await orders.find().sort({ _id: 1 }).toArray());
  } finally {
    await mongo.close();
  }
}

async function groups(): Promise<string[]> {
  const admin = new Admin({
    clientId: 'test',
    bootstrapBrokers: stack.addressBook.kafka.bootstrap.split(','),
  });
  try {
    return [...(await admin.listGroups()).keys()];
  } finally {
    await admin.close();
  }
}

describe('the running service', () => {
  test('follows the topic, dies, comes back, and has everything once', async () => {
    const { userId, events } = livesOf(20);
    const half = events.length / 2;
    await append(events.slice(0, half));
    await stack.control.killInstance('query-1');
    await append(events.slice(half));
    await stack.control.restartInstance('query-1');
    const orders = await untilListed(userId, 20, 'cancelled');
    expect(new Set(orders.map(({ sequence }) => sequence))).toEqual(new Set([5n]));
  });

  test('rebuilds the read model to the same bytes and leaves no group behind', async () => {
    const { userId, events } = livesOf(10);
    await append(events);
    await untilListed(userId, 10, 'cancelled');
    const before = await documents();
    const { events: folded, orders } = await client.rebuildProjection({});
    expect(await documents()).toBe(before);
    expect(folded).toBeGreaterThanOrEqual(50n);
    expect(orders).toBeGreaterThanOrEqual(10n);
    expect((await groups()).filter((group) => group.startsWith('query-'))).toEqual([]);
  });

  test('goes on after a record that cannot be decoded, also in a rebuild', async () => {
    const poison = { topic: TOPIC, key: Buffer.from('k'), value: Buffer.from('?'), headers: [] };
    const { userId, events } = livesOf(6);
    await append(events.slice(0, 6));
    await producer.send([1, 2, 3].map((n) => ({ ...poison, key: Buffer.from(`k${n}`) })));
    await append(events.slice(6));
    await untilListed(userId, 6, 'cancelled');
    const before = await documents();
    await client.rebuildProjection({});
    expect(await documents()).toBe(before);
  });

  test('follows along during a rebuild', async () => {
    const { userId, events } = livesOf(30);
    // All on their way before the first can have ended: at least one finds it under way.
    const rebuild = () =>
      client.rebuildProjection({}).then(
        () => 'rebuilt',
        (error: { code: string }) => error.code,
      );
    const [, ...answers] = await Promise.all([
      append(events),
      ...Array.from({ length: 8 }, rebuild),
    ]);
    expect(new Set(answers)).toEqual(new Set(['rebuilt', 'projection-rebuilding']));
    await untilListed(userId, 30, 'cancelled');
  });
});

eventLogContract('Kafka', async () => ({ log, append }));
