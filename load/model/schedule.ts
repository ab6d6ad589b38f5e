/**
 * When arrivals are due. The load is open: a slow answer moves no later arrival, and a latency
 * counts from when its arrival was due, so that a generator or a system that stalls is not left
 * out of the figures (coordinated omission).
 */

/** A stretch of time with one rate. */
export interface Stage {
  readonly perSecond: number;
  readonly seconds: number;
}

/** Arrivals at the rates of stages that follow each other. */
export class Schedule {
  readonly stages: readonly Stage[];
  readonly durationMs: number;
  readonly count: number;

  constructor(stages: readonly Stage[]) {
    this.stages = stages;
    this.durationMs = stages.reduce((sum, { seconds }) => sum + seconds * 1_000, 0);
    this.count = stages.reduce((sum, stage) => sum + arrivalsOf(stage), 0);
  }

  /** Milliseconds from the start to the n-th arrival, from 0; undefined after the last. */
  dueMs(n: number): number | undefined {
    let before = 0;
    let fromMs = 0;
    for (const stage of this.stages) {
      const arrivals = arrivalsOf(stage);
      if (n < before + arrivals) return fromMs + ((n - before) * 1_000) / stage.perSecond;
      before += arrivals;
      fromMs += stage.seconds * 1_000;
    }
    return undefined;
  }

  /** The stage at a time since the start. */
  stageAt(ms: number): number {
    let endMs = 0;
    for (const [place, { seconds }] of this.stages.entries()) {
      endMs += seconds * 1_000;
      if (ms < endMs) return place;
    }
    return this.stages.length - 1;
  }
}

const arrivalsOf = ({ perSecond, seconds }: Stage): number => Math.floor(perSecond * seconds);

/** The parts of a model that decide when something arrives. */
interface Timed {
  readonly durationSeconds: number;
  readonly search?: { readonly factor: number; readonly stepSeconds: number } | undefined;
}

/** The stages of a rate: one, or the steps of a search. */
export function stagesOf(perSecond: number, { durationSeconds, search }: Timed): Stage[] {
  if (search === undefined) return [{ perSecond, seconds: durationSeconds }];
  const steps = Math.max(1, Math.floor(durationSeconds / search.stepSeconds));
  return Array.from({ length: steps }, (_, step) => ({
    perSecond: perSecond * search.factor ** step,
    seconds: search.stepSeconds,
  }));
}
