import type { HistoryEvent, ProcessEvent, RunStarted, ScenarioEnded } from '../history/event.ts';
import { HISTORY_SOURCES, type HistorySource } from '../history/sources.ts';
import { Exposure, type SubjectExposure } from './exposure/exposure.ts';
import type { Checker, Finding, Invariant, InvariantResult, Verdict } from './invariant.ts';
import { Scope } from './scope.ts';

/** What `sagaproof verify` and `sagaproof check` say: the content of `verdict.json`. */
export interface RunVerdict {
  readonly verdict: Verdict;
  readonly seed: string;
  readonly commit: string;
  readonly run: string;
  readonly durationMs: number;
  readonly scenarios: ReadonlyArray<{
    readonly name: string;
    readonly outcome: ScenarioEnded['outcome'] | 'unfinished';
    readonly message?: string;
    readonly durationMs?: number;
  }>;
  readonly invariants: readonly InvariantResult[];
  readonly sources: ReadonlyArray<{
    readonly name: HistorySource;
    readonly events: number;
    readonly state: 'complete' | 'incomplete' | 'absent';
    readonly reason?: string;
  }>;
  /** The implementations under test; none: all services are the reference services. */
  readonly subjects: ReadonlyArray<Omit<RunStarted['subjects'][number], 'absentFeatures'>>;
  /** Per service: what faults it was exposed to, and which promises were judged then. */
  readonly exposure: readonly SubjectExposure[];
  /** Why the whole is not valid, beyond what invariants and scenarios say. */
  readonly reasons: readonly string[];
}

/** The exit code of each verdict. */
export const EXIT_CODES: Readonly<Record<Verdict, 0 | 1 | 2>> = {
  valid: 0,
  invalid: 1,
  unknown: 2,
};

interface Running {
  readonly invariant: Invariant;
  readonly checker: Checker;
  crash: string | undefined;
}

interface SourceSeen {
  events: number;
  state: 'complete' | 'incomplete' | 'absent';
  reason?: string;
}

interface ScenarioSeen {
  outcome: ScenarioEnded['outcome'] | 'unfinished';
  message?: string;
  readonly beganMs: number;
  durationMs?: number;
}

/** Holds one history to every invariant, event by event. */
export class HistoryCheck {
  readonly #scope = new Scope();
  readonly #exposure = new Exposure();
  readonly #running: readonly Running[];
  readonly #byType = new Map<HistoryEvent['type'], Running[]>();
  readonly #sources = new Map<HistorySource, SourceSeen>();
  readonly #scenarios = new Map<string, ScenarioSeen>();
  readonly #reasons: string[] = [];
  #firstMs: number | undefined;

  constructor(invariants: readonly Invariant[]) {
    this.#running = invariants.map((invariant) => ({
      invariant,
      checker: invariant.start(this.#scope),
      crash: undefined,
    }));
    for (const running of this.#running) {
      for (const type of running.invariant.reads) {
        const readers = this.#byType.get(type);
        if (readers === undefined) this.#byType.set(type, [running]);
        else readers.push(running);
      }
    }
    for (const source of HISTORY_SOURCES) this.#source(source);
  }

  /** Takes the next event of the history, and the line that it was read from, if it was. */
  observe(event: HistoryEvent, text?: string): void {
    this.#firstMs ??= event.atMs;
    this.#note(event);
    this.#scope.observe(event);
    this.#exposure.observe(event, event.type === 'kafka' && this.#scope.republished);
    const readers = this.#byType.get(event.type);
    if (readers === undefined) return;
    for (const running of readers) {
      if (running.crash !== undefined) continue;
      try {
        running.checker.observe(event, text);
      } catch (error) {
        running.crash = `it crashed at event ${event.index}: ${messageOf(error)}`;
      }
    }
  }

  /** Notes why the history as such cannot be trusted: the verdict is then never `valid`. */
  doubt(reason: string): void {
    this.#reasons.push(reason);
  }

  /** The verdict; call once, after the last event. */
  finish(): RunVerdict {
    const { run } = this.#scope;
    if (run === undefined) this.doubt('the history is empty: nothing was recorded');
    const invariants = this.#running.map((running) => this.#result(running, run));
    const results = this.#running.map(({ invariant }, place) => ({
      invariant,
      result: invariants[place] as InvariantResult,
    }));
    const scenarios = [...this.#scenarios].map(([name, { beganMs: _, ...seen }]) => ({
      name,
      ...seen,
    }));
    for (const { name, outcome, message } of scenarios) {
      if (outcome === 'unfinished') this.doubt(`scenario "${name}" began and never ended`);
      if (outcome === 'partial') this.doubt(`scenario "${name}" was not played: ${message}`);
      if (outcome === 'inconclusive') {
        this.doubt(`scenario "${name}" is inconclusive: ${message?.split('\n')[0]}`);
      }
    }
    const verdicts: Verdict[] = [
      ...invariants.map(({ verdict }) => verdict),
      ...scenarios.map(({ outcome }): Verdict => (outcome === 'failed' ? 'invalid' : 'valid')),
      ...this.#reasons.map((): Verdict => 'unknown'),
    ];
    return {
      verdict: worst(verdicts),
      seed: run?.seed ?? '',
      commit: run?.commit ?? '',
      run: run?.run ?? '',
      durationMs: Math.round(this.#scope.lastMs - (this.#firstMs ?? this.#scope.lastMs)),
      scenarios,
      invariants,
      sources: [...this.#sources].map(([name, seen]) => ({ name, ...seen })),
      subjects: (run?.subjects ?? []).map(({ absentFeatures: _, ...subject }) => subject),
      exposure: this.#exposure.finish(results, run),
      reasons: this.#reasons,
    };
  }

  #note(event: HistoryEvent): void {
    // Invariants that still held were not checked on a complete system.
    if (event.type === 'process' && event.unasked) this.doubt(describeEnd(event));
    switch (event.type) {
      case 'scenario-started':
        this.#scenarios.set(event.scenario, { outcome: 'unfinished', beganMs: event.atMs });
        break;
      case 'scenario-ended': {
        const beganMs = this.#scenarios.get(event.scenario)?.beganMs ?? event.atMs;
        this.#scenarios.set(event.scenario, {
          outcome: event.outcome,
          beganMs,
          durationMs: Math.round(event.atMs - beganMs),
          ...(event.message === undefined ? {} : { message: event.message }),
        });
        break;
      }
      case 'source-closed': {
        const seen = this.#source(event.source);
        seen.state = event.state;
        if (event.reason !== undefined) seen.reason = event.reason;
        break;
      }
      default: {
        const source = sourceOf(event);
        if (source !== undefined) this.#source(source).events++;
      }
    }
  }

  #source(name: HistorySource): SourceSeen {
    let seen = this.#sources.get(name);
    if (seen === undefined) {
      seen = { events: 0, state: 'absent' };
      this.#sources.set(name, seen);
    }
    return seen;
  }

  #result({ invariant, checker, crash }: Running, run: RunStarted | undefined): InvariantResult {
    const about = { name: invariant.name, promise: invariant.promise };
    if (crash !== undefined) return { ...about, verdict: 'unknown', looked: 0, reason: crash };
    let finding: Finding;
    try {
      finding = checker.finish();
    } catch (error) {
      const reason = `it crashed at the end: ${messageOf(error)}`;
      return { ...about, verdict: 'unknown', looked: 0, reason };
    }
    const { looked, found, violations } = finding;
    const broken = found === 0 ? {} : { found, witness: violations };
    // What a source that was not read to its end lacks looks just like what never happened.
    const blind = blindTo(invariant, this.#sources);
    if (found > 0 && blind.length === 0) return { ...about, verdict: 'invalid', looked, ...broken };
    const reasons = [...blind, ...whyUnknown(invariant, finding, run)];
    if (reasons.length === 0) return { ...about, verdict: 'valid', looked };
    return { ...about, verdict: 'unknown', looked, ...broken, reason: reasons.join('; ') };
  }
}

