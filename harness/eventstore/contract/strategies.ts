import {
  DISPATCH_TO_SINGLE,
  type EventStoreDBClient,
  jsonEvent,
  PINNED,
  ROUND_ROBIN,
  streamNameFilter,
} from '@eventstore/db-client';
import { expect, it } from 'vitest';
import { allFromStart, consume, fromStart, TestConsumer } from './consumers.ts';
import { type GetTarget, numbered, uniqueStream } from './target.ts';

/** Which of several consumers of a group gets a message. */
export function strategyContract(target: GetTarget): void {
  const twoConsumers = async (strategy: string, count: number) => {
    const { client } = target();
    const stream = uniqueStream('strategy');
    const settings = fromStart({ consumerStrategyName: strategy, startFrom: 'end' });
    await client.createPersistentSubscriptionToStream(stream, 'g', settings);
    const consumers = [1, 2].map(() => consume(client, stream, 'g', undefined, 100));
    await connected(client, stream, 2);
    await client.appendToStream(stream, numbered(count));
    const all = () => consumers.flatMap(({ deliveries }) => deliveries);
    await expect.poll(() => all().length).toBe(count);
    for (const consumer of consumers) await consumer.stop();
    return consumers.map(({ deliveries }) => deliveries.length).toSorted((a, b) => a - b);
  };

  it('RoundRobin gives both the same number', async () => {
    expect(await twoConsumers(ROUND_ROBIN, 20)).toEqual([10, 10]);
  });

  it('DispatchToSingle gives all to one, as long as that one has room', async () => {
    expect(await twoConsumers(DISPATCH_TO_SINGLE, 20)).toEqual([0, 20]);
  });

  it('Pinned gives the events of one stream to one consumer', async () => {
    const { client } = target();
    const prefix = uniqueStream('pinned');
    const filter = streamNameFilter({ prefixes: [prefix] });
    const settings = { ...allFromStart(), consumerStrategyName: PINNED };
    await client.createPersistentSubscriptionToAll(prefix, settings, { filter });
    const consumers = [1, 2].map(
      () =>
        new TestConsumer(
          client.subscribeToPersistentSubscriptionToAll(prefix, { bufferSize: 200 }),
        ),
    );
    await expect
      .poll(
        async () => (await client.getPersistentSubscriptionToAllInfo(prefix)).connections.length,
      )
      .toBe(2);
    // An odd number: consumers that take turns would otherwise get the same streams each round.
    for (let round = 0; round < 3; round++) {
      for (let n = 0; n < 21; n++) {
        await client.appendToStream(`${prefix}-${n}`, jsonEvent({ type: 'pinned', data: {} }));
      }
    }
    const all = () => consumers.flatMap(({ deliveries }) => deliveries);
    await expect.poll(() => all().length).toBe(63);
    const streams = consumers.map(
      ({ deliveries }) => new Set(deliveries.map(({ event }) => event?.streamId)),
    );
    const [first = new Set(), second = new Set()] = streams;
    expect(first.size).toBeGreaterThan(0);
    expect(second.size).toBeGreaterThan(0);
    expect(first.intersection(second).size).toBe(0);
    for (const consumer of consumers) await consumer.stop();
    await client.deletePersistentSubscriptionToAll(prefix);
  });
}

async function connected(client: EventStoreDBClient, stream: string, count: number) {
  await expect
    .poll(async () => {
      const info = await client.getPersistentSubscriptionToStreamInfo(stream, 'g');
      return info.connections.length;
    })
    .toBe(count);
}
