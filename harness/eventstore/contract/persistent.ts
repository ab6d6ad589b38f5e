import {
  END,
  PersistentSubscriptionDoesNotExistError,
  PersistentSubscriptionDroppedError,
  PersistentSubscriptionExistsError,
  PersistentSubscriptionMaximumSubscribersReachedError,
  streamNameFilter,
} from '@eventstore/db-client';
import { describe, expect, it } from 'vitest';
import { ackAll, allFromStart, consume, fromStart, TestConsumer } from './consumers.ts';
import {
  type GetTarget,
  numbered,
  numbersOf,
  range,
  refusal,
  uniqueStream,
  within,
} from './target.ts';

/** Groups: creating and finding them, and what their consumers get. */
export function persistentContract(target: GetTarget): void {
  describe('a group', () => {
    groups(target);
    consumers(target);
  });
  describe('where a group starts', () => starts(target));
  describe('acknowledgements', () => {
    acknowledgements(target);
    negativeAcknowledgements(target);
  });
}

function groups(target: GetTarget): void {
  it('is created once, described, changed, listed and deleted', async () => {
    const { client } = target();
    const stream = uniqueStream('group');
    await client.createPersistentSubscriptionToStream(stream, 'g', fromStart());
    const again = client.createPersistentSubscriptionToStream(stream, 'g', fromStart());
    expect(await refusal(again)).toBeInstanceOf(PersistentSubscriptionExistsError);
    const settings = fromStart({ maxRetryCount: 3, readBatchSize: 7 });
    await client.updatePersistentSubscriptionToStream(stream, 'g', settings);
    const info = await client.getPersistentSubscriptionToStreamInfo(stream, 'g');
    expect(info).toMatchObject({ eventSource: stream, groupName: 'g', settings });
    const listed = await client.listPersistentSubscriptionsToStream(stream);
    expect(listed.map(({ groupName }) => groupName)).toEqual(['g']);
    await client.deletePersistentSubscriptionToStream(stream, 'g');
    for (const call of [
      () => client.getPersistentSubscriptionToStreamInfo(stream, 'g'),
      () => client.deletePersistentSubscriptionToStream(stream, 'g'),
      () => client.updatePersistentSubscriptionToStream(stream, 'g', settings),
      () => client.replayParkedMessagesToStream(stream, 'g'),
      () => client.listPersistentSubscriptionsToStream(stream),
    ]) {
      expect(await refusal(call())).toBeInstanceOf(PersistentSubscriptionDoesNotExistError);
    }
  });

  it('that does not exist cannot be read', async () => {
    const consumer = consume(target().client, uniqueStream('absent'), 'g');
    const error = await within('the read fails', consumer.ended);
    expect(error).toBeInstanceOf(PersistentSubscriptionDoesNotExistError);
  });
}

function consumers(target: GetTarget): void {
  it('drops its consumers when it is changed, and ends them when it is deleted', async () => {
    const { client } = target();
    const stream = uniqueStream('dropped');
    await client.appendToStream(stream, numbered(1));
    await client.createPersistentSubscriptionToStream(stream, 'g', fromStart());
    const first = consume(client, stream, 'g');
    await first.until(1);
    await client.updatePersistentSubscriptionToStream(stream, 'g', fromStart());
    const dropped = await within('the consumer is dropped', first.ended);
    expect(dropped).toBeInstanceOf(PersistentSubscriptionDroppedError);
    const second = consume(client, stream, 'g');
    await second.until(1);
    await client.deletePersistentSubscriptionToStream(stream, 'g');
    const deleted = await within('the consumer is ended', second.ended);
    expect(deleted).toBeInstanceOf(PersistentSubscriptionDoesNotExistError);
  });

  it('takes as many consumers as it may have, and one again when one left', async () => {
    const { client } = target();
    const stream = uniqueStream('limited');
    const settings = fromStart({ maxSubscriberCount: 1 });
    await client.appendToStream(stream, numbered(1));
    await client.createPersistentSubscriptionToStream(stream, 'g', settings);
    const first = consume(client, stream, 'g');
    await first.until(1);
    const second = consume(client, stream, 'g');
    expect(await within('the second is refused', second.ended)).toBeInstanceOf(
      PersistentSubscriptionMaximumSubscribersReachedError,
    );
    await first.stop();
    await expect
      .poll(async () => {
        const info = await client.getPersistentSubscriptionToStreamInfo(stream, 'g');
        return info.connections.length;
      })
      .toBe(0);
    const third = consume(client, stream, 'g', ackAll);
    await third.until(1);
    await third.stop();
  });
}

function starts(target: GetTarget): void {
  it.each([
    ['the start', fromStart().startFrom, range(6)],
    ['a revision, which is included', 2n, range(4, 2)],
    ['the end, as it was when the group was created', END, range(2, 4)],
  ] as const)('is %s', async (_label, startFrom, expected) => {
    const { client } = target();
    const stream = uniqueStream('start');
    await client.appendToStream(stream, numbered(4));
    await client.createPersistentSubscriptionToStream(stream, 'g', fromStart({ startFrom }));
    await client.appendToStream(stream, numbered(2, { first: 4 }));
    const consumer = consume(client, stream, 'g', ackAll);
    expect(numbersOf(await consumer.until(expected.length))).toEqual(expected);
    await client.appendToStream(stream, numbered(1, { first: 6 }));
    expect(numbersOf(await consumer.until(expected.length + 1)).at(-1)).toBe(6);
    await consumer.stop();
  });

  it('reads of $all what its filter lets pass, whatever the case of (?i)', async () => {
    const { client } = target();
    const [mine, other] = [uniqueStream('Mine'), uniqueStream('other')];
    const filter = streamNameFilter({ regex: `(?i)^${mine.toUpperCase()}$` });
    await client.createPersistentSubscriptionToAll(mine, allFromStart(), { filter });
    for (const first of [0, 1, 2]) {
      await client.appendToStream(other, numbered(2));
      await client.appendToStream(mine, numbered(1, { first }));
    }
    const subscription = client.subscribeToPersistentSubscriptionToAll(mine);
    const consumer = new TestConsumer(subscription, ackAll);
    expect(numbersOf(await consumer.until(3))).toEqual(range(3));
    expect(new Set(consumer.deliveries.map(({ event }) => event?.streamId))).toEqual(
      new Set([mine]),
    );
    await consumer.stop();
    await client.deletePersistentSubscriptionToAll(mine);
  });
}

