import { binaryEvent, StreamNotFoundError } from '@eventstore/db-client';
import { describe, expect, it } from 'vitest';
import {
  collect,
  type GetTarget,
  numbered,
  numbersOf,
  positionOf,
  range,
  uniqueStream,
} from './target.ts';

/** More than one page of any server. */
const MANY = 1_200;

/** Reading streams and `$all`, both ways. */
export function readContract(target: GetTarget): void {
  describe('of a stream', () => streamReads(target));
  describe('of $all', () => allReads(target));
  describe('of links', () => linkReads(target));
}

function streamReads(target: GetTarget): void {
  async function fiveEvents(): Promise<string> {
    const stream = uniqueStream('read');
    await target().client.appendToStream(stream, numbered(5));
    return stream;
  }

  it('starts at the given revision, in both directions', async () => {
    const stream = await fiveEvents();
    const read = async (direction: 'forwards' | 'backwards') =>
      numbersOf(await collect(target().client.readStream(stream, { direction, fromRevision: 2n })));
    expect(await read('forwards')).toEqual([2, 3, 4]);
    expect(await read('backwards')).toEqual([2, 1, 0]);
  });

  it('gives at most maxCount events', async () => {
    const stream = await fiveEvents();
    const { client } = target();
    const first = await collect(client.readStream(stream, { maxCount: 2 }));
    const last = await collect(
      client.readStream(stream, { maxCount: 2, direction: 'backwards', fromRevision: 'end' }),
    );
    expect(numbersOf(first)).toEqual([0, 1]);
    expect(numbersOf(last)).toEqual([4, 3]);
  });

  it('gives nothing past the end forwards, and everything backwards', async () => {
    const stream = await fiveEvents();
    const { client } = target();
    expect(await collect(client.readStream(stream, { fromRevision: 5n }))).toEqual([]);
    expect(await collect(client.readStream(stream, { fromRevision: 'end' }))).toEqual([]);
    const backwards = { direction: 'backwards', fromRevision: 100n } as const;
    expect(numbersOf(await collect(client.readStream(stream, backwards)))).toEqual([4, 3, 2, 1, 0]);
  });

  it('gives the first event backwards from the start', async () => {
    const stream = await fiveEvents();
    const events = await collect(
      target().client.readStream(stream, { direction: 'backwards', fromRevision: 'start' }),
    );
    expect(numbersOf(events)).toEqual([0]);
  });

  it('says that there is no such stream, by name', async () => {
    const stream = uniqueStream('absent-注文');
    const error = await collect(target().client.readStream(stream)).catch((cause) => cause);
    expect(error).toBeInstanceOf(StreamNotFoundError);
    expect(error.streamName).toBe(stream);
  });

  it('gives a long stream whole, in order, in both directions', async () => {
    const { client } = target();
    const stream = uniqueStream('long');
    await client.appendToStream(stream, numbered(MANY));
    expect(numbersOf(await collect(client.readStream(stream)))).toEqual(range(MANY));
    const backwards = { direction: 'backwards', fromRevision: 'end' } as const;
    expect(numbersOf(await collect(client.readStream(stream, backwards)))).toEqual(
      range(MANY).toReversed(),
    );
  });
}

function allReads(target: GetTarget): void {
  /** Three appends to three streams, so that their order in `$all` is known. */
  async function threeAppends() {
    const { client } = target();
    const positions = [];
    for (const number of range(3)) {
      const result = await client.appendToStream(
        uniqueStream('all'),
        numbered(1, { first: number }),
      );
      positions.push(positionOf(result));
    }
    const [first, second, third] = positions;
    if (!first || !second || !third) throw new Error('Three appends give three positions.');
    return { first, second, third };
  }

  it('includes the given position forwards, and excludes it backwards', async () => {
    const { client } = target();
    const { first, second, third } = await threeAppends();
    const forwards = await collect(client.readAll({ fromPosition: second, maxCount: 2 }));
    expect(forwards.map(({ event }) => event?.position?.commit)).toEqual([
      second.commit,
      third.commit,
    ]);
    const backwards = await collect(
      client.readAll({ fromPosition: second, direction: 'backwards', maxCount: 1 }),
    );
    expect(backwards.map(({ event }) => event?.position?.commit)).toEqual([first.commit]);
  });

  it('gives nothing forwards from the end and backwards from the start', async () => {
    const { client } = target();
    await threeAppends();
    expect(await collect(client.readAll({ fromPosition: 'end' }))).toEqual([]);
    expect(
      await collect(client.readAll({ fromPosition: 'start', direction: 'backwards' })),
    ).toEqual([]);
  });

  it('starts with the last event backwards from the end', async () => {
    const { client } = target();
    const { third } = await threeAppends();
    const [last] = await collect(
      client.readAll({ fromPosition: 'end', direction: 'backwards', maxCount: 1 }),
    );
    expect(last?.event?.position?.commit).toBeGreaterThanOrEqual(third.commit);
  });

  it('orders the events of all streams by position, the same in both directions', async () => {
    const { client } = target();
    const { first } = await threeAppends();
    const stream = uniqueStream('all-long');
    await client.appendToStream(stream, numbered(MANY));
    const forwards = await collect(client.readAll({ fromPosition: first }));
    const positions = forwards.map(({ event }) => event?.position?.commit ?? 0n);
    expect(positions.length).toBeGreaterThanOrEqual(MANY + 3);
    expect(positions.every((position, i) => i === 0 || position > (positions[i - 1] ?? 0n))).toBe(
      true,
    );
    const backwards = await collect(
      client.readAll({ fromPosition: 'end', direction: 'backwards', maxCount: positions.length }),
    );
    expect(backwards.map(({ event }) => event?.position?.commit)).toEqual(positions.toReversed());
    const ours = forwards.filter(({ event }) => event?.streamId === stream);
    expect(numbersOf(ours)).toEqual(range(MANY));
  });
}

function linkReads(target: GetTarget): void {
  async function linkTo(data: string): Promise<string> {
    const stream = uniqueStream('links');
    const link = binaryEvent({ type: '$>', data: Buffer.from(data) });
    await target().client.appendToStream(stream, link);
    return stream;
  }

  it('gives the event behind a link together with the link when asked to resolve', async () => {
    const { client } = target();
    const stream = uniqueStream('linked@to');
    await client.appendToStream(stream, numbered(3));
    const links = await linkTo(`2@${stream}`);
    const [resolved] = await collect(client.readStream(links, { resolveLinkTos: true }));
    expect(resolved?.event).toMatchObject({ streamId: stream, revision: 2n });
    expect(resolved?.link).toMatchObject({ streamId: links, revision: 0n, type: '$>' });
    const [plain] = await collect(client.readStream(links));
    expect(plain?.event).toMatchObject({ streamId: links, type: '$>' });
    expect(plain?.link).toBeUndefined();
  });

  it('gives the link alone when the event behind it is not there', async () => {
    const { client } = target();
    for (const stream of [await linkTo(`0@${uniqueStream('gone')}`), await linkTo('no link')]) {
      const [resolved] = await collect(client.readStream(stream, { resolveLinkTos: true }));
      expect(resolved?.event).toBeUndefined();
      expect(resolved?.link).toMatchObject({ streamId: stream, type: '$>' });
    }
  });
}
