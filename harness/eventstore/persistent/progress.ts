/**
 * How far a group has come: which position has every event up to it processed. Pure. A checkpoint
 * comes from here only, so it is never ahead of the acknowledgements.
 */

export interface Progress {
  /** The next position to read after a restart is the one after this. */
  readonly position: bigint;
  /** How many messages were processed up to here since the group started. */
  readonly count: number;
}

export class ProgressTracker {
  /** Messages that were read and are not processed, in the order of reading. */
  readonly #pending = new Map<number, Progress>();
  #last: Progress;

  /** @param position everything up to here counts as processed. */
  constructor(position: bigint) {
    this.#last = { position, count: 0 };
  }

  /** A message was read; gives the number under which it is to be reported as processed. */
  read(position: bigint): number {
    const count = this.#last.count + 1;
    this.#pending.set(count, this.#last);
    this.#last = { position, count };
    return count;
  }

  /** An event was read that the group's filter leaves out. */
  skip(position: bigint): void {
    this.#last = { position, count: this.#last.count + 1 };
  }

  processed(number: number): void {
    this.#pending.delete(number);
  }

  /** Everything before the first message that is not processed. */
  current(): Progress {
    for (const before of this.#pending.values()) return before;
    return this.#last;
  }
}
