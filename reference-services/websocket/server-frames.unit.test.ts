import { PassThrough, type Writable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as wsModule from 'ws';
import { FrameEncoder, TurnWriter, textFrame } from './server-frames.ts';

const SEED = Number(process.env['FAST_CHECK_SEED'] ?? 20_261_129);

/** The module has it, and its types do not. */
const { Receiver } = wsModule as unknown as {
  Receiver: new (options: { readonly isServer: boolean }) => Writable;
};

/** What a client reads, by a parser that is not ours. */
function readByClient(bytes: Buffer): Promise<string> {
  const receiver = new Receiver({ isServer: false });
  const read = Promise.withResolvers<string>();
  receiver.on('message', (data: Buffer) => read.resolve(data.toString()));
  receiver.on('error', read.reject);
  receiver.write(bytes);
  return read.promise;
}

describe('a text frame', () => {
  it.each([0, 125, 126, 127, 65_535, 65_536, 70_000])(
    'of %i bytes is read by a client',
    async (length) => {
      const text = 'x'.repeat(length);
      expect(await readByClient(textFrame(text))).toBe(text);
    },
  );

  it(`is read as it was written (seed ${SEED})`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 300 }), async (text) => {
        expect(await readByClient(textFrame(text))).toBe(text);
      }),
      { seed: SEED, numRuns: 200 },
    );
  });
});

describe('an encoder', () => {
  it('encodes a frame once for all who get it', () => {
    const encoder = new FrameEncoder();
    const frame = { type: 'pong' } as const;
    expect(encoder.encode(frame)).toBe(encoder.encode(frame));
    expect(encoder.encode({ ...frame })).not.toBe(encoder.encode(frame));
  });
});

describe('what is written in one turn', () => {
  it('goes to each socket in order, after the turn', async () => {
    const writer = new TurnWriter();
    const [one, other] = [new PassThrough(), new PassThrough()];
    let written = 0;
    for (const text of ['a', 'b', 'c']) writer.write(one, Buffer.from(text), () => (written += 1));
    writer.write(other, Buffer.from('z'), () => (written += 1));
    expect([one.writableCorked, other.writableCorked]).toEqual([1, 1]);
    await new Promise((resolve) => setImmediate(resolve));
    expect([one.writableCorked, other.writableCorked, written]).toEqual([0, 0, 4]);
    expect([String(one.read()), String(other.read())]).toEqual(['abc', 'z']);
  });
});