/** Sources that the invariant needs and that were not read to their end. */
function blindTo({ needs }: Invariant, sources: ReadonlyMap<HistorySource, SourceSeen>): string[] {
  return needs.flatMap((source) => {
    const seen = sources.get(source);
    if (seen?.state === 'complete') return [];
    const why = seen?.reason === undefined ? '' : ` (${seen.reason})`;
    return [`source ${source} is ${seen?.state ?? 'absent'}${why}`];
  });
}

function describeEnd({ instance, exitCode, signal }: ProcessEvent): string {
  const how = exitCode === undefined ? `by ${signal ?? 'a signal'}` : `with exit code ${exitCode}`;
  return `${instance} ended ${how} during the run, and no scenario requested it: see its log`;
}

function whyUnknown(
  { features = [] }: Invariant,
  { looked, undecided }: Finding,
  run: RunStarted | undefined,
): string[] {
  const reasons: string[] = [];
  for (const { service, absentFeatures } of run?.subjects ?? []) {
    const absent = features.filter((feature) => absentFeatures.includes(feature));
    if (absent.length > 0) reasons.push(`partial: ${service} declares no ${absent.join(', ')}`);
  }
  if (looked === 0) reasons.push('there was nothing to look at');
  if (undecided !== undefined) reasons.push(undecided);
  return reasons;
}

/** Holds events to the invariants, all at once. */
export function checkEvents(
  events: Iterable<HistoryEvent>,
  invariants: readonly Invariant[],
): RunVerdict {
  const check = new HistoryCheck(invariants);
  for (const event of events) check.observe(event);
  return check.finish();
}

/** A violation outweighs a doubt, and a doubt outweighs any number of promises kept. */
function worst(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('invalid')) return 'invalid';
  return verdicts.includes('unknown') ? 'unknown' : 'valid';
}

function sourceOf(event: HistoryEvent): HistorySource | undefined {
  switch (event.type) {
    case 'invoke':
    case 'ok':
    case 'fail':
    case 'info':
      return 'client';
    case 'ws':
      return 'websocket';
    case 'kafka':
      return 'kafka';
    case 'eventstore':
      return 'eventstore';
    case 'state':
      return event.source;
    case 'process':
      return 'process';
    case 'span':
      return 'spans';
    case 'mail':
      return 'mail';
    case 'wire-operation':
      return 'wire';
    case 'fault':
      return 'faults';
    case 'load-sample':
    case 'load-jobs':
    case 'load-result':
      return 'load';
    case 'resource-sample':
      return 'resources';
    case 'health':
      return 'health';
    case 'metrics':
      return 'metrics';
    case 'log':
      return 'logs';
    default:
      return undefined;
  }
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
