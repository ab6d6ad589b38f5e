/**
 * Claims: probes say how an instance is. While nothing disturbs a service, each of its instances is
 * live and ready; after a disturbance it is ready again in time. While the link to a store of the
 * service is cut, it is not ready, and it is live all the same: a restart would not help.
 *
 * Checks: compares what `/livez` and `/readyz` answered during the run with the processes and
 * faults that the history has. What lasts shorter than the tolerance is not judged.
 *
 * Could be fooled: by a probe that changes between two observations; by a fault that has no
 * event.
 */

import { TOPOLOGY } from '#contracts/spec/topology.generated.ts';
import type { Topology } from '#contracts/spec/topology.ts';
import { DISTURBING_EVENTS, Disturbances, serviceOf } from '../checker/facts/disturbances.ts';
import { Findings } from '../checker/findings.ts';
import { type DeadlineChecker, defineInvariant, type Finding } from '../checker/invariant.ts';
import type { Scope } from '../checker/scope.ts';
import type { HistoryEvent } from '../history/event.ts';
import type { EventOf } from '../history/event-schema.ts';

/** A probe may fail for so long without a cause: a loaded machine misses deadlines. */
const TOLERANCE_MS = 10_000;
/** After the last disturbance, a consumer that died may hold its group up for so long. */
const RECOVERY_MS = 20_000;
const DEADLINE_MS = TOLERANCE_MS + RECOVERY_MS;
/** From the cut of a link to a store until the service says that it is not ready. */
const NOTICED_MS = 10_000;

export const healthMatchesFaults = defineInvariant({
  name: 'health-matches-faults',
  promise: 'Instances are live and ready unless disturbed, and not ready without their store.',
  needs: ['health', 'process'],
  reads: ['health', ...DISTURBING_EVENTS],
  deadlineMs: DEADLINE_MS,
  diagnosis: {
    causes: [
      'readiness does not ask the store, or asks once at the start',
      'liveness depends on a store, so that a restart would be requested in vain',
      'a client library does not reconnect, or a pool keeps its broken connections',
    ],
    look: 'the handlers of `/livez` and `/readyz`, and the connection settings of the store named',
  },
  start: (scope) => new HealthMatchesFaults(scope),
});

type HealthSeen = EventOf<'health'>;
type FaultChanged = EventOf<'fault'>;

/** What a probe has been answering, and since when. */
interface Phase {
  readonly since: HealthSeen;
  /** Until when the outcome was seen, where that is known. */
  untilMs: number | undefined;
}

const SERVICES: Topology['services'] = TOPOLOGY.services;

class HealthMatchesFaults implements DeadlineChecker {
  readonly #scope: Scope;
  readonly #findings = new Findings();
  /** Readiness depends on links and servers, liveness on the process only. */
  readonly #disturbances = { readyz: new Disturbances(), livez: new Disturbances() };
  /** By instance and probe. */
  readonly #phases = new Map<string, Phase>();
  /** Cuts of links to stores that have landed, by fault. */
  readonly #cuts = new Map<string, FaultChanged>();

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  observe(event: HistoryEvent): void {
    if (event.type === 'health') {
      this.#probed(event);
      return;
    }
    // Before the end of a disturbance is known: it covers what was seen until now.
    if (event.type === 'fault') this.#cut(event);
    this.#disturbances.readyz.observe(event);
    if (event.type === 'process') this.#disturbances.livez.observe(event);
  }

  #probed(event: HealthSeen): void {
    const key = `${event.instance} ${event.probe}`;
    const phase = this.#phases.get(key);
    if (phase !== undefined) {
      phase.untilMs = event.beforeMs ?? event.atMs;
      if (event.isLast && event.outcome === phase.since.outcome) return;
      this.#judge(phase, phase.untilMs, event.index);
    }
    this.#findings.look();
    this.#phases.set(key, { since: event, untilMs: undefined });
  }

  /** From when on a phase that is not ok has no excuse: `Infinity` during a disturbance. */
  #inexcusableMs({ since }: Phase): number {
    const disturbances = this.#disturbances[since.probe];
    const endedMs = disturbances.endedMs(serviceOf(since.instance));
    return Math.max(since.atMs, endedMs + RECOVERY_MS) + TOLERANCE_MS;
  }

  #judge(phase: Phase, untilMs: number, endAt: number): void {
    const { since } = phase;
    if (since.outcome === 'ok' || untilMs <= this.#inexcusableMs(phase)) return;
    const { instance, probe, outcome, status = '', detail = '' } = since;
    const what = `${instance} answered /${probe} ${outcome} ${status} ${detail}`.trim();
    const seconds = Math.round((untilMs - since.atMs) / 1_000);
    this.#findings.violate(
      () => `${what} for ${seconds} s, and nothing disturbed it.`,
      since.index,
      endAt,
    );
  }

  #cut(event: FaultChanged): void {
    const [service = '', dependency = ''] = event.target.split('→');
    if (event.name !== 'cut' || !SERVICES[service]?.stores.includes(dependency)) return;
    if (event.what === 'landed') this.#cuts.set(event.fault, event);
    if (event.what !== 'lifted') return;
    const landed = this.#cuts.get(event.fault);
    this.#cuts.delete(event.fault);
    if (landed !== undefined) this.#noticed(landed, service, event.atMs);
  }

  /** A service without its store says so. */
  #noticed(landed: FaultChanged, service: string, liftedMs: number): void {
    const dueMs = landed.atMs + NOTICED_MS;
    if (liftedMs <= dueMs || this.#disturbances.livez.endedMs(service) > landed.atMs) return;
    for (const { since } of this.#phases.values()) {
      if (since.probe !== 'readyz' || serviceOf(since.instance) !== service) continue;
      this.#findings.look();
      if (since.outcome !== 'ok' || since.atMs > dueMs) continue;
      this.#findings.violate(
        () =>
          `${since.instance} answered /readyz ok although ${landed.target} was cut for ` +
          `${Math.round((liftedMs - landed.atMs) / 1_000)} s.`,
        landed.index,
        since.index,
      );
    }
  }

  *pending(nowMs: number): Generator<string, void, undefined> {
    for (const phase of this.#phases.values()) {
      const { outcome, instance, probe } = phase.since;
      if (outcome === 'ok' || nowMs > this.#inexcusableMs(phase)) continue;
      yield `${instance} answered /${probe} ${outcome} in the end`;
    }
  }

  finish(): Finding {
    const { lastMs } = this.#scope;
    this.#findings.undecided(...this.pending(lastMs));
    for (const phase of this.#phases.values()) this.#judge(phase, phase.untilMs ?? lastMs, -1);
    return this.#findings.finding();
  }
}
