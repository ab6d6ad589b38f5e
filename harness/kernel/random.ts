import { createHash } from 'node:crypto';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** A number that stands for these words, and for no others put together the same way. */
export const seedNumber = (...words: readonly string[]): number =>
  createHash('sha256').update(JSON.stringify(words)).digest().readInt32BE(0);

/**
 * Choices that the run's seed makes. Each scenario has a series of its own, so that it chooses the
 * same alone and among others. Draw before anything is awaited side by side: what comes out of a
 * race must not decide who draws next.
 */
export class Random {
  readonly #generator;

  constructor(seed: string, scenario: string) {
    this.#generator = xoroshiro128plus(seedNumber(seed, scenario));
  }

  /** Both ends included. */
  integer(min: number, max: number): number {
    return uniformInt(this.#generator, min, max);
  }

  pick<T>(from: readonly T[]): T {
    if (from.length === 0) throw new Error('there is nothing to pick from');
    return from[this.integer(0, from.length - 1)] as T;
  }

  /** Fisher and Yates'. */
  shuffled<T>(list: readonly T[]): T[] {
    const mixed = [...list];
    for (let end = mixed.length - 1; end > 0; end -= 1) {
      const other = this.integer(0, end);
      [mixed[end], mixed[other]] = [mixed[other] as T, mixed[end] as T];
    }
    return mixed;
  }
}
