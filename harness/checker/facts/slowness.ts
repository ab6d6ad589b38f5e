/**
 * Whether other programs took the CPU from this stack. A deadline that passed on a starved machine
 * proves nothing about the system.
 */

import type { ResourceSample } from '../../history/event.ts';

/**
 * Work took this many times its CPU time. That alone says little: a run of all scenarios keeps two
 * cores so busy that its own threads wait for each other, up to 14 times as long.
 */
export const SLOW_FROM = 8;
/** The stack had at most this part of all CPUs: alone on two cores it has 0.75 and more. */
export const SHARE_MAX = 0.6;

/** CPU time and waiting time of the stack's threads in one interval. */
export interface SlownessSample {
  readonly endMs: number;
  readonly periodMs: number;
  /** CPU time and waiting time over CPU time; 1 on a machine with free CPUs. */
  readonly slowdown: number;
  /** CPU time over what all CPUs of the machine have: 0 to 1. */
  readonly share: number;
}

/** Samples in the order of time. */
export class Slowness {
  readonly #samples: SlownessSample[] = [];

  observe({ atMs: endMs, periodMs, cpuSlowdown: slowdown, cpuShare: share }: ResourceSample): void {
    if (slowdown === undefined || share === undefined) return;
    this.add({ endMs, periodMs, slowdown, share });
  }

  add(sample: SlownessSample): void {
    this.#samples.push(sample);
  }

  /** In words, if the machine was starved in this time. */
  starved(fromMs: number, toMs: number): string | undefined {
    const { slowdown, share } = this.#meansOver(fromMs, toMs);
    if (slowdown < SLOW_FROM || share > SHARE_MAX) return undefined;
    return (
      `the machine was starved: work took ${slowdown.toFixed(1)} times its CPU time, ` +
      `and other programs had ${Math.round((1 - share) * 100)} % of the CPUs`
    );
  }

  /** Weighted by the part of each interval that lies in this time. */
  #meansOver(fromMs: number, toMs: number): { readonly slowdown: number; readonly share: number } {
    let weight = 0;
    let slowdown = 0;
    let share = 0;
    for (const sample of this.#samples) {
      const { endMs, periodMs } = sample;
      const overlapMs = Math.min(endMs, toMs) - Math.max(endMs - periodMs, fromMs);
      if (overlapMs <= 0) continue;
      weight += overlapMs;
      slowdown += overlapMs * sample.slowdown;
      share += overlapMs * sample.share;
    }
    if (weight === 0) return { slowdown: 1, share: 1 };
    return { slowdown: slowdown / weight, share: share / weight };
  }
}
