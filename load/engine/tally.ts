import type { LoadSample, Unrecorded } from '../../harness/history/event.ts';
import { nowMs } from '../../harness/history/shard.ts';
import { Latencies, type Timed } from './latencies.ts';
import { type Counts, noCounts, type WorkerSample } from './messages.ts';

/** What is timed and shown as a workload of its own. */
export const WORKLOADS = [
  'delivery',
  'connect',
  'reconnect',
  'accept',
  'saga',
] as const satisfies readonly Timed[];
export type Workload = (typeof WORKLOADS)[number];

/** An interval of the run, or all of it. */
class Part {
  readonly counts: Counts = noCounts();
  readonly latencies = new Latencies();
  startMs: number;

  constructor(startMs: number) {
    this.startMs = startMs;
  }

  add({ counts, latencies }: WorkerSample): void {
    for (const [name, by] of Object.entries(counts)) this.counts[name as keyof Counts] += by;
    this.latencies.add(latencies);
  }

  sample(of: Workload, scenario: string, endMs: number): Unrecorded<LoadSample> {
    const { counts } = this;
    const latencyMs = this.latencies.summary(of);
    const frames = of === 'delivery';
    return {
      type: 'load-sample',
      workload: `${scenario}/${of}`,
      ...{ startMs: this.startMs, endMs },
      sent: frames ? counts.sent : (latencyMs?.count ?? 0),
      received: frames ? counts.frames : (latencyMs?.count ?? 0),
      lost: frames ? counts.gap : 0,
      duplicated: frames ? counts.duplicate : 0,
      reordered: frames ? counts.reorder : 0,
      leaked: frames ? counts.leak : 0,
      ...(frames ? { errors: counts.errors } : {}),
      ...(latencyMs === undefined ? {} : { latencyMs }),
    };
  }
}

/** Adds up what the threads report: of the interval under way, of a step of a search, of all. */
export class LoadTally {
  readonly total = new Part(nowMs());
  #interval = new Part(nowMs());
  #step = new Part(nowMs());
  #lastFrameMs = nowMs();
  loopDelayMsMax = 0;

  add = (sample: WorkerSample): void => {
    this.total.add(sample);
    this.#interval.add(sample);
    this.#step.add(sample);
    if ((sample.counts.frames ?? 0) > 0) this.#lastFrameMs = nowMs();
    this.loopDelayMsMax = Math.max(this.loopDelayMsMax, sample.loopDelayMs);
  };

  /** How long no frame has come. */
  get quietMs(): number {
    return nowMs() - this.#lastFrameMs;
  }

  /** What the interval that ends now had, for the history and for the terminal. */
  takeInterval(scenario: string, openSockets: number) {
    const endMs = nowMs();
    const part = this.#interval;
    this.#interval = new Part(endMs);
    const samples = WORKLOADS.map((of) => part.sample(of, scenario, endMs))
      .filter(
        ({ workload, latencyMs }) => latencyMs !== undefined || workload.endsWith('/delivery'),
      )
      .map((sample) =>
        sample.workload.endsWith('/delivery') ? { ...sample, sockets: openSockets } : sample,
      );
    const perSecond = (part.counts.frames * 1_000) / Math.max(1, endMs - part.startMs);
    return { samples, perSecond, latency: part.latencies.summary('delivery') };
  }

  /** What came since the last step of a search began. */
  takeStep() {
    const part = this.#step;
    this.#step = new Part(nowMs());
    return part;
  }

  /** What the whole run had. */
  totals(scenario: string): Array<Unrecorded<LoadSample>> {
    const endMs = nowMs();
    return WORKLOADS.map((of) => this.total.sample(of, scenario, endMs))
      .filter(({ latencyMs }) => latencyMs !== undefined)
      .map((sample) => ({ ...sample, isTotal: true }));
  }
}
