/** Fields of protobuf messages by number, for protocols whose schema is not at hand. */
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

type Value = Buffer | bigint;

/** The values of each field, in order; fixed-width numbers are skipped. */
export class Fields {
  readonly #values = new Map<number, Value[]>();

  /** @throws when it is no message of protobuf */
  constructor(message: Uint8Array) {
    const reader = new BinaryReader(message);
    while (reader.pos < reader.len) {
      const [number, type] = reader.tag();
      if (type === WireType.Varint) this.#add(number, BigInt(reader.uint64()));
      else if (type === WireType.LengthDelimited) this.#add(number, bufferOf(reader.bytes()));
      else reader.skip(type, number);
    }
  }

  #add(number: number, value: Value): void {
    const values = this.#values.get(number);
    if (values) values.push(value);
    else this.#values.set(number, [value]);
  }

  has(number: number): boolean {
    return this.#values.has(number);
  }

  number(number: number): bigint | undefined {
    return this.#values.get(number)?.findLast((value) => typeof value === 'bigint');
  }

  buffers(number: number): Buffer[] {
    return (this.#values.get(number) ?? []).filter((value) => typeof value !== 'bigint');
  }

  text(number: number): string | undefined {
    return this.buffers(number).at(-1)?.toString('utf8');
  }

  message(number: number): Fields | undefined {
    const bytes = this.buffers(number).at(-1);
    return bytes && new Fields(bytes);
  }
}

const bufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

/** A message of fields with bytes, texts or small numbers. */
export function encodeFields(
  fields: readonly (readonly [number: number, value: Uint8Array | string | number])[],
): Buffer {
  const writer = new BinaryWriter();
  for (const [number, value] of fields) {
    if (typeof value === 'number') writer.tag(number, WireType.Varint).uint32(value);
    else if (typeof value === 'string') {
      writer.tag(number, WireType.LengthDelimited).string(value);
    } else writer.tag(number, WireType.LengthDelimited).bytes(value);
  }
  return bufferOf(writer.finish());
}
