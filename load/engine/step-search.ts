import { setTimeout as pause } from 'node:timers/promises';
import type { LoadModel, Slo } from '../model/model-schema.ts';
import { type Stage, stagesOf } from '../model/schedule.ts';
import { judgeSlo } from '../model/slo.ts';
import type { LoadTally } from './tally.ts';

/** A rate that was tried. */
export interface SearchStep {
  readonly perSecond: number;
  readonly p99Ms?: number;
  readonly isKept: boolean;
}

/** Raises the rate step by step, and ends after the first that misses the limits. */
export class StepSearch {
  readonly #slo: Slo;
  readonly #tally: LoadTally;
  readonly #stages: readonly Stage[];
  readonly #steps: SearchStep[] = [];

  constructor({ model, slo }: { readonly model: LoadModel; readonly slo: Slo }, tally: LoadTally) {
    this.#slo = slo;
    this.#tally = tally;
    const { perSecond } = model.updates ?? model.sagas ?? { perSecond: 0 };
    this.#stages = stagesOf(perSecond, model);
  }

  /** Resolves when a step missed the limits, or all were tried. */
  async play(signal: AbortSignal): Promise<void> {
    this.#tally.takeStep();
    for (const { perSecond, seconds } of this.#stages) {
      await pause(seconds * 1_000, undefined, { signal });
      const { latencies, counts } = this.#tally.takeStep();
      const [delivery, accept, saga] = (['delivery', 'accept', 'saga'] as const).map((of) =>
        latencies.summary(of),
      );
      const { gap: gaps, duplicate: duplicates, reorder: reorders, leak: leaks } = counts;
      const { attempts, errors } = counts;
      const limits = judgeSlo(this.#slo, {
        ...{ delivery, accept, saga, gaps, duplicates, reorders, leaks, attempts, errors },
        ...{ missing: 0, unfinished: 0 },
      });
      const isKept = limits.every((limit) => limit.isKept);
      const p99Ms = (saga ?? delivery)?.p99;
      this.#steps.push({ perSecond, ...(p99Ms === undefined ? {} : { p99Ms }), isKept });
      if (!isKept) return;
    }
  }

  get result() {
    const best = this.#steps.findLast(({ isKept }) => isKept)?.perSecond;
    return { steps: this.#steps, ...(best === undefined ? {} : { bestPerSecond: best }) };
  }
}
