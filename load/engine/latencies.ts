import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
} from 'hdr-histogram-js';
import type { LoadSample } from '../../harness/history/event.ts';

/** What is timed. */
export const TIMED = ['delivery', 'connect', 'reconnect', 'accept', 'saga', 'late'] as const;
export type Timed = (typeof TIMED)[number];

/** One hour: more than any deadline of the engine. In microseconds. */
const HIGHEST_US = 3_600_000_000;

/** Two digits are exact to 1 %, in 100 KiB for each. */
const newHistogram = (): Histogram =>
  build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_US,
    numberOfSignificantValueDigits: 2,
    bitBucketSize: 32,
    useWebAssembly: false,
  });

/** Histograms as they pass between threads; of what was not timed there is none. */
export type PackedLatencies = { readonly [Of in Timed]?: string };

/** The distribution of each time, in histograms that can be added up. */
export class Latencies {
  readonly #histograms = new Map<Timed, Histogram>();

  record(of: Timed, ms: number): void {
    const us = Math.min(HIGHEST_US, Math.max(1, Math.round(ms * 1_000)));
    this.#of(of).recordValue(us);
  }

  add(packed: PackedLatencies): void {
    for (const of of TIMED) {
      const text = packed[of];
      if (text !== undefined) this.#of(of).add(decodeFromCompressedBase64(text));
    }
  }

  /** All that was recorded since the last call. */
  take(): PackedLatencies {
    const packed: { -readonly [Of in Timed]?: string } = {};
    for (const [of, histogram] of this.#histograms) {
      if (histogram.totalCount === 0) continue;
      packed[of] = encodeIntoCompressedBase64(histogram);
      histogram.reset();
    }
    return packed;
  }

  /** Undefined when nothing was timed. */
  summary(of: Timed): LoadSample['latencyMs'] {
    const histogram = this.#histograms.get(of);
    if (histogram === undefined || histogram.totalCount === 0) return undefined;
    const at = (percentile: number) => msOf(histogram.getValueAtPercentile(percentile));
    return {
      count: histogram.totalCount,
      ...{ p50: at(50), p90: at(90), p99: at(99), p999: at(99.9) },
      max: msOf(histogram.maxValue),
    };
  }

  #of(of: Timed): Histogram {
    const known = this.#histograms.get(of) ?? newHistogram();
    this.#histograms.set(of, known);
    return known;
  }
}

const msOf = (us: number): number => Math.round(us / 10) / 100;
