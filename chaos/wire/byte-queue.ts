/** Bytes in the order in which they arrived, copied only where a reader needs them in one piece. */
export class ByteQueue {
  #chunks: Buffer[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#chunks.push(bytes);
    this.#length += bytes.length;
  }

  /** The first bytes in one piece, left in the queue; undefined if there are fewer. */
  peek(length: number): Buffer | undefined {
    if (this.#length < length) return undefined;
    const [first] = this.#chunks;
    if (first !== undefined && first.length >= length) return first.subarray(0, length);
    return this.#joined(length).subarray(0, length);
  }

  /** Removes the first bytes, in one piece. */
  read(length: number): Buffer {
    const [only, ...more] = this.take(length);
    if (only === undefined) return Buffer.alloc(0);
    return more.length === 0 ? only : Buffer.concat([only, ...more]);
  }

  /** Removes the first bytes, in the pieces in which they arrived. */
  take(length: number): Buffer[] {
    if (length > this.#length) throw new RangeError(`${length} of ${this.#length} bytes`);
    const [first] = this.#chunks;
    this.#length -= length;
    if (first !== undefined && first.length === length) {
      this.#chunks.shift();
      return [first];
    }
    return this.#taken(length);
  }

  /** Removes everything. */
  takeAll(): Buffer[] {
    return this.take(this.#length);
  }

  #taken(length: number): Buffer[] {
    const pieces: Buffer[] = [];
    let left = length;
    while (left > 0) {
      const chunk = this.#chunks[0] as Buffer;
      if (chunk.length <= left) {
        pieces.push(chunk);
        this.#chunks.shift();
        left -= chunk.length;
      } else {
        pieces.push(chunk.subarray(0, left));
        this.#chunks[0] = chunk.subarray(left);
        left = 0;
      }
    }
    return pieces;
  }

  /** Makes the first bytes one chunk, so that peeking again costs nothing. */
  #joined(length: number): Buffer {
    let count = 0;
    let size = 0;
    while (size < length) {
      size += this.#chunks[count]?.length ?? 0;
      count += 1;
    }
    const joined = Buffer.concat(this.#chunks.slice(0, count));
    this.#chunks.splice(0, count, joined);
    return joined;
  }
}
