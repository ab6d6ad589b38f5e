import type { LoadModel, Slo } from '../model/model-schema.ts';
import { judgeSlo, type Measured, type SloResult } from '../model/slo.ts';
import type { LoadDocument } from './load-document.ts';
import type { StepSearch } from './step-search.ts';
import { type LoadTally, WORKLOADS } from './tally.ts';

/** What is known only once the tier is at rest. */
export interface Rest {
  /** All that was due was sent. */
  readonly isStopped: boolean;
  readonly missing: number;
  readonly unfinished: number;
  readonly backlogBytesMax?: number;
}

/** Under which conditions the load ran. */
export interface Conditions {
  readonly scenario: string;
  readonly threads: number;
  readonly beganMs: number;
  readonly endedMs: number;
  /** Sockets that never subscribed. */
  readonly notReady: number;
  readonly notLanded: readonly string[];
  /** Why times say nothing, if they do not. */
  readonly starved: string | undefined;
  readonly growthMiB: number | undefined;
  readonly search?: StepSearch['result'];
}

const KIB = 1_024;
/** A generator that was late by less did not make a latency of any use miss its limit. */
const LATE_MS_MIN = 50;

export function measuredOf(tally: LoadTally, rest: Rest, conditions: Conditions): Measured {
  const { counts, latencies } = tally.total;
  const { gap: gaps, duplicate: duplicates, reorder: reorders, leak: leaks } = counts;
  const { attempts, errors } = counts;
  const { backlogBytesMax, missing, unfinished } = rest;
  return {
    ...Object.fromEntries(WORKLOADS.map((of) => [of, latencies.summary(of)])),
    ...{ gaps, duplicates, reorders, leaks, missing, unfinished, attempts, errors },
    stalledBacklogKiB: backlogBytesMax === undefined ? undefined : backlogBytesMax / KIB,
    tierGrowthMiB: conditions.growthMiB,
  };
}

interface Run {
  readonly model: LoadModel;
  readonly slo: Slo;
  readonly measured: Measured;
  readonly rest: Rest;
  readonly conditions: Conditions;
}

/** Judges a run: what must never happen always counts, times only on a machine that had time. */
export function concluded(run: Run, tally: LoadTally): LoadDocument {
  const { model, conditions, rest } = run;
  const limits = judgeSlo(run.slo, run.measured);
  const late = tally.total.latencies.summary('late');
  const judged = outcomeOf(run, limits, late?.p99);
  const { counts } = tally.total;
  const seconds = (conditions.endedMs - conditions.beganMs) / 1_000;
  const latencies = WORKLOADS.flatMap((of) => {
    const summary = tally.total.latencies.summary(of);
    return summary === undefined ? [] : [[of, summary] as const];
  });
  return {
    ...{ model: model.name, claims: model.claims, engine: 'built-in', ...judged },
    durationSeconds: rounded(seconds),
    sockets: model.sockets.users * model.sockets.perUser,
    threads: conditions.threads,
    latencies: Object.fromEntries(latencies),
    counts: {
      ...{ published: counts.sent, accepted: counts.accepted, finished: counts.finished },
      ...{ frames: counts.frames, bytes: counts.bytes },
      ...{ gaps: counts.gap, duplicates: counts.duplicate },
      ...{ reorders: counts.reorder, leaks: counts.leak },
      ...{ missing: rest.missing, unfinished: rest.unfinished },
      ...{ attempts: counts.attempts, errors: counts.errors },
      ...{ lost: counts.lost, closedSlow: counts.closedSlow },
    },
    framesPerSecond: rounded(counts.frames / seconds),
    limits: limits.map(({ name, limit, value, isKept }) => ({
      ...{ name, limit, isKept },
      ...(value === undefined ? {} : { value: rounded(value) }),
    })),
    faults: model.faults,
    ...(conditions.search ? { search: conditions.search } : {}),
    generator: {
      ...(late === undefined ? {} : { lateP99Ms: late.p99 }),
      loopDelayMsMax: rounded(tally.loopDelayMsMax),
    },
  };
}

const rounded = (value: number): number => Math.round(value * 1_000) / 1_000;

const sayingOf = ({ name, limit, value }: SloResult): string =>
  `${name} is ${rounded(value ?? 0)}, the limit is ${limit}`;

type Judged = Pick<LoadDocument, 'outcome' | 'why'>;

function outcomeOf(
  { model, conditions, rest }: Run,
  limits: readonly SloResult[],
  lateMs: number | undefined,
): Judged {
  const missed = limits.filter(({ isKept }) => !isKept);
  const certain = missed.filter(({ kind }) => kind !== 'time');
  if (certain.length > 0) return { outcome: 'failed', why: certain.map(sayingOf).join('; ') };
  if (conditions.notLanded.length > 0) {
    return { outcome: 'inconclusive', why: conditions.notLanded.join('; ') };
  }
  if (!rest.isStopped) {
    return { outcome: 'inconclusive', why: 'the load generator could not send all that was due' };
  }
  if (conditions.search) return searchOutcome(conditions.search, conditions.starved);
  const { notReady } = conditions;
  const timed = [
    ...(notReady === 0 ? [] : [`${notReady} sockets never had their subscription acknowledged`]),
    ...missed.map(sayingOf),
  ];
  if (timed.length === 0) return nothingMeasured(model, limits) ?? { outcome: 'passed' };
  const why = timed.join('; ');
  const reason = conditions.starved ?? generatorLate(missed, lateMs);
  return reason === undefined
    ? { outcome: 'failed', why }
    : { outcome: 'inconclusive', why: `${why}. But ${reason}` };
}

function searchOutcome(search: StepSearch['result'], starved: string | undefined): Judged {
  if (search.bestPerSecond !== undefined) return { outcome: 'passed' };
  const why = 'the first rate missed the limits already';
  return starved === undefined
    ? { outcome: 'failed', why }
    : { outcome: 'inconclusive', why: `${why}. But ${starved}` };
}

/** A run without an observation proves nothing. */
function nothingMeasured(model: LoadModel, limits: readonly SloResult[]): Judged | undefined {
  const due = model.updates ? 'deliveryP99Ms' : model.sagas ? 'sagaP99Ms' : 'connectP99Ms';
  const limit = limits.find(({ name }) => name === due);
  return limit !== undefined && limit.value === undefined
    ? { outcome: 'inconclusive', why: `nothing was measured that ${due} could be held to` }
    : undefined;
}

/** The generator's own delay is in every latency: one that is large explains a missed limit. */
function generatorLate(missed: readonly SloResult[], lateMs = 0): string | undefined {
  const limits = missed.filter(({ name }) => name.endsWith('Ms')).map(({ limit }) => limit);
  const lowest = Math.min(...limits);
  if (limits.length === 0 || lateMs < Math.max(LATE_MS_MIN, lowest / 2)) return undefined;
  return `the load generator was late itself (p99 ${Math.round(lateMs)} ms)`;
}
