import {
  type AppendToStreamOptions,
  binaryEvent,
  jsonEvent,
  MaxAppendSizeExceededError,
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
  range,
  refusal,
  revisionsOf,
  uniqueStream,
} from './target.ts';

const WAYS: Readonly<Record<string, AppendToStreamOptions>> = { batch: {}, classic: CLASSIC };
const APPEND_BYTES_MAX = 1_048_576;

/** Appending, in both ways that the client has. */
export function appendContract(target: GetTarget): void {
  for (const [way, options] of Object.entries(WAYS)) {
    describe(`the ${way} way`, () => oneWay(target, options));
  }

  it('answers hundreds of concurrent appends, each with a revision of its own', async () => {
    const { client } = target();
    const stream = uniqueStream('concurrent');
    const results = await Promise.all(
      numbered(300).map((event) => client.appendToStream(stream, event)),
    );
    const revisions = results.map((result) => Number(result.nextExpectedRevision));
    expect(revisions.toSorted((a, b) => a - b)).toEqual(range(300));
    expect(await collect(client.readStream(stream))).toHaveLength(300);
  });

  it('lets exactly one of several rivals with the same expectation win', async () => {
    const { client } = target();
    const stream = uniqueStream('rivals');
    const outcomes = await Promise.allSettled(
      numbered(20).map((event) =>
        client.appendToStream(stream, event, { expectedRevision: 'no_stream' }),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await collect(client.readStream(stream))).toHaveLength(1);
  });
}

function oneWay(target: GetTarget, way: AppendToStreamOptions): void {
  expectations(target, way);
  contents(target, way);
  sizes(target, way);

  it('numbers events from 0 and gives positions that grow', async () => {
    const { client } = target();
    const stream = uniqueStream('append');
    const first = await client.appendToStream(stream, numbered(3), way);
    const second = await client.appendToStream(stream, numbered(1, { first: 3 }), way);
    expect(first).toMatchObject({ success: true, nextExpectedRevision: 2n });
    expect(second).toMatchObject({ success: true, nextExpectedRevision: 3n });
    expect(positionOf(second).commit).toBeGreaterThan(positionOf(first).commit);
    expect(positionOf(second).prepare).toBe(positionOf(second).commit);
    const events = await collect(client.readStream(stream));
    expect(numbersOf(events)).toEqual(range(4));
    expect(revisionsOf(events)).toEqual([0n, 1n, 2n, 3n]);
    expect(events.at(-1)?.event?.position?.commit).toBe(positionOf(second).commit);
  });

  it('accepts an append of nothing and creates nothing', async () => {
    const { client } = target();
    const stream = uniqueStream('empty');
    expect(await client.appendToStream(stream, [], way)).toMatchObject({ success: true });
    await expect(collect(client.readStream(stream))).rejects.toThrow(StreamNotFoundError);
    await client.appendToStream(stream, numbered(2), way);
    const result = await client.appendToStream(stream, [], way);
    expect(result).toMatchObject({ success: true, nextExpectedRevision: 1n });
  });
}

function expectations(target: GetTarget, way: AppendToStreamOptions): void {
  it('refuses no_stream when the stream has events, and names both revisions', async () => {
    const { client } = target();
    const stream = uniqueStream('expect');
    await client.appendToStream(stream, numbered(2), way);
    const error = await refusal(
      client.appendToStream(stream, numbered(1), { ...way, expectedRevision: 'no_stream' }),
    );
    expect(error).toBeInstanceOf(WrongExpectedVersionError);
    expect(error).toMatchObject({
      streamName: stream,
      expectedVersion: 'no_stream',
      actualVersion: 1n,
    });
    expect(await collect(client.readStream(stream))).toHaveLength(2);
  });

  it('accepts the exact revision, and refuses one before or after it', async () => {
    const { client } = target();
    const stream = uniqueStream('expect');
    const append = (expectedRevision: bigint) =>
      client.appendToStream(stream, numbered(1), { ...way, expectedRevision });
    await client.appendToStream(stream, numbered(2), way);
    for (const wrong of [0n, 2n]) {
      const error = await refusal(append(wrong));
      expect(error).toBeInstanceOf(WrongExpectedVersionError);
      expect(error).toMatchObject({ expectedVersion: wrong, actualVersion: 1n });
    }
    expect(await append(1n)).toMatchObject({ nextExpectedRevision: 2n });
  });

  it('refuses a number and stream_exists while there is no stream', async () => {
    const { client } = target();
    const stream = uniqueStream('expect');
    for (const expectedRevision of [0n, 'stream_exists'] as const) {
      const error = await refusal(
        client.appendToStream(stream, numbered(1), { ...way, expectedRevision }),
      );
      expect(error).toBeInstanceOf(WrongExpectedVersionError);
      expect(error).toMatchObject({
        expectedVersion: expectedRevision,
        actualVersion: 'no_stream',
      });
    }
  });

  it('accepts stream_exists once there are events, or only metadata', async () => {
    const { client } = target();
    const withEvents = uniqueStream('exists');
    const withMetadata = uniqueStream('exists');
    await client.appendToStream(withEvents, numbered(1), { ...way, expectedRevision: 'no_stream' });
    await client.setStreamMetadata(withMetadata, { cacheControl: 5 });
    const options = { ...way, expectedRevision: 'stream_exists' as const };
    expect(await client.appendToStream(withEvents, numbered(1), options)).toMatchObject({
      nextExpectedRevision: 1n,
    });
    expect(await client.appendToStream(withMetadata, numbered(1), options)).toMatchObject({
      nextExpectedRevision: 0n,
    });
  });
}

function contents(target: GetTarget, way: AppendToStreamOptions): void {
  it('gives back JSON, binary, metadata and unusual names as they were', async () => {
    const { client } = target();
    const stream = uniqueStream('注文 ‐ ünï%20');
    const json = jsonEvent({ type: '型‐1', data: { text: 'CC ‐ 1830' }, metadata: { who: '私' } });
    const binary = binaryEvent({ type: 'binary', data: Buffer.from([0, 255, 128]) });
    const before = Date.now();
    await client.appendToStream(stream, [json, binary], way);
    const [first, second] = (await collect(client.readStream(stream))).map(({ event }) => event);
    expect(first).toMatchObject({
      id: json.id,
      streamId: stream,
      type: '型‐1',
      isJson: true,
      data: { text: 'CC ‐ 1830' },
      metadata: { who: '私' },
    });
    expect(second).toMatchObject({ id: binary.id, isJson: false, metadata: undefined });
    expect(Buffer.from(second?.data as Uint8Array)).toEqual(Buffer.from([0, 255, 128]));
    // A minute for clocks that differ, when the server is another machine.
    expect(Math.abs((first?.created.getTime() ?? 0) - before)).toBeLessThan(60_000);
  });
}

function sizes(target: GetTarget, way: AppendToStreamOptions): void {
  it('refuses an append above 1 MiB in all, and writes none of it', async () => {
    const { client } = target();
    const stream = uniqueStream('oversize');
    const half = Buffer.alloc(APPEND_BYTES_MAX / 2, 1);
    const events = [half, half, half].map((data) => binaryEvent({ type: 'half', data }));
    const error = await refusal(client.appendToStream(stream, events, way));
    expect(error).toBeInstanceOf(MaxAppendSizeExceededError);
    expect(error).toMatchObject({ maxAppendSize: APPEND_BYTES_MAX });
    await expect(collect(client.readStream(stream))).rejects.toThrow(StreamNotFoundError);
  });

  it('accepts an append just below 1 MiB', async () => {
    const { client } = target();
    const stream = uniqueStream('large');
    const data = Buffer.alloc(APPEND_BYTES_MAX - 1_024, 1);
    await client.appendToStream(stream, binaryEvent({ type: 'large', data }), way);
    const [read] = await collect(client.readStream(stream));
    expect(read?.event?.data).toHaveLength(data.length);
  });
}
