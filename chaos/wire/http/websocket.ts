/** Frames of a WebSocket (RFC 6455) after its handshake: operations that have no answer. */
import type { Step } from '../message-reader.ts';
import { OpaqueError, type Operation, type Side } from '../protocol.ts';

const OPCODES: Readonly<Record<number, string>> = {
  0: 'continuation',
  1: 'text',
  2: 'binary',
  8: 'close',
  9: 'ping',
  10: 'pong',
};
const FRAME_BYTES_MAX = 16 * 1024 * 1024;
/** Parts of a message that are kept to look into. */
const CONTENT_BYTES_MAX = 1024 * 1024;

interface FrameHeader {
  readonly opcode: number;
  readonly isFinal: boolean;
  readonly isCompressed: boolean;
  readonly mask: Buffer | undefined;
  readonly start: number;
  readonly end: number;
}

/** One direction of a WebSocket. */
export class WebSocketFrames {
  readonly #from: Side;
  readonly #nextId: () => number;
  #fragments: Buffer[] = [];
  #bytes = 0;

  constructor(from: Side, nextId: () => number) {
    this.#from = from;
    this.#nextId = nextId;
  }

  next(unread: Buffer): Step {
    const header = headerAt(unread);
    if (typeof header === 'number') return { needs: header };
    if (unread.length < header.end) return { needs: header.end };
    const payload = unmasked(unread.subarray(header.start, header.end), header.mask);
    const { opcode, isFinal, isCompressed } = header;
    const operation: Operation = {
      id: this.#nextId(),
      name: 'ws.frame',
      attributes: {
        opcode: OPCODES[opcode] ?? String(opcode),
        bytes: payload.length,
        ...(isFinal ? {} : { final: false }),
        ...(isCompressed ? { compressed: true } : {}),
      },
      content: this.#contentOf(opcode, isFinal, payload),
    };
    return {
      message: {
        from: this.#from,
        bytes: unread.subarray(0, header.end),
        begins: [operation],
        answers: [],
        ends: [{ id: operation.id, outcome: 'ok' }],
      },
    };
  }

  /** The last fragment has the whole message. */
  #contentOf(opcode: number, isFinal: boolean, payload: Buffer): Buffer[] {
    const isControl = opcode >= 8;
    if (isControl || (isFinal && opcode !== 0)) return [payload];
    if (opcode !== 0) {
      this.#fragments = [];
      this.#bytes = 0;
    }
    this.#bytes += payload.length;
    if (this.#bytes <= CONTENT_BYTES_MAX) this.#fragments.push(payload);
    return [isFinal ? Buffer.concat(this.#fragments) : payload];
  }
}

/** @returns how many bytes are needed, when they are not there */
function headerAt(bytes: Buffer): FrameHeader | number {
  if (bytes.length < 2) return 2;
  const [first = 0, second = 0] = bytes;
  const short = second & 0x7f;
  const lengthBytes = short === 127 ? 8 : short === 126 ? 2 : 0;
  const maskAt = 2 + lengthBytes;
  const start = maskAt + (second & 0x80 ? 4 : 0);
  if (bytes.length < start) return start;
  const length = lengthBytes === 0 ? short : lengthIn(bytes.subarray(2, maskAt));
  if (length > FRAME_BYTES_MAX) throw new OpaqueError(`a frame of ${length} bytes is too large`);
  const mask = start === maskAt ? undefined : bytes.subarray(maskAt, start);
  return { ...flagsOf(first), mask, start, end: start + length };
}

const lengthIn = (bytes: Buffer): number =>
  bytes.length === 2 ? bytes.readUInt16BE() : Number(bytes.readBigUInt64BE());

const flagsOf = (first: number) => ({
  opcode: first & 0x0f,
  isFinal: (first & 0x80) !== 0,
  isCompressed: (first & 0x40) !== 0,
});

function unmasked(payload: Buffer, mask: Buffer | undefined): Buffer {
  if (!mask) return payload;
  const copy = Buffer.from(payload);
  for (let index = 0; index < copy.length; index++) {
    copy[index] = (copy[index] as number) ^ (mask[index % 4] as number);
  }
  return copy;
}
