/** How limits are checked. It imports no library, so that k6 can load it, too. */
import type { Slo, SloName } from './model-schema.ts';

/** A distribution of times, as far as limits need it. */
export interface Latency {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
}

/** What a run measured. A figure that it has no observation of is undefined. */
export interface Measured {
  readonly delivery?: Latency | undefined;
  readonly connect?: Latency | undefined;
  readonly reconnect?: Latency | undefined;
  readonly accept?: Latency | undefined;
  readonly saga?: Latency | undefined;
  readonly gaps: number;
  readonly duplicates: number;
  readonly reorders: number;
  readonly leaks: number;
  readonly missing: number;
  readonly unfinished: number;
  /** Handshakes and commands: how many, and how many were refused or broke. */
  readonly attempts: number;
  readonly errors: number;
  readonly stalledBacklogKiB?: number | undefined;
  readonly tierGrowthMiB?: number | undefined;
}

/**
 * - `safety`: it must never happen, however busy the machine is
 * - `bound`: memory, which does not depend on how busy it is
 * - `time`: on a starved machine it says nothing
 */
export type SloKind = 'safety' | 'bound' | 'time';

/** One limit and what was measured. */
export interface SloResult {
  readonly name: SloName;
  readonly kind: SloKind;
  readonly limit: number;
  /** Undefined: nothing was measured, so that nothing is shown. */
  readonly value: number | undefined;
  readonly isKept: boolean;
}

const shareOf = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

const VALUE: {
  readonly [Name in SloName]-?: readonly [SloKind, (measured: Measured) => number | undefined];
} = {
  deliveryP50Ms: ['time', ({ delivery }) => delivery?.p50],
  deliveryP99Ms: ['time', ({ delivery }) => delivery?.p99],
  connectP99Ms: ['time', ({ connect }) => connect?.p99],
  reconnectP99Ms: ['time', ({ reconnect }) => reconnect?.p99],
  acceptP99Ms: ['time', ({ accept }) => accept?.p99],
  sagaP50Ms: ['time', ({ saga }) => saga?.p50],
  sagaP99Ms: ['time', ({ saga }) => saga?.p99],
  gaps: ['safety', ({ gaps }) => gaps],
  duplicates: ['safety', ({ duplicates }) => duplicates],
  reorders: ['safety', ({ reorders }) => reorders],
  leaks: ['safety', ({ leaks }) => leaks],
  missing: ['time', ({ missing }) => missing],
  unfinished: ['time', ({ unfinished }) => unfinished],
  errorShareMax: ['time', ({ errors, attempts }) => shareOf(errors, attempts)],
  stalledBacklogKiBMax: ['bound', ({ stalledBacklogKiB }) => stalledBacklogKiB],
  tierGrowthMiBMax: ['bound', ({ tierGrowthMiB }) => tierGrowthMiB],
};

export const SLO_NAMES = Object.keys(VALUE) as readonly SloName[];

/** Holds what was measured to each limit. */
export function judgeSlo(slo: Slo, measured: Measured): SloResult[] {
  return SLO_NAMES.flatMap((name) => {
    const limit = slo[name];
    if (limit === undefined) return [];
    const [kind, figure] = VALUE[name];
    const value = figure(measured);
    return [{ name, kind, limit, value, isKept: value === undefined || value <= limit }];
  });
}

/** Names of the metrics of the k6 scripts and of the extension. */
export const K6_METRIC = {
  delivery: 'sagaproof_delivery',
  connect: 'sagaproof_connect',
  reconnect: 'sagaproof_reconnect',
  accept: 'sagaproof_accept',
  saga: 'sagaproof_saga',
  gap: 'sagaproof_gaps',
  duplicate: 'sagaproof_duplicates',
  reorder: 'sagaproof_reorders',
  leak: 'sagaproof_leaks',
  unfinished: 'sagaproof_unfinished',
  errors: 'sagaproof_errors',
} as const;

/** Each limit that k6 can hold a run to, as its metric and condition. */
const THRESHOLD: { readonly [Name in SloName]?: readonly [string, (limit: number) => string] } = {
  deliveryP50Ms: [K6_METRIC.delivery, (limit) => `med<=${limit}`],
  deliveryP99Ms: [K6_METRIC.delivery, (limit) => `p(99)<=${limit}`],
  connectP99Ms: [K6_METRIC.connect, (limit) => `p(99)<=${limit}`],
  reconnectP99Ms: [K6_METRIC.reconnect, (limit) => `p(99)<=${limit}`],
  acceptP99Ms: [K6_METRIC.accept, (limit) => `p(99)<=${limit}`],
  sagaP50Ms: [K6_METRIC.saga, (limit) => `med<=${limit}`],
  sagaP99Ms: [K6_METRIC.saga, (limit) => `p(99)<=${limit}`],
  gaps: [K6_METRIC.gap, (limit) => `count<=${limit}`],
  duplicates: [K6_METRIC.duplicate, (limit) => `count<=${limit}`],
  reorders: [K6_METRIC.reorder, (limit) => `count<=${limit}`],
  leaks: [K6_METRIC.leak, (limit) => `count<=${limit}`],
  unfinished: [K6_METRIC.unfinished, (limit) => `count<=${limit}`],
  errorShareMax: [K6_METRIC.errors, (limit) => `rate<=${limit}`],
};

/** The same limits as thresholds of k6. Those of memory need the built-in engine. */
export function thresholdsOf(slo: Readonly<Partial<Record<SloName, number>>>) {
  const thresholds: Record<string, string[]> = {};
  for (const [name, [metric, condition]] of Object.entries(THRESHOLD)) {
    const limit = slo[name as SloName];
    if (limit === undefined) continue;
    thresholds[metric] = [...(thresholds[metric] ?? []), condition(limit)];
  }
  return thresholds;
}
