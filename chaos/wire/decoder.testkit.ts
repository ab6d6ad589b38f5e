/** What the tests of all decoders share: conversations, their splits, and garbage. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type Decoder,
  type Message,
  OpaqueError,
  type Operation,
  type OperationEnd,
  type Protocol,
  type Side,
} from './protocol.ts';

/** Bytes of one side, as a string in latin1 or as they are. */
export type Turn = readonly [from: Side, bytes: Buffer | string];

/** A recording: a side and its bytes in base64 on each line. */
export const readRecording = (text: string): Turn[] =>
  text
    .trim()
    .split('\n')
    .map((line): Turn => {
      const [from, bytes = ''] = line.split(' ');
      return [from === 'client' ? 'client' : 'server', Buffer.from(bytes, 'base64')];
    });

const bytesOf = ([, bytes]: Turn): Buffer =>
  typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;

/** A decoder behind a proxy that forwards everything, and a record of what it saw. */
export class Wiretap {
  readonly decoder: Decoder;
  readonly messages: Message[] = [];
  readonly #forwarded: Record<Side, Buffer[]> = { client: [], server: [] };

  constructor(protocol: Protocol) {
    this.decoder = protocol.open();
  }

  read(from: Side, bytes: Buffer): void {
    for (const message of this.decoder.read(from, bytes)) {
      this.messages.push(message);
      if (!message.surplus) this.forward(message);
    }
  }

  forward(message: Message): void {
    const bytes = this.decoder.forward ? this.decoder.forward(message) : message.bytes;
    if (bytes) this.#forwarded[message.from].push(bytes);
  }

  play(turns: readonly Turn[]): this {
    for (const turn of turns) this.read(turn[0], bytesOf(turn));
    return this;
  }

  forwarded(from: Side): Buffer {
    return Buffer.concat(this.#forwarded[from]);
  }

  get operations(): Operation[] {
    return this.messages.flatMap(({ begins }) => begins);
  }

  get ends(): OperationEnd[] {
    return this.messages.flatMap(({ ends }) => ends);
  }

  get log(): string[] {
    return logOf(this.messages);
  }
}

/** One line for each operation, in the order in which they begin: name, attributes, end. */
export function logOf(messages: readonly Message[]): string[] {
  const ends = messages.flatMap((message) => message.ends);
  return messages
    .flatMap(({ begins }) => begins)
    .map(({ id, name, attributes }) => {
      const end = ends.find((other) => other.id === id);
      const words = Object.entries({ ...attributes, ...end?.attributes }).map(
        ([key, value]) => `${key}=${value}`,
      );
      const outcome = end ? `${end.outcome}${end.code === undefined ? '' : ` ${end.code}`}` : '…';
      return [name, ...words, '→', outcome].join(' ');
    });
}

/** Everything that a proxy would see of a conversation, without the bytes of contents. */
const seen = (tap: Wiretap): unknown => ({
  log: tap.log,
  ids: tap.operations.map(({ id }) => id),
  answered: tap.messages.flatMap(({ answers }) => answers),
  content: tap.operations.map(({ content }) => Buffer.concat([...content]).toString('latin1')),
  client: tap.forwarded('client').toString('latin1'),
  server: tap.forwarded('server').toString('latin1'),
});

const sent = (turns: readonly Turn[], from: Side): string =>
  Buffer.concat(turns.filter(([side]) => side === from).map(bytesOf)).toString('latin1');

/** Parts of up to this size, so that each size cuts at other positions, and 1 at all of them. */
const PART_BYTES_MAX = 48;

function split(turns: readonly Turn[], sizes: readonly number[]): Turn[] {
  let index = 0;
  return turns.flatMap((turn) => {
    const bytes = bytesOf(turn);
    const parts: Turn[] = [];
    for (let at = 0; at < bytes.length; ) {
      const end = at + (sizes[index++ % sizes.length] as number);
      parts.push([turn[0], bytes.subarray(at, end)]);
      at = end;
    }
    return parts;
  });
}

/** Byte for byte, however it is split. */
function expectUnaltered(protocol: Protocol, turns: readonly Turn[]): void {
  const whole = new Wiretap(protocol).play(turns);
  expect(whole.forwarded('client').toString('latin1')).toBe(sent(turns, 'client'));
  expect(whole.forwarded('server').toString('latin1')).toBe(sent(turns, 'server'));
  const expected = seen(whole);
  for (let size = 1; size <= PART_BYTES_MAX; size++) {
    const parts = split(turns, [size]);
    expect(seen(new Wiretap(protocol).play(parts)), `parts of ${size} bytes`).toEqual(expected);
  }
  const sizes = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 20 });
  const isSame = (parts: number[]): void => {
    expect(seen(new Wiretap(protocol).play(split(turns, parts)))).toEqual(expected);
  };
  fc.assert(fc.property(sizes, isSame), { numRuns: 50 });
}

/** For conversations that the test file has when it is loaded. */
export function itPassesUnaltered(protocol: Protocol, turns: readonly Turn[]): void {
  it('forwards the bytes that it reads, and sees the same however they are split', () => {
    expectUnaltered(protocol, turns);
  });

  it('reports only operations that the protocol lists', () => {
    const names = new Wiretap(protocol).play(turns).operations.map(({ name }) => name);
    expect(names.length).toBeGreaterThan(0);
    expect(protocol.operations).toEqual(expect.arrayContaining(names));
  });
}

/** Mutations of a conversation and plain garbage: nothing is lost, and nothing else is thrown. */
export function itSurvivesGarbage(protocol: Protocol, turns: readonly Turn[]): void {
  const side = fc.constantFrom<Side>('client', 'server');
  const garbage = fc
    .tuple(side, fc.uint8Array({ maxLength: 60 }))
    .map(([from, bytes]): Turn => [from, Buffer.from(bytes)]);
  const change = fc.record({
    turn: fc.nat(Math.max(0, turns.length - 1)),
    at: fc.nat(10_000),
    remove: fc.nat(12),
    insert: fc.uint8Array({ maxLength: 6 }),
  });
  const mutated = fc.array(change, { minLength: 1, maxLength: 4 }).map((changes) =>
    changes.reduce<Turn[]>(
      (result, { turn, at, remove, insert }) => {
        const [from] = result[turn] as Turn;
        const bytes = bytesOf(result[turn] as Turn);
        const position = at % (bytes.length + 1);
        const tail = bytes.subarray(position + remove);
        const changed = Buffer.concat([bytes.subarray(0, position), Buffer.from(insert), tail]);
        return result.with(turn, [from, changed]);
      },
      [...turns],
    ),
  );

  it('throws nothing but OpaqueError for garbage, and then has all that it did not return', () => {
    fc.assert(
      fc.property(fc.oneof(mutated, fc.array(garbage, { maxLength: 8 })), (conversation) => {
        const tap = new Wiretap(protocol);
        const read: Turn[] = [];
        for (const turn of conversation) {
          read.push(turn);
          try {
            tap.read(turn[0], bytesOf(turn));
          } catch (error) {
            if (!(error instanceof OpaqueError)) throw error;
            break;
          }
        }
        for (const from of ['client', 'server'] as const) {
          const returned = tap.messages
            .filter((message) => message.from === from)
            .map(({ bytes }) => bytes);
          const rest = tap.decoder.pending(from);
          expect(Buffer.concat([...returned, rest]).toString('latin1')).toBe(sent(read, from));
        }
      }),
      { numRuns: 500 },
    );
  });
}
