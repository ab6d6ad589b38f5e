/** What is written to a client: frames as RFC 6455 has them, each made once for all who get it. */
import type { Duplex } from 'node:stream';
import type { Frame } from './domain.ts';

/** FIN and the opcode of text. A server does not mask. */
const FINAL_TEXT = 0x81;
const LENGTH_16 = 126;
const LENGTH_64 = 127;
const LENGTH_7_MAX = 125;
const LENGTH_16_MAX = 0xffff;

/** A text frame: head and payload in one piece. */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const headLength = length <= LENGTH_7_MAX ? 2 : length <= LENGTH_16_MAX ? 4 : 10;
  const frame = Buffer.allocUnsafe(headLength + length);
  frame[0] = FINAL_TEXT;
  if (headLength === 2) {
    frame[1] = length;
  } else if (headLength === 4) {
    frame[1] = LENGTH_16;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = LENGTH_64;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(text, headLength);
  return frame;
}

/** Encodes frames; one that goes to many sockets is encoded once. */
export class FrameEncoder {
  readonly #encoded = new WeakMap<Frame, Buffer>();

  encode(frame: Frame): Buffer {
    const known = this.#encoded.get(frame);
    if (known !== undefined) return known;
    const encoded = textFrame(JSON.stringify(frame));
    this.#encoded.set(frame, encoded);
    return encoded;
  }
}

/** Holds back what is written to sockets in one turn, so that each gets it in one write. */
export class TurnWriter {
  readonly #held = new Set<Duplex>();

  write(stream: Duplex, bytes: Buffer, onWritten: () => void): void {
    if (!this.#held.has(stream)) {
      if (this.#held.size === 0) process.nextTick(() => this.#release());
      this.#held.add(stream);
      stream.cork();
    }
    stream.write(bytes, onWritten);
  }

  #release(): void {
    const held = [...this.#held];
    this.#held.clear();
    for (const stream of held) stream.uncork();
  }
}
