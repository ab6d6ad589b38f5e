import { TOPICS } from '#contracts/spec/topics.generated.ts';
import { TOPOLOGY } from '#contracts/spec/topology.generated.ts';
import type { HistoryEvent, RunStarted } from '../../history/event.ts';
import { SERVICES } from '../../kernel/address-book.ts';
import { REST_SERVICE, SOCKET_SERVICE } from '../../kernel/system.ts';
import type { Invariant, InvariantResult } from '../invariant.ts';
import { Activity } from './activity.ts';
import { FAULT_KINDS, type FaultKind, LINK_FAULTS } from './fault-kinds.ts';
import { type Incident, Incidents } from './incidents.ts';

/** How often a fault landed on a service, or on one of its links. */
export interface FaultCount {
  readonly fault: FaultKind;
  readonly link?: string;
  readonly landed: number;
  /** Of these, how often the service had work then. */
  readonly withWork: number;
}

/** What a history shows of one service: who it is, what it was exposed to, what was judged then. */
export interface SubjectExposure {
  readonly service: string;
  readonly instances: number;
  /** Every cell of the service in the matrix, also those that are empty. */
  readonly faults: readonly FaultCount[];
  /** Promises about it that had evidence while a fault acted on it. */
  readonly judged: readonly string[];
  /** Promises about it that had none: what they say of it holds without faults only. */
  readonly notJudged: readonly string[];
}

/** Work that had arrived this shortly before its process went away was probably in progress. */
const IN_PROGRESS_MS = 1_000;
/** Effects of a fault show up to this long after its end. */
const AFTERMATH_MS = 10_000;

const links: Readonly<Record<string, readonly string[]>> = TOPOLOGY.links;
const instances = (service: string): number =>
  (TOPOLOGY.services as Readonly<Record<string, { instances: number }>>)[service]?.instances ?? 1;
const CONSUMING: ReadonlySet<string> = new Set(
  TOPICS.flatMap<string>(({ consumers }) => consumers),
);
const isVerifier = (service: string): boolean => links[service]?.includes('oidc') ?? false;
const checksTokens = (service: string): boolean =>
  service === REST_SERVICE || service === SOCKET_SERVICE || isVerifier(service);

/** Reads a history and reports which faults each service was exposed to while it had work. */
export class Exposure {
  readonly #activity = new Activity();
  readonly #incidents = new Incidents();
  #lastMs = 0;

  /** @param republished the event is a record whose message came before */
  observe(event: HistoryEvent, republished: boolean): void {
    if (event.atMs > this.#lastMs) this.#lastMs = event.atMs;
    this.#activity.observe(event);
    this.#incidents.observe(event, republished);
  }

  /** Reports on every service of the topology. */
  finish(
    invariants: ReadonlyArray<{ readonly invariant: Invariant; readonly result: InvariantResult }>,
    run: RunStarted | undefined,
  ): SubjectExposure[] {
    const byService = Map.groupBy(this.#incidents.all, ({ service }) => service);
    return SERVICES.map((service) => {
      const own = byService.get(service) ?? [];
      const worked = own.filter((incident) => this.#hadWork(incident));
      const about = invariants.filter(({ invariant }) => concerns(invariant, service, run));
      const isJudged = ({ invariant, result }: (typeof about)[number]): boolean =>
        result.looked > 0 && worked.some((incident) => this.#sawEvidence(invariant, incident));
      const names = (some: typeof about): string[] => some.map(({ invariant }) => invariant.name);
      return {
        service,
        instances: this.#instancesOf(service),
        faults: this.#cells(service, own, worked),
        judged: names(about.filter(isJudged)),
        notJudged: names(about.filter((one) => !isJudged(one))),
      };
    });
  }

  #cells(service: string, own: readonly Incident[], worked: readonly Incident[]): FaultCount[] {
    const count = (fault: FaultKind, link?: string): FaultCount => {
      const isOf = (one: Incident): boolean =>
        one.kind === fault && (link === undefined || one.link === link);
      const landed = own.filter(isOf).length;
      const of = { fault, ...(link === undefined ? {} : { link }) };
      return { ...of, landed, withWork: worked.filter(isOf).length };
    };
    const cells = ['kill', 'restart', 'pause'] as const satisfies readonly FaultKind[];
    const several = this.#instancesOf(service) > 1;
    return [
      ...cells.map((fault) => count(fault)),
      ...LINK_FAULTS.flatMap((fault) =>
        (links[service] ?? []).map((dependency) => count(fault, `${service}→${dependency}`)),
      ),
      ...(CONSUMING.has(service) ? [count('redelivery')] : []),
      ...(CONSUMING.has(service) && several ? [rebalances(count)] : []),
      ...(checksTokens(service) ? [count('expired-token')] : []),
      ...(several ? [this.#secondNode(service)] : []),
      ...(own.some(({ kind }) => kind === 'other') ? [count('other')] : []),
    ].toSorted((a, b) => FAULT_KINDS.indexOf(a.fault) - FAULT_KINDS.indexOf(b.fault));
  }

  /** Clients choose the node of the socket service; others share what they consume. */
  #secondNode(service: string): FaultCount {
    const own = [...this.#incidents.nodes].filter((node) => node.replace(/-\d+$/, '') === service);
    const used = service === SOCKET_SERVICE ? own.length : this.#instancesOf(service);
    const more = Math.max(0, used - 1);
    return { fault: 'second-node', landed: more, withWork: more };
  }

  #instancesOf(service: string): number {
    return Math.max(instances(service), this.#incidents.instances.get(service) ?? 0);
  }

  #hadWork(incident: Incident): boolean {
    if (incident.hadWork) return true;
    const fromMs = incident.beganMs - (incident.link === undefined ? IN_PROGRESS_MS : 0);
    return this.#activity.hadWork(incident.service, fromMs, this.#endOf(incident));
  }

  #sawEvidence({ reads }: Invariant, incident: Incident): boolean {
    const fromMs = incident.beganMs - IN_PROGRESS_MS;
    const untilMs = this.#endOf(incident) + AFTERMATH_MS;
    return this.#activity.hasEvidence(incident.service, reads, fromMs, untilMs);
  }

  #endOf({ endedMs }: Incident): number {
    return Math.min(endedMs, this.#lastMs);
  }
}

/** An instance that leaves hands its partitions to another one, and takes some when it is back. */
function rebalances(count: (fault: FaultKind) => FaultCount): FaultCount {
  const sums = [count('kill'), count('restart'), count('pause')];
  const landed = sums.reduce((sum, one) => sum + one.landed, 0);
  const withWork = sums.reduce((sum, one) => sum + one.withWork, 0);
  return { fault: 'rebalance', landed, withWork };
}

function concerns(invariant: Invariant, service: string, run: RunStarted | undefined): boolean {
  if (invariant.concerns !== undefined && !invariant.concerns.includes(service)) return false;
  const subject = run?.subjects.find((one) => one.service === service);
  return !(invariant.features ?? []).some((name) => subject?.absentFeatures.includes(name));
}
