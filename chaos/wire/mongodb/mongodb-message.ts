/** Messages of MongoDB, as far as the top level of their documents says what they are. */
import { inflateSync, zstdDecompressSync } from 'node:zlib';
import { onDemand, serialize } from 'bson';
import { OpaqueError } from '../protocol.ts';

const OpCode = { reply: 1, query: 2004, compressed: 2012, message: 2013 } as const;
const HEADER_BYTES = 16;
/** The server's own limit: `maxMessageSizeBytes`. */
const MESSAGE_BYTES_MAX = 48_000_000;
const CHECKSUM_PRESENT = 1;
const MORE_TO_COME = 2;

/** Elements of BSON that are read; all others are passed over. */
const BsonType = { double: 1, string: 2, document: 3, array: 4, bool: 8, int32: 16, int64: 18 };

export interface MongoMessage {
  readonly length: number;
  readonly requestId: number;
  readonly responseTo: number;
  /** Without compression. */
  readonly content: Buffer;
  /** No answer follows, or another answer does. */
  readonly moreToCome: boolean;
  readonly body: Document;
}

/** The message at the start, or how many bytes it needs. */
export function messageAt(unread: Buffer): MongoMessage | number {
  if (unread.length < HEADER_BYTES) return HEADER_BYTES;
  const length = unread.readInt32LE(0);
  const opCode = unread.readInt32LE(12);
  const isKnown = Object.values(OpCode).includes(opCode as never);
  if (!isKnown || length < HEADER_BYTES || length > MESSAGE_BYTES_MAX) {
    throw new OpaqueError(`a message of type ${opCode} and ${length} bytes`);
  }
  if (unread.length < length) return length;
  const header = { length, requestId: unread.readInt32LE(4), responseTo: unread.readInt32LE(8) };
  const payload = unread.subarray(HEADER_BYTES, length);
  if (opCode !== OpCode.compressed) return { ...header, ...contentOf(opCode, payload) };
  if (payload.length < 9) throw new OpaqueError('a compressed message that is too short');
  return { ...header, ...contentOf(payload.readInt32LE(0), decompressed(payload)) };
}

function decompressed(payload: Buffer): Buffer {
  const options = { maxOutputLength: MESSAGE_BYTES_MAX };
  const body = payload.subarray(9);
  try {
    switch (payload[8]) {
      case 0:
        return body;
      case 2:
        return inflateSync(body, options);
      case 3:
        return zstdDecompressSync(body, options);
    }
  } catch (cause) {
    throw new OpaqueError('a compressed message that cannot be read', { cause });
  }
  throw new OpaqueError(`a message with compressor ${payload[8]}`);
}

function contentOf(
  opCode: number,
  content: Buffer,
): Pick<MongoMessage, 'content' | 'moreToCome' | 'body'> {
  if (opCode === OpCode.message && content.length >= 5) {
    const flags = content.readUInt32LE(0);
    const end = content.length - (flags & CHECKSUM_PRESENT ? 4 : 0);
    const body = new Document(bodyIn(content.subarray(4, end)));
    return { content, moreToCome: (flags & MORE_TO_COME) !== 0, body };
  }
  return { content, moreToCome: false, body: new Document(legacyDocument(opCode, content)) };
}

/** The section of kind 0; the others are lists of documents. */
function bodyIn(sections: Buffer): Buffer {
  for (let at = 0; at + 5 <= sections.length; ) {
    const size = sections.readInt32LE(at + 1);
    if (sections[at] === 0) return sections.subarray(at + 1);
    if (size < 4) break;
    at += 1 + size;
  }
  return Buffer.alloc(0);
}

/** Drivers still greet a server with these. */
function legacyDocument(opCode: number, content: Buffer): Buffer {
  if (opCode === OpCode.reply) return content.subarray(20);
  const name = content.indexOf(0, 4);
  return name === -1 ? Buffer.alloc(0) : content.subarray(name + 9);
}

type Value = string | number | boolean | undefined;

/** The elements of a document, read when they are asked for. */
export class Document {
  readonly #bytes: Buffer;
  readonly #values = new Map<string, Value>();
  /** Where they start: a batch of results can be large. */
  readonly #documents = new Map<string, number>();

  /** What is no document has no elements. */
  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    try {
      for (const [type, nameAt, nameLength, at] of onDemand.parseToElements(bytes)) {
        const name = bytes.toString('utf8', nameAt, nameAt + nameLength);
        this.#values.set(name, this.#value(type, at));
        if (type === BsonType.document || type === BsonType.array) this.#documents.set(name, at);
      }
    } catch {
      // Of this library, errors of its own class; a document that was read in part stays.
    }
  }

  #value(type: number, at: number): Value {
    const bytes = this.#bytes;
    switch (type) {
      case BsonType.double:
        return bytes.readDoubleLE(at);
      case BsonType.string:
        return bytes.toString('utf8', at + 4, at + 3 + bytes.readInt32LE(at));
      case BsonType.bool:
        return bytes[at] === 1;
      case BsonType.int32:
        return bytes.readInt32LE(at);
      case BsonType.int64:
        return Number(bytes.readBigInt64LE(at));
      default:
        return undefined;
    }
  }

  /** A document or list in it; @returns undefined when it has none of this name. */
  document(name: string): Document | undefined {
    const at = this.#documents.get(name);
    return at === undefined ? undefined : new Document(this.#bytes.subarray(at));
  }

  get names(): string[] {
    return [...this.#values.keys()];
  }

  get(name: string): Value {
    return this.#values.get(name);
  }
}

/** An answer of the server to this request. */
export function answerTo(requestId: number, document: Record<string, unknown>): Buffer {
  const body = serialize(document);
  const bytes = Buffer.alloc(HEADER_BYTES + 5 + body.length);
  bytes.writeInt32LE(bytes.length, 0);
  bytes.writeInt32LE(requestId, 8);
  bytes.writeInt32LE(OpCode.message, 12);
  bytes.set(body, HEADER_BYTES + 5);
  return bytes;
}
