/** Frames of HTTP/2 (RFC 9113): where they end, what they say, and how the proxy writes its own. */
import { OpaqueError } from '../protocol.ts';
import { encodeLiterally, type Field } from './hpack.ts';

export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
export const HEADER_BYTES = 9;
/** Without SETTINGS_MAX_FRAME_SIZE; also the limit of every receiver's table of choices. */
export const DEFAULT_FRAME_BYTES = 16_384;
const FRAME_BYTES_MAX = 2 ** 24 - 1;

export const FrameType = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  pushPromise: 5,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const Flag = { endStream: 0x1, ack: 0x1, endHeaders: 0x4, padded: 0x8, priority: 0x20 };

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  /** With the padding. */
  readonly payload: Buffer;
  readonly bytes: Buffer;
}

/** The frame at the start, or how many bytes it needs. */
export function frameAt(unread: Buffer, payloadMax: number): Frame | number {
  if (unread.length < HEADER_BYTES) return HEADER_BYTES;
  const length = unread.readUIntBE(0, 3);
  if (length > payloadMax) throw new OpaqueError(`a frame of ${length} bytes is too large`);
  const end = HEADER_BYTES + length;
  if (unread.length < end) return end;
  return {
    type: unread[3] as number,
    flags: unread[4] as number,
    stream: unread.readUInt32BE(5) & 0x7fffffff,
    payload: unread.subarray(HEADER_BYTES, end),
    bytes: unread.subarray(0, end),
  };
}

/** The payload of DATA or HEADERS without padding and priority. */
export function contentOf({ type, flags, payload }: Frame): Buffer {
  let start = 0;
  let end = payload.length;
  if (flags & Flag.padded) {
    end -= payload[0] ?? 0;
    start = 1;
  }
  if (type === FrameType.headers && flags & Flag.priority) start += 5;
  if (start > end) throw new OpaqueError('a frame has more padding than content');
  return payload.subarray(start, end);
}

/** A header block with all its continuations, or how many bytes it needs. */
export function headerBlockAt(
  first: Frame,
  unread: Buffer,
  payloadMax: number,
): { readonly block: Buffer; readonly bytes: Buffer } | number {
  const blocks = [contentOf(first)];
  let { length } = first.bytes;
  for (let last = first; !(last.flags & Flag.endHeaders); ) {
    const next = frameAt(unread.subarray(length), payloadMax);
    if (typeof next === 'number') return length + next;
    if (next.type !== FrameType.continuation || next.stream !== first.stream) {
      throw new OpaqueError('headers are not continued');
    }
    blocks.push(next.payload);
    length += next.bytes.length;
    last = next;
  }
  return { block: Buffer.concat(blocks), bytes: unread.subarray(0, length) };
}

/** SETTINGS_MAX_FRAME_SIZE, where these settings have it. */
export function frameLimitIn(settings: Frame): number | undefined {
  const { payload } = settings;
  for (let at = 0; at + 6 <= payload.length; at += 6) {
    if (payload.readUInt16BE(at) !== 5) continue;
    return Math.min(payload.readUInt32BE(at + 2), FRAME_BYTES_MAX);
  }
  return undefined;
}

export function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUIntBE(payload.length, 0, 3);
  header[3] = type;
  header[4] = flags;
  header.writeUInt32BE(stream, 5);
  return Buffer.concat([header, payload]);
}

interface Headers {
  readonly stream: number;
  readonly fields: readonly Field[];
  readonly endsStream: boolean;
  /** Comes first in the block. */
  readonly prefix?: Buffer;
}

/** HEADERS, and CONTINUATION for what does not fit. */
export function headersFrames({ stream, fields, endsStream, prefix }: Headers): Buffer {
  const block = Buffer.concat([prefix ?? Buffer.alloc(0), encodeLiterally(fields)]);
  const frames: Buffer[] = [];
  for (let at = 0; at === 0 || at < block.length; at += DEFAULT_FRAME_BYTES) {
    const isLast = at + DEFAULT_FRAME_BYTES >= block.length;
    const flags = (isLast ? Flag.endHeaders : 0) | (at === 0 && endsStream ? Flag.endStream : 0);
    const type = at === 0 ? FrameType.headers : FrameType.continuation;
    frames.push(frame(type, flags, stream, block.subarray(at, at + DEFAULT_FRAME_BYTES)));
  }
  return Buffer.concat(frames);
}

const CANCEL = 8;

export function cancelFrame(stream: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(CANCEL);
  return frame(FrameType.reset, 0, stream, payload);
}

/** Flow control: the sender may send so many more bytes. */
export function creditFrame(stream: number, bytes: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(bytes);
  return frame(FrameType.windowUpdate, 0, stream, payload);
}

/** The same frames under another stream id. */
export function renumbered(bytes: Buffer, stream: number): Buffer {
  const copy = Buffer.from(bytes);
  for (let at = 0; at + HEADER_BYTES <= copy.length; at += HEADER_BYTES + copy.readUIntBE(at, 3)) {
    copy.writeUInt32BE(stream, at + 5);
  }
  return copy;
}
