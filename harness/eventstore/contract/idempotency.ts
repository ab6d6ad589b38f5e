import { type EventData, WrongExpectedVersionError } from '@eventstore/db-client';
import { expect, it } from 'vitest';
import {
  collect,
  type GetTarget,
  numbered,
  refusal,
  revisionsOf,
  type Target,
  uniqueStream,
} from './target.ts';

async function count({ client }: Target, stream: string): Promise<number> {
  return (await collect(client.readStream(stream))).length;
}

const at = (events: readonly EventData[], index: number) => events[index] as EventData;

/** Appending again what was appended: by event id, as the real server's index writer decides. */
export function idempotencyContract(target: GetTarget): void {
  it('answers a repeated append with any like the first time, and writes nothing', async () => {
    const { client } = target();
    const stream = uniqueStream('repeat');
    const events = numbered(3);
    const first = await client.appendToStream(stream, events);
    await client.appendToStream(stream, numbered(2));
    expect(await client.appendToStream(stream, events)).toEqual(first);
    expect(await count(target(), stream)).toBe(5);
  });

  it('answers a repeated append with no_stream or a number like the first time', async () => {
    const { client } = target();
    const stream = uniqueStream('repeat');
    const created = numbered(2);
    const next = numbered(2, { first: 2 });
    const first = await client.appendToStream(stream, created, { expectedRevision: 'no_stream' });
    const second = await client.appendToStream(stream, next, { expectedRevision: 1n });
    await client.appendToStream(stream, numbered(1));
    expect(await client.appendToStream(stream, created, { expectedRevision: 'no_stream' })).toEqual(
      first,
    );
    expect(await client.appendToStream(stream, next, { expectedRevision: 1n })).toEqual(second);
    expect(await count(target(), stream)).toBe(5);
  });

  it('takes a repeated beginning of an append for a repetition', async () => {
    const { client } = target();
    const stream = uniqueStream('beginning');
    const events = numbered(3);
    await client.appendToStream(stream, events);
    const again = await client.appendToStream(stream, events.slice(0, 2));
    expect(again.nextExpectedRevision).toBe(1n);
    expect(await count(target(), stream)).toBe(3);
  });

  it('refuses an append that was made before in part, whatever is expected', async () => {
    const { client } = target();
    const stream = uniqueStream('partial');
    const events = numbered(2);
    await client.appendToStream(stream, events, { expectedRevision: 'no_stream' });
    const mixed = [at(events, 0), at(events, 1), ...numbered(1)];
    for (const expectedRevision of ['any', 'stream_exists', 'no_stream'] as const) {
      const error = await refusal(client.appendToStream(stream, mixed, { expectedRevision }));
      expect(error).toBeInstanceOf(WrongExpectedVersionError);
    }
    expect(await count(target(), stream)).toBe(2);
  });

  it('refuses known events in another order when a number is expected', async () => {
    const { client } = target();
    const stream = uniqueStream('order');
    const events = numbered(2);
    await client.appendToStream(stream, events);
    const error = await refusal(
      client.appendToStream(stream, events.toReversed(), { expectedRevision: 'no_stream' }),
    );
    expect(error).toBeInstanceOf(WrongExpectedVersionError);
  });

  it('writes known ids again when the current revision is expected', async () => {
    const { client } = target();
    const stream = uniqueStream('again');
    const events = numbered(1);
    await client.appendToStream(stream, events);
    const again = await client.appendToStream(stream, events, { expectedRevision: 0n });
    expect(again.nextExpectedRevision).toBe(1n);
    const read = await collect(client.readStream(stream));
    expect(revisionsOf(read)).toEqual([0n, 1n]);
    expect(read[0]?.event?.id).toBe(read[1]?.event?.id);
  });

  it('keeps ids apart by stream', async () => {
    const { client } = target();
    const events = numbered(1);
    const first = await client.appendToStream(uniqueStream('one'), events);
    const second = await client.appendToStream(uniqueStream('two'), events);
    expect(second.nextExpectedRevision).toBe(0n);
    expect(second.position?.commit).not.toBe(first.position?.commit);
  });

  it('writes one of many concurrent repetitions', async () => {
    const { client } = target();
    const stream = uniqueStream('flood');
    const events = numbered(2);
    const results = await Promise.all(
      Array.from({ length: 50 }, () => client.appendToStream(stream, events)),
    );
    expect(new Set(results.map(({ position }) => position?.commit)).size).toBe(1);
    expect(await count(target(), stream)).toBe(2);
  });
}
