/** LZ4 frames: https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md */
import { copyBack } from './snappy.ts';

const MAGIC = 0x184d2204;
const UNCOMPRESSED = 0x80000000;
const CHECKSUM_BYTES = 4;
/** A block may expand 255 times; larger ones do not occur. */
const BLOCK_BYTES_MAX = 4 << 20;

/** @throws RangeError if it is broken, or if more than `max` bytes come out */
export function lz4Decompress(bytes: Buffer, max: number): Buffer {
  if (bytes.readUInt32LE(0) !== MAGIC) throw new RangeError('not an LZ4 frame');
  const flags = bytes.readUInt8(4);
  const [hasBlockChecksum, hasSize, hasDictionary] = [flags & 0x10, flags & 0x08, flags & 0x01];
  let at = 6 + (hasSize ? 8 : 0) + (hasDictionary ? 4 : 0) + 1;
  const out = Buffer.allocUnsafe(Math.min(max, Math.max(BLOCK_BYTES_MAX, bytes.length * 255)));
  let to = 0;
  for (;;) {
    const header = bytes.readUInt32LE(at);
    at += 4;
    if (header === 0) break;
    const size = header & ~UNCOMPRESSED;
    const data = bytes.subarray(at, at + size);
    if ((header & UNCOMPRESSED) !== 0) {
      if (to + size > out.length) throw new RangeError('too many bytes');
      to += data.copy(out, to);
    } else {
      to = block(data, out, to);
    }
    at += size + (hasBlockChecksum ? CHECKSUM_BYTES : 0);
  }
  return out.subarray(0, to);
}

function block(data: Buffer, out: Buffer, from: number): number {
  let to = from;
  let at = 0;
  const length = (nibble: number): number => {
    let value = nibble;
    if (nibble !== 15) return value;
    for (;;) {
      const byte = data.readUInt8(at);
      at += 1;
      value += byte;
      if (byte !== 255) return value;
    }
  };
  while (at < data.length) {
    const token = data.readUInt8(at);
    at += 1;
    const literals = length(token >> 4);
    if (to + literals > out.length || at + literals > data.length) throw new RangeError('cut off');
    data.copy(out, to, at, at + literals);
    at += literals;
    to += literals;
    if (at >= data.length) break;
    const distance = data.readUInt16LE(at);
    at += 2;
    to = copyBack(out, to, distance, length(token & 15) + 4);
  }
  return to;
}
