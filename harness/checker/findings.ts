import type { Finding, Violation } from './invariant.ts';

/** A reader needs no more; all are counted. */
const VIOLATIONS_KEPT_MAX = 10;

/** Collects what an invariant finds, keeping the first few. */
export class Findings {
  readonly #kept: Violation[] = [];
  #found = 0;
  #looked = 0;
  readonly #undecided: string[] = [];

  /** Counts things that could be judged. */
  look(count = 1): void {
    this.#looked += count;
  }

  /**
   * Notes a violation.
   *
   * @param message one sentence with the ids in it; only made when it is kept
   * @param witness indexes of the events that show it; -1 and repetitions are left out
   */
  violate(message: () => string, ...witness: readonly number[]): void {
    this.#found++;
    if (this.#kept.length >= VIOLATIONS_KEPT_MAX) return;
    const indexes = [...new Set(witness.filter((index) => index >= 0))];
    this.#kept.push({ message: message(), witness: indexes.sort((a, b) => a - b) });
  }

  /**
   * Notes a violation whose only evidence is that a deadline has passed.
   *
   * @param starved why the deadline says nothing, if the machine was starved: then it is undecided
   */
  late(starved: string | undefined, message: () => string, ...witness: readonly number[]): void {
    if (starved === undefined) this.violate(message, ...witness);
    else this.undecided(`${message()} But ${starved}`);
  }

  /** Notes something that could not be judged. */
  undecided(...why: readonly string[]): void {
    this.#undecided.push(...why.slice(0, VIOLATIONS_KEPT_MAX - this.#undecided.length));
  }

  finding(): Finding {
    return {
      looked: this.#looked,
      violations: this.#kept,
      found: this.#found,
      ...(this.#undecided.length === 0 ? {} : { undecided: this.#undecided.join('; ') }),
    };
  }
}
