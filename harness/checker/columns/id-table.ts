/**
 * Remembers, for each of very many ids, where it was seen first and, if wanted, a fingerprint of
 * what it said, in 12 to 16 bytes an entry: a `Map` of strings would need ten times that. Ids are
 * compared by 64 bits of hash: two of a million are confused with a probability of 3e-8.
 */

/** The table grows when it is fuller than this: linear probing is quick below it. */
const LOAD_MAX = 0.75;
const SLOTS_MIN = 1 << 10;
/** Hash, other hash, event index + 1 (0 = free; negative = matched). */
const WORDS = 3;

export interface FirstSight {
  /** Index of the event that brought the id first. */
  readonly index: number;
  readonly fingerprint: number;
}

export class IdTable {
  #words: Int32Array<ArrayBuffer> = new Int32Array(SLOTS_MIN * WORDS);
  /** By slot; absent as long as every fingerprint is 0. */
  #prints: Int32Array<ArrayBuffer> | undefined;
  #slots = SLOTS_MIN;
  #count = 0;
  #first = 0;
  #second = 0;

  /** Notes the id, unless it was noted before: then answers what was noted. */
  note(id: string, index: number, fingerprint = 0): FirstSight | undefined {
    const slot = this.#find(id);
    const at = slot * WORDS;
    const words = this.#words;
    const noted = words[at + 2] ?? 0;
    if (noted !== 0) {
      return { index: Math.abs(noted) - 1, fingerprint: this.#prints?.[slot] ?? 0 };
    }
    words[at] = this.#first;
    words[at + 1] = this.#second;
    words[at + 2] = index + 1;
    if (fingerprint !== 0) {
      this.#prints ??= new Int32Array(this.#slots);
      this.#prints[slot] = fingerprint;
    }
    this.#count++;
    if (this.#count > this.#slots * LOAD_MAX) this.#grow();
    return undefined;
  }

  /** What was noted of the id. */
  find(id: string): FirstSight | undefined {
    const slot = this.#find(id);
    const noted = this.#words[slot * WORDS + 2] ?? 0;
    if (noted === 0) return undefined;
    return { index: Math.abs(noted) - 1, fingerprint: this.#prints?.[slot] ?? 0 };
  }

  /** Notes the id, whether it was noted before or not. */
  replace(id: string, index: number, fingerprint = 0): void {
    if (this.note(id, index, fingerprint) === undefined) return;
    const slot = this.#find(id);
    this.#words[slot * WORDS + 2] = index + 1;
    if (fingerprint !== 0) this.#prints ??= new Int32Array(this.#slots);
    if (this.#prints !== undefined) this.#prints[slot] = fingerprint;
  }

  /** Notes that the id's other half was seen; it must have been noted before. */
  match(id: string): void {
    const at = this.#find(id) * WORDS + 2;
    this.#words[at] = -Math.abs(this.#words[at] ?? 0);
  }

  /** Where ids were seen first whose other half was never seen, in order. */
  unmatched(): number[] {
    const indexes: number[] = [];
    for (let at = 2; at < this.#words.length; at += WORDS) {
      const noted = this.#words[at] ?? 0;
      if (noted > 0) indexes.push(noted - 1);
    }
    return indexes.sort((a, b) => a - b);
  }

  has(id: string): boolean {
    return this.#words[this.#find(id) * WORDS + 2] !== 0;
  }

  /** The slot where the id is or would be; leaves its hashes in the fields. */
  #find(id: string): number {
    // Two hashes in one pass: FNV-1a, and a sum over its states, for what that does not tell apart.
    let first = 0x811c9dc5;
    let second = 0x9747b28c;
    for (let at = 0; at < id.length; at++) {
      first = Math.imul(first ^ id.charCodeAt(at), 0x01000193);
      second = (((second << 5) | (second >>> 27)) + first) | 0;
    }
    this.#first = first;
    this.#second = second;
    return this.#slotOf(first, second);
  }

  #slotOf(first: number, second: number): number {
    const mask = this.#slots - 1;
    const words = this.#words;
    // FNV's low bits are good enough to spread ids that differ in their last characters.
    let slot = (first ^ (second >>> 7)) & mask;
    for (let at = slot * WORDS; words[at + 2] !== 0; at = slot * WORDS) {
      if (words[at] === first && words[at + 1] === second) return slot;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #grow(): void {
    const words = this.#words;
    const prints = this.#prints;
    this.#slots *= 2;
    this.#words = new Int32Array(this.#slots * WORDS);
    if (prints !== undefined) this.#prints = new Int32Array(this.#slots);
    for (let from = 0; from < words.length; from += WORDS) {
      const noted = words[from + 2] ?? 0;
      if (noted === 0) continue;
      const first = words[from] ?? 0;
      const second = words[from + 1] ?? 0;
      const slot = this.#slotOf(first, second);
      const at = slot * WORDS;
      this.#words[at] = first;
      this.#words[at + 1] = second;
      this.#words[at + 2] = noted;
      if (this.#prints !== undefined) this.#prints[slot] = prints?.[from / WORDS] ?? 0;
    }
    // Given back at once: otherwise they wait for the next collection, each as large as half of
    // what is in use.
    words.buffer.transfer(0);
    prints?.buffer.transfer(0);
  }
}