function acknowledgements(target: GetTarget): void {
  it('leave room for the next messages: no more than bufferSize are in flight', async () => {
    const { client } = target();
    const stream = uniqueStream('flight');
    await client.appendToStream(stream, numbered(10));
    await client.createPersistentSubscriptionToStream(stream, 'g', fromStart());
    const consumer = consume(client, stream, 'g', undefined, 3);
    const first = [...(await consumer.until(3))];
    const info = await client.getPersistentSubscriptionToStreamInfo(stream, 'g');
    expect(info.connections).toMatchObject([{ inFlightMessages: 3, availableSlots: 0 }]);
    expect(consumer.deliveries).toHaveLength(3);
    await consumer.ack(first[1] as (typeof first)[number]);
    expect(numbersOf(await consumer.until(4))).toEqual(range(4));
    await consumer.stop();
  });

  it('are final: after a restart come the messages that have none, and no other', async () => {
    const { client } = target();
    const stream = uniqueStream('restart');
    await client.appendToStream(stream, numbered(6));
    await client.createPersistentSubscriptionToStream(stream, 'g', fromStart());
    const before = consume(client, stream, 'g');
    const [a, b, , d] = await before.until(6);
    if (a === undefined || b === undefined || d === undefined) throw new Error('Six are there.');
    // The third is missing: the checkpoint has to stay before it.
    await before.ack(a, b, d);
    await expect
      .poll(async () => {
        const info = await client.getPersistentSubscriptionToStreamInfo(stream, 'g');
        return info.stats.lastCheckpointedEventRevision;
      })
      .toBe(1n);
    await before.stop();
    await client.restartPersistentSubscriptionSubsystem();
    const after = consume(client, stream, 'g', ackAll);
    expect(numbersOf(await after.until(4)).toSorted()).toEqual(range(4, 2));
    await after.stop();
  });

  it('that are missing when a consumer leaves are left to the next consumer', async () => {
    const { client } = target();
    const stream = uniqueStream('leaves');
    await client.appendToStream(stream, numbered(4));
    await client.createPersistentSubscriptionToStream(stream, 'g', fromStart());
    const first = consume(client, stream, 'g');
    const [zero, one] = await first.until(4);
    if (zero === undefined || one === undefined) throw new Error('Four are there.');
    await first.ack(zero, one);
    await first.stop();
    const second = consume(client, stream, 'g', ackAll);
    const deliveries = await second.until(2);
    expect(numbersOf(deliveries)).toEqual([2, 3]);
    expect(deliveries.map(({ retryCount }) => retryCount)).toEqual([1, 1]);
    await second.stop();
  });
}

function negativeAcknowledgements(target: GetTarget): void {
  it('that say retry bring the message again, and count it', async () => {
    const { client } = target();
    const stream = uniqueStream('retry');
    await client.appendToStream(stream, numbered(2));
    await client.createPersistentSubscriptionToStream(stream, 'g', fromStart());
    const consumer = consume(client, stream, 'g', (delivery, subscription) =>
      delivery.retryCount < 2
        ? subscription.nack('retry', 'again', delivery)
        : subscription.ack(delivery),
    );
    const deliveries = await consumer.until(6);
    expect(deliveries.map(({ retryCount }) => retryCount).toSorted()).toEqual([0, 0, 1, 1, 2, 2]);
    await consumer.stop();
  });

  it('that say skip are as good as an ack', async () => {
    const { client } = target();
    const stream = uniqueStream('skip');
    await client.appendToStream(stream, numbered(2));
    await client.createPersistentSubscriptionToStream(stream, 'g', fromStart());
    const consumer = consume(client, stream, 'g', (delivery, subscription) =>
      subscription.nack('skip', 'no use', delivery),
    );
    await consumer.until(2);
    await expect
      .poll(async () => {
        const info = await client.getPersistentSubscriptionToStreamInfo(stream, 'g');
        return [info.stats.lastCheckpointedEventRevision, info.stats.parkedMessageCount];
      })
      .toEqual([1n, 0n]);
    await consumer.stop();
  });

  it('that do not come in time bring the message again', async () => {
    const { client } = target();
    const stream = uniqueStream('timeout');
    const settings = fromStart({ messageTimeout: 300 });
    await client.appendToStream(stream, numbered(1));
    await client.createPersistentSubscriptionToStream(stream, 'g', settings);
    const consumer = consume(client, stream, 'g', (delivery, subscription) =>
      delivery.retryCount === 0 ? undefined : subscription.ack(delivery),
    );
    const deliveries = await consumer.until(2);
    expect(deliveries.map(({ retryCount }) => retryCount)).toEqual([0, 1]);
    await consumer.stop();
  });
}
