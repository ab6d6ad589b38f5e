/** What record batches (format 2) say of themselves, and what is in them. */
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { FieldReader } from './fields.ts';
import { lz4Decompress } from './lz4.ts';
import { snappyDecompress } from './snappy.ts';

/** More than this in one batch is not looked into. */
export const DECOMPRESSED_BYTES_MAX = 32 << 20;
const HEADER_BYTES = 61;
/** Up to and with the length of the batch. */
const PREFIX_BYTES = 12;
const FORMAT = 2;
const COMPRESSION = 0x07;
const CONTROL = 0x20;

export interface RecordBatch {
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly records: number;
  readonly compression: number;
  /** The records, compressed as they came. */
  readonly payload: Buffer;
}

/** Whole batches with records of the application; a batch may be cut off at the end of a fetch. */
export function recordBatches(bytes: Buffer): RecordBatch[] {
  const batches: RecordBatch[] = [];
  for (let at = 0; at + HEADER_BYTES <= bytes.length; ) {
    const size = PREFIX_BYTES + bytes.readInt32BE(at + 8);
    if (size < HEADER_BYTES || at + size > bytes.length || bytes[at + 16] !== FORMAT) break;
    const attributes = bytes.readInt16BE(at + 21);
    const firstOffset = Number(bytes.readBigInt64BE(at));
    if ((attributes & CONTROL) === 0) {
      batches.push({
        firstOffset,
        lastOffset: firstOffset + bytes.readInt32BE(at + 23),
        records: bytes.readInt32BE(at + 57),
        compression: attributes & COMPRESSION,
        payload: bytes.subarray(at + HEADER_BYTES, at + size),
      });
    }
    at += size;
  }
  return batches;
}

const DECOMPRESS: Readonly<Record<number, (bytes: Buffer) => Buffer>> = {
  0: (bytes) => bytes,
  1: (bytes) => gunzipSync(bytes, { maxOutputLength: DECOMPRESSED_BYTES_MAX }),
  2: (bytes) => snappyDecompress(bytes, DECOMPRESSED_BYTES_MAX),
  3: (bytes) => lz4Decompress(bytes, DECOMPRESSED_BYTES_MAX),
  4: (bytes) => zstdDecompressSync(bytes, { maxOutputLength: DECOMPRESSED_BYTES_MAX }),
};

/** The records without compression; as they came when they cannot be decompressed. */
export function contentOf({ compression, payload }: RecordBatch): Buffer {
  try {
    return DECOMPRESS[compression]?.(payload) ?? payload;
  } catch {
    return payload;
  }
}

/** The key of the only record; undefined if there are several, or if it has none. */
export function onlyKey(batches: readonly RecordBatch[]): string | undefined {
  const [batch] = batches;
  if (batch === undefined || batches.length > 1 || batch.records !== 1) return undefined;
  try {
    const reader = new FieldReader(contentOf(batch), 0, false);
    reader.varint();
    reader.int8();
    skipVarlong(reader);
    reader.varint();
    const length = reader.varint();
    return length < 0 ? undefined : reader.take(length).toString('utf8');
  } catch {
    return undefined;
  }
}

/** The difference of a time stamp may be longer than five bytes. */
function skipVarlong(reader: FieldReader): void {
  while (reader.int8() < 0);
}
