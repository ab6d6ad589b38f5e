/**
 * Remembers, for each of very many ids, where it was seen first and a fingerprint of what it
 * said, in 16 bytes an entry: a `Map` of strings would need ten times that. Ids are told apart by
 * 64 bits of hash, so that two of a million are confused with a probability of 3e-8.
 */

/** The table grows when it is fuller than this: linear probing is quick below it. */
const LOAD_MAX = 0.6;
const SLOTS_MIN = 1 << 10;

export interface FirstSight {
  /** Index of the event that brought the id first. */
  readonly index: number;
  readonly fingerprint: number;
}

export class IdTable {
  /**
   * Four words a slot: hash, other hash, event index + 1 (0 = free; negative = matched),
   * fingerprint.
   */
  #words = new Int32Array(SLOTS_MIN * 4);
  #slots = SLOTS_MIN;
  #count = 0;
  #first = 0;
  #second = 0;

  /** Notes the id, unless it was noted before: then answers what was noted. */
  note(id: string, index: number, fingerprint: number): FirstSight | undefined {
    const at = this.#find(id);
    const words = this.#words;
    const noted = words[at + 2] ?? 0;
    if (noted !== 0) return { index: Math.abs(noted) - 1, fingerprint: words[at + 3] ?? 0 };
    words[at] = this.#first;
    words[at + 1] = this.#second;
    words[at + 2] = index + 1;
    words[at + 3] = fingerprint;
    this.#count++;
    if (this.#count > this.#slots * LOAD_MAX) this.#grow();
    return undefined;
  }

  /** Notes that the id's other half was seen; it must have been noted before. */
  match(id: string): void {
    const at = this.#find(id) + 2;
    this.#words[at] = -Math.abs(this.#words[at] ?? 0);
  }

  /** Where ids were seen first whose other half was never seen, in order. */
  unmatched(): number[] {
    const indexes: number[] = [];
    for (let at = 2; at < this.#words.length; at += 4) {
      const noted = this.#words[at] ?? 0;
      if (noted > 0) indexes.push(noted - 1);
    }
    return indexes.sort((a, b) => a - b);
  }

  has(id: string): boolean {
    return this.#words[this.#find(id) + 2] !== 0;
  }

  /** Where the id is or would be; leaves its hashes in the fields. */
  #find(id: string): number {
    let first = 0x811c9dc5;
    let second = 0x9747b28c;
    for (let at = 0; at < id.length; at++) {
      const code = id.charCodeAt(at);
      first = Math.imul(first ^ code, 0x01000193);
      second = Math.imul(second ^ code, 0x5bd1e995);
    }
    this.#first = first;
    this.#second = second ^ (second >>> 15);
    return this.#slotOf(this.#first, this.#second) * 4;
  }

  #slotOf(first: number, second: number): number {
    const mask = this.#slots - 1;
    const words = this.#words;
    // FNV's low bits are good enough to spread ids that differ in their last characters.
    let slot = (first ^ (second >>> 7)) & mask;
    while (
      words[slot * 4 + 2] !== 0 &&
      (words[slot * 4] !== first || words[slot * 4 + 1] !== second)
    ) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #grow(): void {
    const old = this.#words;
    this.#slots *= 2;
    this.#words = new Int32Array(this.#slots * 4);
    for (let at = 0; at < old.length; at += 4) {
      if (old[at + 2] === 0) continue;
      const slot = this.#slotOf(old[at] ?? 0, old[at + 1] ?? 0);
      this.#words.set(old.subarray(at, at + 4), slot * 4);
    }
  }
}
