/**
 * HPACK (RFC 7541): reads compressed headers without altering them, and writes headers that need no
 * shared state. The published decoders are abandoned (the newest release is of 2018); node:http2
 * has one that cannot be used alone. Tests compare this one with that of node:http2.
 */
import { OpaqueError } from '../protocol.ts';
import { CODE_BITS_MAX, END_OF_STRING, HUFFMAN, STATIC_TABLE } from './hpack-tables.ts';

/** Text in latin1, so that every byte survives. */
export type Field = readonly [name: string, value: string];

export interface HeaderBlock {
  readonly fields: readonly Field[];
  /** It changed the size of the table, as it must after a change of the receiver's settings. */
  readonly resizes: boolean;
}

/** RFC 7541, 4.1: what an entry costs beyond its text. */
const ENTRY_OVERHEAD = 32;
const DEFAULT_TABLE_BYTES = 4_096;
const TABLE_BYTES_MAX = 1024 * 1024;
const TEXT_BYTES_MAX = 1024 * 1024;

/** Follows the table of one direction of a connection. */
export class HpackDecoder {
  #entries: Field[] = [];
  #size = 0;
  #capacity = DEFAULT_TABLE_BYTES;

  decode(block: Buffer): HeaderBlock {
    const input = new Input(block);
    const fields: Field[] = [];
    let resizes = false;
    while (!input.isAtEnd) {
      const first = input.peek();
      if (first & 0x80) {
        fields.push(this.#entry(input.integer(7)));
      } else if ((first & 0xe0) === 0x20) {
        resizes = true;
        this.#resize(input.integer(5));
      } else {
        const isIndexed = (first & 0xc0) === 0x40;
        const index = input.integer(isIndexed ? 6 : 4);
        const name = index === 0 ? input.text() : this.#entry(index)[0];
        const field: Field = [name, input.text()];
        fields.push(field);
        if (isIndexed) this.#add(field);
      }
    }
    return { fields, resizes };
  }

  #entry(index: number): Field {
    const entry = STATIC_TABLE[index - 1] ?? this.#entries[index - 1 - STATIC_TABLE.length];
    if (!entry) throw new OpaqueError(`no header has index ${index}`);
    return entry;
  }

  #add(field: Field): void {
    this.#entries.unshift(field);
    this.#size += sizeOf(field);
    this.#evict();
  }

  #resize(capacity: number): void {
    if (capacity > TABLE_BYTES_MAX) throw new OpaqueError(`a header table of ${capacity} bytes`);
    this.#capacity = capacity;
    this.#evict();
  }

  #evict(): void {
    while (this.#size > this.#capacity) {
      const oldest = this.#entries.pop();
      this.#size -= oldest ? sizeOf(oldest) : this.#size;
    }
  }
}

const sizeOf = ([name, value]: Field): number => name.length + value.length + ENTRY_OVERHEAD;

class Input {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  peek(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new OpaqueError('a header ends too early');
    return byte;
  }

  integer(prefixBits: number): number {
    const limit = 2 ** prefixBits - 1;
    let value = this.peek() & limit;
    this.#at += 1;
    if (value < limit) return value;
    for (let shift = 0; ; shift += 7) {
      const byte = this.peek();
      this.#at += 1;
      value += (byte & 0x7f) * 2 ** shift;
      if (!(byte & 0x80)) return value;
      if (shift > 21) throw new OpaqueError('a number in a header is too large');
    }
  }

  text(): string {
    const isCoded = (this.peek() & 0x80) !== 0;
    const length = this.integer(7);
    const end = this.#at + length;
    if (length > TEXT_BYTES_MAX || end > this.#bytes.length) {
      throw new OpaqueError('a header ends too early');
    }
    const bytes = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return isCoded ? uncoded(bytes) : bytes.toString('latin1');
  }
}

/** Undoes the Huffman code. */
function uncoded(bytes: Buffer): string {
  const text: number[] = [];
  let word = 0;
  let length = 0;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      word = word * 2 + ((byte >> bit) & 1);
      length += 1;
      const words = HUFFMAN[length];
      const symbol = words?.symbols[word - words.first];
      if (symbol === END_OF_STRING || length > CODE_BITS_MAX) {
        throw new OpaqueError('no text in the Huffman code of headers');
      }
      if (symbol !== undefined) {
        text.push(symbol);
        word = 0;
        length = 0;
      }
    }
  }
  // Filled up with ones, by less than a byte.
  if (length > 7 || word !== 2 ** length - 1) throw new OpaqueError('no padding of a header');
  return Buffer.from(text).toString('latin1');
}

/** Writes headers so that they neither use nor change the receiver's table. */
export function encodeLiterally(fields: readonly Field[]): Buffer {
  const parts: Buffer[] = [];
  for (const [name, value] of fields) {
    parts.push(Buffer.from([0]), literalText(name), literalText(value));
  }
  return Buffer.concat(parts);
}

/** Empties the receiver's table: valid at the start of any header block. */
export const EMPTY_TABLE = Buffer.from([0x20]);

function literalText(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  return Buffer.concat([lengthPrefix(bytes.length), bytes]);
}

function lengthPrefix(length: number): Buffer {
  if (length < 0x7f) return Buffer.from([length]);
  const bytes = [0x7f];
  let rest = length - 0x7f;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>= 7;
  }
  return Buffer.from([...bytes, rest]);
}
