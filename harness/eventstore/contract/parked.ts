import { PARK } from '@eventstore/db-client';
import { expect, it } from 'vitest';
import { consume, fromStart } from './consumers.ts';
import { type GetTarget, numbered, numbersOf, uniqueStream } from './target.ts';

/** Messages that a consumer cannot process now: kept aside, counted and replayed. */
export function parkedContract(target: GetTarget): void {
  const parkedCount = async (stream: string) => {
    const info = await target().client.getPersistentSubscriptionToStreamInfo(stream, 'g');
    return info.stats.parkedMessageCount;
  };

  it('are those that were parked, and those that were retried too often', async () => {
    const { client } = target();
    const stream = uniqueStream('parked');
    const settings = fromStart({ maxRetryCount: 2 });
    await client.appendToStream(stream, numbered(3));
    await client.createPersistentSubscriptionToStream(stream, 'g', settings);
    const consumer = consume(client, stream, 'g', (delivery, subscription) => {
      const { revision } = delivery.event ?? { revision: 0n };
      if (revision === 0n) return subscription.nack(PARK, 'asked for', delivery);
      return revision === 1n
        ? subscription.nack('retry', 'again', delivery)
        : subscription.ack(delivery);
    });
    await expect.poll(() => parkedCount(stream)).toBe(2n);
    const tries = consumer.deliveries.filter(({ event }) => event?.revision === 1n);
    expect(tries.map(({ retryCount }) => retryCount)).toEqual([0, 1, 2]);
    await consumer.stop();
  });

  it('come back when they are replayed, and are gone once they are acknowledged', async () => {
    const { client } = target();
    const stream = uniqueStream('replay');
    await client.appendToStream(stream, numbered(5));
    await client.createPersistentSubscriptionToStream(stream, 'g', fromStart());
    const consumer = consume(client, stream, 'g', (delivery, subscription) =>
      delivery.link === undefined
        ? subscription.nack(PARK, 'later', delivery)
        : subscription.ack(delivery),
    );
    await expect.poll(() => parkedCount(stream)).toBe(5n);
    await client.replayParkedMessagesToStream(stream, 'g', { stopAt: 2 });
    expect(numbersOf((await consumer.until(7)).slice(5))).toEqual([0, 1]);
    await expect.poll(() => parkedCount(stream)).toBe(3n);
    await client.replayParkedMessagesToStream(stream, 'g');
    expect(numbersOf((await consumer.until(10)).slice(7))).toEqual([2, 3, 4]);
    await expect.poll(() => parkedCount(stream)).toBe(0n);
    await consumer.stop();
    await client.restartPersistentSubscriptionSubsystem();
    expect(await parkedCount(stream)).toBe(0n);
  });
}
