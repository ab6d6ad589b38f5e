/**
 * Claims: metrics are what monitoring takes them for. Counters and histograms only grow while their
 * process lives, a histogram adds up, no label has an id of a user, order or job in it, and what
 * counts work under way (open sockets, requests in flight) is 0 when all is done, and lag is small.
 * An instance does not keep files, sockets or timers for what has ended.
 *
 * Checks: compares the readings of each instance's page with each other. A process that was
 * started in between begins again at 0.
 *
 * Could be fooled: by a counter that counts something else than its name says; by a leak that is
 * small in one run.
 */

import { DISTURBING_EVENTS, Disturbances, serviceOf } from '../checker/facts/disturbances.ts';
import { Findings } from '../checker/findings.ts';
import { type Checker, defineInvariant, type Finding } from '../checker/invariant.ts';
import type { Scope } from '../checker/scope.ts';
import type { HistoryEvent } from '../history/event.ts';
import type { EventOf } from '../history/event-schema.ts';

export const metricsConsistent = defineInvariant({
  name: 'metrics-consistent',
  promise: 'Counters only grow, histograms add up, gauges of work are 0 when all is done.',
  needs: ['metrics', 'process'],
  reads: ['metrics', ...DISTURBING_EVENTS],
  diagnosis: {
    causes: [
      'a gauge is decremented on one of several paths only',
      'ids of users, jobs or orders are labels',
      'buckets and counts of a histogram are updated apart',
    ],
    look: 'the place where the metric named is changed, on error paths too',
  },
  start: (scope) => new MetricsConsistent(scope),
});

type MetricsSeen = EventOf<'metrics'>;

const STARTED = 'process_start_time_seconds';
/** Gauges of work that is under way, by their names. */
const UNDER_WAY = /_(?:lag|sockets|in_flight|inflight|pending)(?:\{|$)/;
/** Gauges of what a process holds, and how much more than at first it may hold in the end. */
const HELD = ['process_open_fds', 'nodejs_active_resources_total'] as const;
const HELD_MORE_MAX = 250;
/** A service that was disturbed may still be at work. */
const RECOVERY_MS = 30_000;

/** A consumer refreshes its lag when it fetches: the last few records may still be in it. */
const LAG_MAX = 20;
const restingMax = (gauge: string): number => (/_lag(?:\{|$)/.test(gauge) ? LAG_MAX : 0);

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;
const LABEL_VALUE = /="((?:[^"\\]|\\.)*)"/g;

/** The readings of one process. */
interface Readings {
  readonly first: MetricsSeen;
  last: MetricsSeen;
}

class MetricsConsistent implements Checker {
  readonly #scope: Scope;
  readonly #findings = new Findings();
  readonly #disturbances = new Disturbances();
  /** By instance, of the process that runs now. */
  readonly #readings = new Map<string, Readings>();
  /** Series whose labels were looked at. */
  readonly #labelled = new Set<string>();

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  observe(event: HistoryEvent): void {
    this.#disturbances.observe(event);
    if (event.type === 'process' && event.what !== 'signalled' && event.what !== 'ready') {
      this.#readings.delete(event.instance);
    }
    if (event.type === 'metrics') this.#read(event);
  }

  #read(now: MetricsSeen): void {
    this.#findings.look();
    this.#labels(now);
    for (const [key, histogram] of Object.entries(now.histograms)) {
      const flaw = histogramFlaw(histogram);
      if (flaw !== undefined) {
        this.#findings.violate(() => `${now.instance}: histogram ${key} ${flaw}.`, now.index);
      }
    }
    const readings = this.#readings.get(now.instance);
    if (readings === undefined || isOfAnother(readings.last, now)) {
      this.#readings.set(now.instance, { first: now, last: now });
      return;
    }
    this.#grows(readings.last, now);
    readings.last = now;
  }

  #grows(before: MetricsSeen, now: MetricsSeen): void {
    for (const [key, was] of totalsOf(before)) {
      const is = now.counters[key] ?? now.histograms[key]?.count;
      if (is === undefined || is >= was) continue;
      this.#findings.violate(
        () => `${now.instance}: ${key} fell from ${was} to ${is} in one process.`,
        before.index,
        now.index,
      );
    }
  }

  #labels({ counters, gauges, histograms, instance, index }: MetricsSeen): void {
    for (const key of [counters, gauges, histograms].flatMap(Object.keys)) {
      if (this.#labelled.has(key)) continue;
      this.#labelled.add(key);
      for (const [, value = ''] of key.matchAll(LABEL_VALUE)) {
        if (!UUID.test(value) && !this.#scope.users.has(value)) continue;
        this.#findings.violate(
          () => `${instance}: ${key} has an id in a label: it has a series for each.`,
          index,
        );
      }
    }
  }

  finish(): Finding {
    for (const [instance, { first, last }] of this.#readings) {
      const endedMs = this.#disturbances.endedMs(serviceOf(instance));
      if (last.atMs > endedMs + RECOVERY_MS) this.#atRest(first, last);
    }
    return this.#findings.finding();
  }

  #atRest(first: MetricsSeen, last: MetricsSeen): void {
    for (const [key, value] of Object.entries(last.gauges)) {
      if (!UNDER_WAY.test(key) || value <= restingMax(key)) continue;
      this.#findings.violate(() => `${last.instance}: ${key} is ${value} in the end.`, last.index);
    }
    for (const name of HELD) {
      const [was, is] = [first.gauges[name], last.gauges[name]];
      if (was === undefined || is === undefined || is - was <= HELD_MORE_MAX) continue;
      this.#findings.violate(
        () => `${last.instance}: ${name} was ${was} at first and is ${is} in the end.`,
        first.index,
        last.index,
      );
    }
  }
}

function* totalsOf({ counters, histograms }: MetricsSeen): Generator<readonly [string, number]> {
  yield* Object.entries(counters);
  for (const [key, { count }] of Object.entries(histograms)) yield [key, count];
}

/** Whether two readings of an instance are of different processes. */
const isOfAnother = (before: MetricsSeen, now: MetricsSeen): boolean =>
  before.gauges[STARTED] !== now.gauges[STARTED];

/** What is wrong with a histogram, if anything. */
function histogramFlaw({
  upTo,
  buckets,
  count,
  sum,
}: MetricsSeen['histograms'][string]): string | undefined {
  const falls = buckets.findIndex((value, at) => value < (buckets[at - 1] ?? 0));
  if (falls >= 0) return `has fewer observations up to ${upTo[falls]} than up to a lower bound`;
  const infinite = buckets[upTo.indexOf('+Inf')];
  if (infinite !== count) return `has ${count} observations, and ${infinite ?? 'no'} up to +Inf`;
  if (!Number.isFinite(sum) || (count === 0 && sum !== 0)) return `has the sum ${sum} of ${count}`;
  return undefined;
}
