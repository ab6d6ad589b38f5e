import {
  StreamDeletedError,
  StreamNotFoundError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { describe, expect, it } from 'vitest';
import {
  CLASSIC,
  collect,
  type GetTarget,
  numbered,
  numbersOf,
  positionOf,
  refusal,
  uniqueStream,
} from './target.ts';

/** Soft delete, re-creation, and tombstones. */
export function deleteContract(target: GetTarget): void {
  describe('soft delete', () => softDeletes(target));
  describe('re-creation after a soft delete', () => recreation(target));
  describe('tombstone', () => tombstones(target));
}

function softDeletes(target: GetTarget): void {
  it('makes the stream look missing, and leaves its events in $all', async () => {
    const { client } = target();
    const stream = uniqueStream('deleted');
    const appended = await client.appendToStream(stream, numbered(2));
    const deleted = await client.deleteStream(stream);
    expect(positionOf(deleted).commit).toBeGreaterThan(positionOf(appended).commit);
    await expect(collect(client.readStream(stream))).rejects.toThrow(StreamNotFoundError);
    const all = client.readAll({ fromPosition: positionOf(appended), maxCount: 1 });
    expect((await collect(all))[0]?.event?.streamId).toBe(stream);
  });

  it('keeps the expected revision', async () => {
    const { client } = target();
    const stream = uniqueStream('deleted');
    await client.appendToStream(stream, numbered(2));
    for (const expectedRevision of [0n, 'no_stream'] as const) {
      const error = await refusal(client.deleteStream(stream, { expectedRevision }));
      expect(error).toBeInstanceOf(WrongExpectedVersionError);
      expect(error).toMatchObject({ streamName: stream, actualVersion: 1n });
    }
    await client.deleteStream(stream, { expectedRevision: 1n });
  });

  it('refuses a stream that never was, but not one that has only metadata', async () => {
    const { client } = target();
    const stream = uniqueStream('never-注文');
    const error = await refusal(client.deleteStream(stream));
    expect(error).toBeInstanceOf(WrongExpectedVersionError);
    expect(error).toMatchObject({ expectedVersion: -2n, actualVersion: -1n });
    await client.setStreamMetadata(stream, { cacheControl: 5 });
    await client.deleteStream(stream, { expectedRevision: 'no_stream' });
  });
}

function recreation(target: GetTarget): void {
  async function deletedStream(): Promise<string> {
    const { client } = target();
    const stream = uniqueStream('recreated');
    await client.setStreamMetadata(stream, { maxCount: 2 });
    await client.appendToStream(stream, numbered(3));
    await client.deleteStream(stream);
    return stream;
  }

  for (const expectedRevision of ['any', 'no_stream', 2n] as const) {
    it(`goes on numbering and shows new events only, expecting ${expectedRevision}`, async () => {
      const { client } = target();
      const stream = await deletedStream();
      const events = numbered(2, { first: 3 });
      const result = await client.appendToStream(stream, events, { expectedRevision });
      expect(result.nextExpectedRevision).toBe(4n);
      expect(numbersOf(await collect(client.readStream(stream)))).toEqual([3, 4]);
      await client.appendToStream(stream, numbered(1, { first: 5 }));
      expect(numbersOf(await collect(client.readStream(stream)))).toEqual([3, 4, 5]);
      expect((await client.getStreamMetadata(stream)).metadata).toEqual({ truncateBefore: 3 });
    });
  }

  it('keeps the old events hidden when new metadata brings the stream back', async () => {
    const { client } = target();
    const stream = await deletedStream();
    await client.setStreamMetadata(stream, { maxCount: 10 });
    expect((await client.getStreamMetadata(stream)).metadata).toEqual({
      maxCount: 10,
      truncateBefore: 3,
    });
    await client.appendToStream(stream, numbered(1, { first: 3 }));
    expect(numbersOf(await collect(client.readStream(stream)))).toEqual([3]);
  });

  it('refuses stream_exists while the stream is deleted', async () => {
    const { client } = target();
    const stream = await deletedStream();
    const error = await refusal(
      client.appendToStream(stream, numbered(1), { expectedRevision: 'stream_exists' }),
    );
    expect(error).toBeInstanceOf(StreamDeletedError);
  });
}

function tombstones(target: GetTarget): void {
  it('ends every use of the stream and of its metadata', async () => {
    const { client } = target();
    const stream = uniqueStream('tombstoned');
    await client.appendToStream(stream, numbered(2));
    await client.tombstoneStream(stream, { expectedRevision: 1n });
    const uses = [
      () => collect(client.readStream(stream)),
      () => client.appendToStream(stream, numbered(1)),
      () => client.appendToStream(stream, numbered(1), CLASSIC),
      () => client.setStreamMetadata(stream, { maxCount: 1 }),
      () => client.deleteStream(stream),
      () => client.tombstoneStream(stream),
    ];
    for (const use of uses) expect(await refusal(use())).toBeInstanceOf(StreamDeletedError);
    expect(await refusal(collect(client.readStream(stream)))).toMatchObject({ streamName: stream });
  });

  it('is the last event of the stream in $all', async () => {
    const { client } = target();
    const stream = uniqueStream('tombstoned');
    await client.appendToStream(stream, numbered(1));
    const result = await client.tombstoneStream(stream);
    const [last] = await collect(client.readAll({ fromPosition: positionOf(result), maxCount: 1 }));
    expect(last?.event).toMatchObject({
      streamId: stream,
      type: '$streamDeleted',
      revision: 9_223_372_036_854_775_807n,
    });
  });

  it('keeps the expected revision', async () => {
    const { client } = target();
    const stream = uniqueStream('tombstoned');
    await client.appendToStream(stream, numbered(1));
    const wrong = client.tombstoneStream(stream, { expectedRevision: 3n });
    expect(await refusal(wrong)).toMatchObject({ expectedVersion: 3n, actualVersion: 0n });
    expect(await collect(client.readStream(stream))).toHaveLength(1);
  });

  it('can be put on a stream that never was', async () => {
    const { client } = target();
    const stream = uniqueStream('tombstoned');
    await client.tombstoneStream(stream, { expectedRevision: 'no_stream' });
    const append = client.appendToStream(stream, numbered(1));
    expect(await refusal(append)).toBeInstanceOf(StreamDeletedError);
  });
}
