import { type StreamMetadata, WrongExpectedVersionError } from '@eventstore/db-client';
import { expect, it, vi } from 'vitest';
import {
  collect,
  type GetTarget,
  numbered,
  numberOf,
  numbersOf,
  positionOf,
  refusal,
  uniqueStream,
  WAIT_MS,
} from './target.ts';

/** What a stream's metadata hides on stream reads, and what it does not. */
export function truncationContract(target: GetTarget): void {
  async function fiveEventsWith(metadata: StreamMetadata) {
    const { client } = target();
    const stream = uniqueStream('truncated');
    const result = await client.appendToStream(stream, numbered(5));
    await client.setStreamMetadata(stream, metadata);
    return { stream, position: positionOf(result) };
  }
  const read = async (stream: string) =>
    numbersOf(await collect(target().client.readStream(stream)));

  it('gives metadata back, and its revision grows', async () => {
    const { client } = target();
    const { stream } = await fiveEventsWith({ maxCount: 4, ours: 'kept' });
    expect(await client.getStreamMetadata(stream)).toMatchObject({
      metadata: { maxCount: 4, ours: 'kept' },
      streamName: stream,
    });
    await client.setStreamMetadata(stream, { maxCount: 3 }, { expectedRevision: 0n });
    const error = await refusal(
      client.setStreamMetadata(stream, { maxCount: 2 }, { expectedRevision: 0n }),
    );
    expect(error).toBeInstanceOf(WrongExpectedVersionError);
    expect((await client.getStreamMetadata(stream)).metadata).toEqual({ maxCount: 3 });
    expect(await collect(client.readStream(`$$${stream}`))).toHaveLength(1);
  });

  it('hides all but the last $maxCount events, as the stream grows', async () => {
    const { client } = target();
    const { stream } = await fiveEventsWith({ maxCount: 2 });
    expect(await read(stream)).toEqual([3, 4]);
    await client.appendToStream(stream, numbered(1, { first: 5 }));
    expect(await read(stream)).toEqual([4, 5]);
    const backwards = await collect(
      client.readStream(stream, { direction: 'backwards', fromRevision: 'end' }),
    );
    expect(numbersOf(backwards)).toEqual([5, 4]);
  });

  it('hides what is before $tb, and the revisions go on', async () => {
    const { client } = target();
    const { stream } = await fiveEventsWith({ truncateBefore: 3 });
    expect(await read(stream)).toEqual([3, 4]);
    const result = await client.appendToStream(stream, numbered(1, { first: 5 }));
    expect(result.nextExpectedRevision).toBe(5n);
  });

  it('gives an empty stream, not a missing one, when all is truncated', async () => {
    const { stream } = await fiveEventsWith({ truncateBefore: 5 });
    expect(await read(stream)).toEqual([]);
  });

  it('hides what is older than $maxAge once it is, and not before', async () => {
    const { client } = target();
    const { stream } = await fiveEventsWith({ maxAge: 60 });
    expect(await read(stream)).toHaveLength(5);
    await client.setStreamMetadata(stream, { maxAge: 1 });
    await vi.waitFor(async () => expect(await read(stream)).toEqual([]), {
      timeout: WAIT_MS,
      interval: 100,
    });
    await client.appendToStream(stream, numbered(1, { first: 5 }));
    expect(await read(stream)).toEqual([5]);
  });

  it('still shows hidden events in $all', async () => {
    const { client } = target();
    const { stream, position } = await fiveEventsWith({ truncateBefore: 5 });
    const [event] = await collect(client.readAll({ fromPosition: position, maxCount: 1 }));
    expect(event?.event).toMatchObject({ streamId: stream, revision: 4n });
  });

  it('hides them from a subscription as well', async () => {
    const { client } = target();
    const { stream } = await fiveEventsWith({ truncateBefore: 3 });
    const numbers: number[] = [];
    for await (const resolved of client.subscribeToStream(stream)) {
      numbers.push(numberOf(resolved));
      if (numbers.at(-1) === 4) break;
    }
    expect(numbers).toEqual([3, 4]);
  });
}
