/**
 * RESP2 and RESP3 as far as a proxy needs them: where a value ends, and its first words. The
 * published parsers return decoded values and not the bytes that they came from.
 */
import { OpaqueError } from '../protocol.ts';

const LF = 0x0a;
const CR = 0x0d;
/** Redis' own limits: `proto-max-bulk-len`, the elements of a request, a line. */
const BULK_BYTES_MAX = 512 * 1024 * 1024;
const ELEMENTS_MAX = 1024 * 1024;
const LINE_BYTES_MAX = 64 * 1024;

/** Where a line ends, before its CR LF; undefined when it is not whole. */
function lineEnd(bytes: Buffer, at: number): number | undefined {
  const end = bytes.indexOf(LF, at);
  if ((end === -1 ? bytes.length : end) - at > LINE_BYTES_MAX) {
    throw new OpaqueError(`a line of more than ${LINE_BYTES_MAX} bytes is no RESP`);
  }
  if (end === -1) return undefined;
  if (end === at || bytes[end - 1] !== CR) throw new OpaqueError('a line of RESP ends in CR LF');
  return end - 1;
}

/** The number in a header line: `*3`, `$-1`. */
function lengthAt(bytes: Buffer, at: number, end: number, max: number): number {
  const digits = bytes.toString('latin1', at, end);
  const length = /^(-1|\d{1,10})$/.test(digits) ? Number(digits) : Number.NaN;
  if (!(length <= max)) throw new OpaqueError(`${JSON.stringify(digits)} is no length`);
  return length;
}

/** What follows the header line of a value. */
interface Header {
  /** Bytes of the value itself, with the CR LF at their end. */
  readonly bytes: number;
  /** Values that belong to it. */
  readonly values: number;
}

function headerOf(type: string, bytes: Buffer, at: number, end: number): Header {
  switch (type) {
    case '+':
    case '-':
    case ':':
    case '_':
    case '#':
    case ',':
    case '(':
      return { bytes: 0, values: 0 };
    case '$':
    case '!':
    case '=': {
      const length = lengthAt(bytes, at, end, BULK_BYTES_MAX);
      return { bytes: length === -1 ? 0 : length + 2, values: 0 };
    }
    case '*':
    case '~':
    case '>':
      return { bytes: 0, values: Math.max(0, lengthAt(bytes, at, end, ELEMENTS_MAX)) };
    case '%':
      return { bytes: 0, values: 2 * Math.max(0, lengthAt(bytes, at, end, ELEMENTS_MAX)) };
    case '|':
      // Attributes come before the value that they describe.
      return { bytes: 0, values: 2 * Math.max(0, lengthAt(bytes, at, end, ELEMENTS_MAX)) + 1 };
    default:
      throw new OpaqueError(`${JSON.stringify(type)} is no type of RESP`);
  }
}

interface Whole {
  readonly length: number;
  readonly needs?: never;
}

/** Not whole: so many bytes are needed at least. */
interface Partial {
  readonly needs: number;
  readonly length?: never;
}

/** Finds the end of a value that arrives in parts, without reading a part twice. */
export class ValueScanner {
  #at = 0;
  #values = 1;

  /** The length of the value at the start. */
  scan(bytes: Buffer): Whole | Partial {
    while (this.#values > 0) {
      if (this.#at >= bytes.length) return { needs: bytes.length + 1 };
      const end = lineEnd(bytes, this.#at + 1);
      if (end === undefined) return { needs: bytes.length + 1 };
      const header = headerOf(typeOf(bytes, this.#at), bytes, this.#at + 1, end);
      const next = end + 2 + header.bytes;
      if (next > bytes.length) return { needs: next };
      if (header.bytes > 0 && (bytes[next - 2] !== CR || bytes[next - 1] !== LF)) {
        throw new OpaqueError('a bulk string ends in CR LF');
      }
      this.#at = next;
      this.#values += header.values - 1;
    }
    const length = this.#at;
    this.#at = 0;
    this.#values = 1;
    return { length };
  }
}

/** A request: an array of bulk strings, or a line of words. */
interface Command extends Whole {
  readonly words: readonly Buffer[];
}

/** The request at the start. */
export function commandAt(bytes: Buffer): Command | Partial {
  if (bytes[0] !== 0x2a) return inlineCommandAt(bytes);
  const end = lineEnd(bytes, 1);
  if (end === undefined) return { needs: bytes.length + 1 };
  const count = lengthAt(bytes, 1, end, ELEMENTS_MAX);
  const words: Buffer[] = [];
  let at = end + 2;
  for (let index = 0; index < count; index++) {
    if (at >= bytes.length) return { needs: at + 1 };
    if (bytes[at] !== 0x24) throw new OpaqueError('a request has bulk strings only');
    const header = lineEnd(bytes, at + 1);
    if (header === undefined) return { needs: bytes.length + 1 };
    const length = lengthAt(bytes, at + 1, header, BULK_BYTES_MAX);
    const from = header + 2;
    at = from + Math.max(0, length) + 2;
    if (at > bytes.length) return { needs: at };
    words.push(bytes.subarray(from, at - 2));
  }
  return { words, length: at };
}

function inlineCommandAt(bytes: Buffer): Command | Partial {
  const end = bytes.indexOf(LF);
  const line = bytes.subarray(0, end === -1 ? bytes.length : end);
  // TLS starts with 0x16; an inline command is typed by people.
  const binary = line.some((byte) => (byte < 0x20 || byte > 0x7e) && byte !== CR && byte !== 0x09);
  if (binary || line.length > LINE_BYTES_MAX) throw new OpaqueError('no request of RESP');
  if (end === -1) return { needs: bytes.length + 1 };
  const words = line
    .toString('latin1')
    .split(/\s+/)
    .filter((word) => word !== '');
  return { words: words.map((word) => Buffer.from(word, 'latin1')), length: end + 1 };
}

/** The first values of an array or push, as text: enough to tell messages from replies. */
export function firstTexts(bytes: Buffer, count: number): string[] {
  const texts: string[] = [];
  let at = (lineEnd(bytes, 1) ?? bytes.length) + 2;
  while (texts.length < count && at < bytes.length) {
    const end = lineEnd(bytes, at + 1);
    if (end === undefined) break;
    if (bytes[at] === 0x24) {
      const length = Math.max(0, lengthAt(bytes, at + 1, end, BULK_BYTES_MAX));
      texts.push(bytes.toString('utf8', end + 2, end + 2 + length));
      at = end + 2 + (bytes[at + 1] === 0x2d ? 0 : length + 2);
    } else {
      texts.push(bytes.toString('utf8', at + 1, end));
      at = end + 2;
    }
  }
  return texts;
}

export const typeOf = (bytes: Buffer, at = 0): string => String.fromCharCode(bytes[at] ?? 0);
