/** Kafka's messages for tests, in the encoding of any version. */
import { FieldWriter } from './fields.ts';

export interface Sent {
  readonly key: number;
  readonly version: number;
  readonly correlation: number;
  readonly flexible: boolean;
}

const framed = (body: Buffer): Buffer =>
  Buffer.concat([new FieldWriter(false).int32(body.length).bytes, body]);

export function requestBytes(sent: Sent, write: (body: FieldWriter) => void): Buffer {
  const body = new FieldWriter(sent.flexible);
  const head = new FieldWriter(false).int16(sent.key).int16(sent.version).int32(sent.correlation);
  body.raw(head.text('client').bytes).tags();
  write(body);
  return framed(body.tags().bytes);
}

export function answerBytes(sent: Sent, write: (body: FieldWriter) => void): Buffer {
  const body = new FieldWriter(sent.flexible).int32(sent.correlation).tags();
  write(body);
  return framed(body.tags().bytes);
}

const zigzag = (writer: FieldWriter, value: number): FieldWriter =>
  writer.uvarint((value << 1) ^ (value >> 31));

function record(offset: number, key: string | undefined, value: string): Buffer {
  const body = zigzag(zigzag(new FieldWriter(false).int8(0), 0), offset);
  for (const part of [key, value]) {
    const bytes = part === undefined ? undefined : Buffer.from(part);
    zigzag(body, bytes?.length ?? -1).raw(bytes ?? Buffer.alloc(0));
  }
  const { bytes } = zigzag(body, 0);
  return zigzag(new FieldWriter(false), bytes.length).raw(bytes).bytes;
}

export interface BatchOptions {
  readonly firstOffset?: number;
  readonly values: readonly string[];
  readonly key?: string;
  readonly attributes?: number;
  readonly compress?: (records: Buffer) => Buffer;
}

/** A record batch of format 2; its checksum is not set. */
export function batch(options: BatchOptions): Buffer {
  const { firstOffset = 0, values, key, attributes = 0, compress = (bytes) => bytes } = options;
  const records = compress(
    Buffer.concat(values.map((value, offset) => record(offset, key, value))),
  );
  const rest = new FieldWriter(false)
    .int32(0)
    .int8(2)
    .int32(0)
    .int16(attributes)
    .int32(values.length - 1)
    .int64(0)
    .int64(0)
    .int64(-1)
    .int16(-1)
    .int32(-1)
    .int32(values.length)
    .raw(records).bytes;
  return new FieldWriter(false).int64(firstOffset).int32(rest.length).raw(rest).bytes;
}
