/**
 * How much slower than an idle machine this one was. A deadline that passed on a starved machine
 * proves nothing about the system.
 */

/**
 * The machine counts as starved when its threads waited so long for a CPU that work took this many
 * times as long. A run of all scenarios alone on two cores has a mean of 3 to 5; a system that
 * keeps its promises still kept all its deadlines at 15.
 */
export const STARVED_FROM = 8;

/** CPU time and waiting time of the stack's threads in one interval. */
export interface SlownessSample {
  readonly endMs: number;
  readonly periodMs: number;
  /** CPU time and waiting time over CPU time; 1 on a machine with free CPUs. */
  readonly slowdown: number;
}

/** Samples in the order of time. */
export class Slowness {
  readonly #samples: SlownessSample[] = [];

  add(sample: SlownessSample): void {
    this.#samples.push(sample);
  }

  /** The mean over a time, weighted by the part of each interval in it; 1 without samples. */
  within(fromMs: number, toMs: number): number {
    let weight = 0;
    let sum = 0;
    for (const { endMs, periodMs, slowdown } of this.#samples) {
      const overlapMs = Math.min(endMs, toMs) - Math.max(endMs - periodMs, fromMs);
      if (overlapMs <= 0) continue;
      weight += overlapMs;
      sum += overlapMs * slowdown;
    }
    return weight === 0 ? 1 : sum / weight;
  }

  /** In words, if the machine was starved in this time. */
  starved(fromMs: number, toMs: number): string | undefined {
    const slowdown = this.within(fromMs, toMs);
    if (slowdown < STARVED_FROM) return undefined;
    return `the machine was starved: everything took ${slowdown.toFixed(1)} times its CPU time`;
  }
}
