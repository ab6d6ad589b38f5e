/** Snappy: raw blocks, or in the frames of xerial, as Java clients of Kafka write it. */

const XERIAL = Buffer.from('\x82SNAPPY\0', 'latin1');
/** The magic number, a version and the oldest version that can read it. */
const XERIAL_HEADER_BYTES = 16;

/** @throws RangeError if it is broken, or if more than `max` bytes come out */
export function snappyDecompress(bytes: Buffer, max: number): Buffer {
  if (!bytes.subarray(0, XERIAL.length).equals(XERIAL)) return block(bytes, max);
  const blocks: Buffer[] = [];
  let left = max;
  for (let at = XERIAL_HEADER_BYTES; at < bytes.length; ) {
    const size = bytes.readInt32BE(at);
    const one = block(bytes.subarray(at + 4, at + 4 + size), left);
    left -= one.length;
    blocks.push(one);
    at += 4 + size;
  }
  return Buffer.concat(blocks);
}

/** https://github.com/google/snappy/blob/main/format_description.txt */
function block(bytes: Buffer, max: number): Buffer {
  let at = 0;
  let length = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes.readUInt8(at);
    at += 1;
    length += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
  }
  if (length > max) throw new RangeError(`${length} bytes are too many`);
  const out = Buffer.alloc(length);
  let to = 0;
  while (at < bytes.length) {
    const tag = bytes.readUInt8(at);
    at += 1;
    if ((tag & 3) === 0) {
      const extra = Math.max(0, (tag >> 2) - 59);
      const size = (extra === 0 ? tag >> 2 : bytes.readUIntLE(at, extra)) + 1;
      at += extra;
      if (to + size > length || at + size > bytes.length) throw new RangeError('cut off');
      bytes.copy(out, to, at, at + size);
      at += size;
      to += size;
      continue;
    }
    const [size, distance, used] = copyOf(bytes, at, tag);
    at += used;
    to = copyBack(out, to, distance, size);
  }
  return out;
}

function copyOf(bytes: Buffer, at: number, tag: number): [number, number, number] {
  if ((tag & 3) === 1) {
    return [((tag >> 2) & 7) + 4, ((tag >> 5) << 8) | bytes.readUInt8(at), 1];
  }
  if ((tag & 3) === 2) return [(tag >> 2) + 1, bytes.readUInt16LE(at), 2];
  return [(tag >> 2) + 1, bytes.readUInt32LE(at), 4];
}

/** Repeats earlier bytes, which may overlap what they make. */
export function copyBack(out: Buffer, to: number, distance: number, size: number): number {
  if (distance === 0 || distance > to || to + size > out.length) throw new RangeError('broken');
  for (let index = to; index < to + size; index += 1) out[index] = out[index - distance] as number;
  return to + size;
}
