/** Reads and writes fields of Kafka's protocol, in the encoding of a version. */

export class FieldReader {
  readonly #bytes: Buffer;
  readonly #flexible: boolean;
  #at: number;

  /** @param flexible compact lengths and tagged fields */
  constructor(bytes: Buffer, at: number, flexible: boolean) {
    this.#bytes = bytes;
    this.#at = at;
    this.#flexible = flexible;
  }

  skip(length: number): void {
    this.#at += length;
  }

  bool(): boolean {
    return this.int8() !== 0;
  }

  int8(): number {
    this.#at += 1;
    return this.#bytes.readInt8(this.#at - 1);
  }

  int16(): number {
    this.#at += 2;
    return this.#bytes.readInt16BE(this.#at - 2);
  }

  int32(): number {
    this.#at += 4;
    return this.#bytes.readInt32BE(this.#at - 4);
  }

  /** Exact up to 2⁵³. */
  int64(): number {
    this.#at += 8;
    return Number(this.#bytes.readBigInt64BE(this.#at - 8));
  }

  uvarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#bytes.readUInt8(this.#at);
      this.#at += 1;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new RangeError('a number of more than five bytes');
  }

  /** Zigzag, as in records. */
  varint(): number {
    const value = this.uvarint();
    return (value >>> 1) ^ -(value & 1);
  }

  uuid(): string {
    return this.take(16).toString('hex');
  }

  text(): string | undefined {
    const length = this.#flexible ? this.uvarint() - 1 : this.int16();
    return length < 0 ? undefined : this.take(length).toString('utf8');
  }

  blob(): Buffer | undefined {
    const length = this.#flexible ? this.uvarint() - 1 : this.int32();
    return length < 0 ? undefined : this.take(length);
  }

  /** @param read one entry, its own tagged fields too */
  array<T>(read: () => T): T[] {
    const length = this.#flexible ? this.uvarint() - 1 : this.int32();
    if (length > this.#bytes.length) throw new RangeError(`an array of ${length}`);
    const entries: T[] = [];
    for (let index = 0; index < length; index += 1) entries.push(read());
    return entries;
  }

  /** Skips the tagged fields at the end of a structure. */
  tags(): void {
    if (!this.#flexible) return;
    for (let left = this.uvarint(); left > 0; left -= 1) {
      this.uvarint();
      this.skip(this.uvarint());
    }
  }

  take(length: number): Buffer {
    if (length < 0 || this.#at + length > this.#bytes.length) throw new RangeError('cut off');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}

export class FieldWriter {
  readonly #pieces: Buffer[] = [];
  readonly #flexible: boolean;

  constructor(flexible: boolean) {
    this.#flexible = flexible;
  }

  int8(value: number): this {
    return this.raw(Buffer.from([value & 0xff]));
  }

  int16(value: number): this {
    const bytes = Buffer.alloc(2);
    bytes.writeInt16BE(value);
    return this.raw(bytes);
  }

  int32(value: number): this {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(value);
    return this.raw(bytes);
  }

  int64(value: number): this {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64BE(BigInt(value));
    return this.raw(bytes);
  }

  uvarint(value: number): this {
    const bytes: number[] = [];
    let left = value;
    for (; left >= 0x80; left >>>= 7) bytes.push((left & 0x7f) | 0x80);
    return this.raw(Buffer.from([...bytes, left]));
  }

  text(value: string | undefined): this {
    const bytes = value === undefined ? undefined : Buffer.from(value);
    const length = bytes?.length ?? -1;
    if (this.#flexible) this.uvarint(length + 1);
    else this.int16(length);
    return this.raw(bytes ?? Buffer.alloc(0));
  }

  blob(bytes: Buffer | undefined): this {
    return this.length(bytes?.length ?? -1).raw(bytes ?? Buffer.alloc(0));
  }

  /** Of an array or of bytes; -1 for null. */
  length(value: number): this {
    return this.#flexible ? this.uvarint(value + 1) : this.int32(value);
  }

  /** No tagged fields. */
  tags(): this {
    return this.#flexible ? this.uvarint(0) : this;
  }

  raw(bytes: Buffer): this {
    this.#pieces.push(bytes);
    return this;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#pieces);
  }
}
