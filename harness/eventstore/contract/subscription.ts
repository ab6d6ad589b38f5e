import {
  type AllStreamSubscription,
  eventTypeFilter,
  type Position,
  StreamDeletedError,
  type StreamSubscription,
  streamNameFilter,
} from '@eventstore/db-client';
import { describe, expect, it } from 'vitest';
import {
  collect,
  type GetTarget,
  numbered,
  numberOf,
  positionOf,
  range,
  refusal,
  uniqueStream,
  within,
} from './target.ts';

interface Watched {
  /** In the order of arrival: event numbers, `caught up` and `confirmed`. */
  readonly log: (number | string)[];
  failure(): Promise<Error>;
  /** Resolves when this was seen. */
  until(seen: number | string): Promise<void>;
  close(): Promise<void>;
}

/** Keeps a log of everything that a subscription tells. */
function watch(subscription: StreamSubscription | AllStreamSubscription): Watched {
  const log: (number | string)[] = [];
  const waiting = new Set<{ seen: number | string; resolve: () => void }>();
  const failed = Promise.withResolvers<Error>();
  const note = (entry: number | string) => {
    log.push(entry);
    for (const waiter of waiting) if (waiter.seen === entry) waiter.resolve();
  };
  subscription.on('confirmation', () => note('confirmed'));
  subscription.on('caughtUp', () => note('caught up'));
  subscription.on('error', failed.resolve);
  subscription.on('data', (resolved: { event?: { data: unknown } }) => {
    note(numberOf(resolved));
  });
  return {
    log,
    failure: () => within('the subscription fails', failed.promise),
    async until(seen) {
      if (log.includes(seen)) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.add({ seen, resolve });
      await within(`the subscription tells ${seen}`, promise);
    },
    close: () => subscription.unsubscribe(),
  };
}

/** Catch-up subscriptions to streams and `$all`. */
export function subscriptionContract(target: GetTarget): void {
  describe('to a stream', () => toStream(target));
  describe('to $all', () => toAll(target));
  describe('to $all, filtered', () => filtered(target));
}

function toStream(target: GetTarget): void {
  it('confirms, gives the history, says caughtUp, and goes on live, in order', async () => {
    const { client } = target();
    const stream = uniqueStream('subscribed');
    await client.appendToStream(stream, numbered(3));
    const seen = watch(client.subscribeToStream(stream));
    await seen.until('caught up');
    for (const first of [3, 4, 5]) await client.appendToStream(stream, numbered(1, { first }));
    await seen.until(5);
    await seen.close();
    expect(seen.log).toEqual(['confirmed', 0, 1, 2, 'caught up', 3, 4, 5]);
  });

  it('starts after the given revision, and with new events only from the end', async () => {
    const { client } = target();
    const stream = uniqueStream('subscribed');
    await client.appendToStream(stream, numbered(3));
    const after = watch(client.subscribeToStream(stream, { fromRevision: 1n }));
    const live = watch(client.subscribeToStream(stream, { fromRevision: 'end' }));
    await Promise.all([after.until('caught up'), live.until('caught up')]);
    await client.appendToStream(stream, numbered(1, { first: 3 }));
    await Promise.all([after.until(3), live.until(3)]);
    await Promise.all([after.close(), live.close()]);
    expect(after.log).toEqual(['confirmed', 2, 'caught up', 3]);
    expect(live.log).toEqual(['confirmed', 'caught up', 3]);
  });

  it('waits for a stream that is not there yet, and sees nothing of others', async () => {
    const { client } = target();
    const stream = uniqueStream('later');
    const seen = watch(client.subscribeToStream(stream));
    await seen.until('caught up');
    await client.appendToStream(`${stream}-other`, numbered(1, { first: 99 }));
    await client.appendToStream(stream, numbered(2));
    await seen.until(1);
    await seen.close();
    expect(seen.log).toEqual(['confirmed', 'caught up', 0, 1]);
  });

  it('ends with stream-deleted when the stream is tombstoned, before or during it', async () => {
    const { client } = target();
    const stream = uniqueStream('tombstoned');
    await client.appendToStream(stream, numbered(1));
    const during = watch(client.subscribeToStream(stream));
    await during.until('caught up');
    await client.tombstoneStream(stream);
    expect(await during.failure()).toBeInstanceOf(StreamDeletedError);
    const after = watch(client.subscribeToStream(stream));
    expect(await after.failure()).toBeInstanceOf(StreamDeletedError);
  });

  it('loses and repeats nothing for a client that reads slower than others write', async () => {
    const { client } = target();
    const stream = uniqueStream('slow');
    const padding = 'x'.repeat(4_096);
    const subscription = client.subscribeToStream(stream, {}, { highWaterMark: 1 });
    const caughtUp = new Promise((resolve) => subscription.once('caughtUp', resolve));
    const written = Promise.withResolvers<void>();
    const numbers: number[] = [];
    const reading = (async () => {
      for await (const resolved of subscription) {
        numbers.push(numberOf(resolved));
        if (numbers.length === 1) await written.promise;
        if (numbers.at(-1) === 1_999) return;
      }
    })();
    await within('the subscription catches up', caughtUp);
    // 8 MB: more than the flow control of one call lets through unread.
    for (const first of range(20)) {
      const events = numbered(100, { first: first * 100 });
      for (const event of events) Object.assign(event, { metadata: { padding } });
      await client.appendToStream(stream, events);
    }
    written.resolve();
    await within('the slow client sees the last event', reading);
    expect(numbers).toEqual(range(2_000));
  });
}

function toAll(target: GetTarget): void {
  it('starts after the given position, and shows two subscribers the same order', async () => {
    const { client } = target();
    const [one, two] = [uniqueStream('all'), uniqueStream('all')];
    const before = positionOf(await client.appendToStream(one, numbered(1)));
    await client.appendToStream(two, numbered(1, { first: 1 }));
    const seen = [watchOurs(), watchOurs()];
    function watchOurs() {
      const filter = streamNameFilter({ prefixes: [one, two] });
      return watch(client.subscribeToAll({ fromPosition: before, filter }));
    }
    await Promise.all(seen.map((each) => each.until('caught up')));
    await Promise.all(
      range(40, 2).map((first) =>
        client.appendToStream(first % 2 === 0 ? one : two, numbered(1, { first })),
      ),
    );
    await client.appendToStream(one, numbered(1, { first: 42 }));
    await Promise.all(seen.map((each) => each.until(42)));
    await Promise.all(seen.map((each) => each.close()));
    const [first, second] = seen.map(({ log }) => log.filter((entry) => entry !== 'caught up'));
    expect(first).toEqual(second);
    expect(first?.toSorted()).toEqual(['confirmed', ...range(42, 1)].toSorted());
  });

  it('gives every event without a filter, from now on when started at the end', async () => {
    const { client } = target();
    const stream = uniqueStream('all');
    await client.appendToStream(stream, numbered(1));
    const subscription = client.subscribeToAll({ fromPosition: 'end' });
    const caughtUp = new Promise((resolve) => subscription.once('caughtUp', resolve));
    const seen: (readonly [string | undefined, bigint | undefined])[] = [];
    const done = Promise.withResolvers<void>();
    subscription.on('data', ({ event }) => {
      seen.push([event?.streamId, event?.revision]);
      if (event?.streamId === `$$${stream}`) done.resolve();
    });
    await within('the subscription catches up', caughtUp);
    await client.appendToStream(stream, numbered(2, { first: 1 }));
    await client.setStreamMetadata(stream, { maxCount: 3 });
    await within('the metadata event comes', done.promise);
    await subscription.unsubscribe();
    expect(seen.filter(([name]) => name?.endsWith(stream))).toEqual([
      [stream, 1n],
      [stream, 2n],
      [`$$${stream}`, 0n],
    ]);
  });
}

function filtered(target: GetTarget): void {
  const type = () => uniqueStream('type').replaceAll('-', '');

  it('passes what a prefix or a regex of stream name or event type says', async () => {
    const { client } = target();
    const [mine, other] = [type(), type()];
    const start = await client.appendToStream(uniqueStream('start'), numbered(1));
    for (const first of range(4)) {
      const name = first % 2 === 0 ? mine : other;
      await client.appendToStream(`${name}-stream`, numbered(1, { first, type: name }));
    }
    const filters = [
      streamNameFilter({ prefixes: [mine] }),
      streamNameFilter({ regex: `^${mine}-` }),
      eventTypeFilter({ prefixes: ['no such type', mine] }),
      eventTypeFilter({ regex: `${mine}$` }),
    ];
    for (const filter of filters) {
      const seen = watch(client.subscribeToAll({ fromPosition: positionOf(start), filter }));
      await seen.until('caught up');
      await client.appendToStream(`${other}-stream`, numbered(1, { first: 77, type: other }));
      await client.appendToStream(`${mine}-stream`, numbered(1, { first: 4, type: mine }));
      await seen.until(4);
      await seen.close();
      expect(seen.log.filter((entry) => entry !== 4)).toEqual(['confirmed', 0, 2, 'caught up']);
    }
  });

  it('gives checkpoints as events are considered, whether or not they pass', async () => {
    const { client } = target();
    const start = await client.appendToStream(uniqueStream('start'), numbered(1));
    await client.appendToStream(uniqueStream('skipped'), numbered(200));
    const checkpoints: Position[] = [];
    const filter = streamNameFilter({
      prefixes: [uniqueStream('nothing')],
      maxSearchWindow: 10,
      checkpointInterval: 2,
      checkpointReached: (_, position) => void checkpoints.push(position),
    });
    const seen = watch(client.subscribeToAll({ fromPosition: positionOf(start), filter }));
    await seen.until('caught up');
    await seen.close();
    // One in 20 of at least 200, and one on going live; other tests may add events too.
    expect(checkpoints.length).toBeGreaterThanOrEqual(10);
    const commits = checkpoints.map(({ commit }) => commit);
    expect(commits).toEqual(commits.toSorted((a, b) => (a < b ? -1 : 1)));
    expect(commits[0]).toBeGreaterThan(positionOf(start).commit);
  });

  it('lets a subscriber go on from a checkpoint without a gap', async () => {
    const { client } = target();
    const stream = uniqueStream('resumed');
    await client.appendToStream(stream, numbered(100));
    const positions: Position[] = [];
    const seenAt: number[] = [];
    const filter = streamNameFilter({
      prefixes: [stream],
      maxSearchWindow: 7,
      checkpointReached: (_, position) => {
        positions.push(position);
        seenAt.push(first.log.filter((entry) => typeof entry === 'number').length);
      },
    });
    const first = watch(client.subscribeToAll({ filter }));
    await first.until(99);
    await first.close();
    const resumeAt = positions.findLastIndex((_, index) => (seenAt[index] ?? 0) < 100);
    const rest = watch(
      client.subscribeToAll({
        fromPosition: positions[resumeAt] as Position,
        filter: streamNameFilter({ prefixes: [stream] }),
      }),
    );
    await rest.until('caught up');
    await rest.close();
    const expected = range(100).slice(seenAt[resumeAt]);
    expect(rest.log.filter((entry) => typeof entry === 'number')).toEqual(expected);
  });

  it('refuses a regex that does not compile', async () => {
    const subscription = target().client.subscribeToAll({
      filter: streamNameFilter({ regex: '(unclosed' }),
    });
    await refusal(collect(subscription));
  });
}
