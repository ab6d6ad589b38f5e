import { TOPICS } from '#contracts/spec/topics.generated.ts';
import { TOPOLOGY } from '#contracts/spec/topology.generated.ts';
import type { HistoryEvent, ProcessEvent } from '../../history/event.ts';
import { REST_SERVICE, SOCKET_SERVICE } from '../../kernel/system.ts';
import { type FaultKind, faultKind } from './fault-kinds.ts';

type FaultChanged = Extract<HistoryEvent, { type: 'fault' }>;

/** One fault that landed on a service or on one of its links. */
export interface Incident {
  readonly service: string;
  readonly kind: FaultKind;
  readonly link?: string;
  readonly beganMs: number;
  /** `Infinity` until it ends. */
  endedMs: number;
  /** It hit an operation: then there was work, whatever else was seen. */
  readonly hadWork: boolean;
}

const links: Readonly<Record<string, readonly string[]>> = TOPOLOGY.links;
const CONSUMERS: ReadonlyMap<string, readonly string[]> = new Map(
  TOPICS.map(({ name, consumers }) => [name, consumers]),
);
/** Services that decide whether a token is valid, and those that ask them. */
const VERIFIERS = Object.entries(TOPOLOGY.services)
  .filter(
    ([, service]) => 'uses' in service && (service.uses as readonly string[]).includes('oidc'),
  )
  .map(([name]) => name);
/** How the server closes a socket whose token has expired: contracts/spec/asyncapi.yaml. */
const CLOSE_EXPIRED = 4001;

/** Collects what happened to services and links, from faults, processes, records and answers. */
export class Incidents {
  readonly all: Incident[] = [];
  /** Highest number of an instance, and the nodes that clients were connected to. */
  readonly instances = new Map<string, number>();
  readonly nodes = new Set<string>();
  readonly #openFaults = new Map<string, Incident[]>();
  readonly #openProcesses = new Map<string, Incident[]>();

  /** @param republished the event is a record whose message came before */
  observe(event: HistoryEvent, republished: boolean): void {
    switch (event.type) {
      case 'process':
        this.#process(event);
        break;
      case 'fault':
        this.#fault(event);
        break;
      case 'kafka':
        if (republished) this.#again(event.topic, event.timestampMs);
        break;
      case 'fail':
        if (event.code === 'token-expired') this.#expired(REST_SERVICE, event.atMs);
        break;
      case 'ws':
        if (event.what === 'open') this.nodes.add(event.node);
        if (event.closeCode === CLOSE_EXPIRED) this.#expired(SOCKET_SERVICE, event.atMs);
        break;
      case 'health':
      case 'metrics':
        this.#instance(event.instance);
        break;
    }
  }

  #instance(id: string): void {
    const [, service, number] = /^(.*)-(\d+)$/.exec(id) ?? [];
    if (service === undefined) return;
    this.instances.set(service, Math.max(Number(number), this.instances.get(service) ?? 0));
  }

  #process(event: ProcessEvent): void {
    const { instance, what, atMs } = event;
    this.#instance(instance);
    if (what === 'ready' || event.signal === 'SIGCONT')
      this.#end(this.#openProcesses, instance, atMs);
    const kind = processFault(event);
    if (kind === undefined || this.#openProcesses.has(instance)) return;
    const service = instance.replace(/-\d+$/, '');
    const affected: Array<Pick<Incident, 'service' | 'kind' | 'link'>> =
      service in links
        ? [{ service, kind }]
        : usersOf(instance).map((user) => linkFault(user, instance, kind));
    this.#begin(this.#openProcesses, instance, affected, atMs, false);
  }

  #fault(event: FaultChanged): void {
    const { fault, name, target, what, atMs } = event;
    if (what === 'lifted') this.#end(this.#openFaults, fault, atMs);
    if (what !== 'landed') return;
    const { kind, isAtOperation } = faultKind(name);
    const [service = '', dependency] = target.split('→');
    // The supervisor reports what happens to processes, also at an operation of a link.
    if (kind === 'kill' || kind === 'pause' || kind === 'restart') return;
    const affected =
      dependency === undefined
        ? usersOf(target).map((user) => linkFault(user, target, kind))
        : [{ service, kind, link: target }];
    const operation = isAtOperation || event.operation !== undefined;
    this.#begin(this.#openFaults, fault, affected, atMs, operation);
  }

  #again(topic: string, atMs: number): void {
    for (const service of CONSUMERS.get(topic) ?? []) {
      this.#moment({ service, kind: 'redelivery' }, atMs);
    }
  }

  #expired(service: string, atMs: number): void {
    for (const one of [service, ...VERIFIERS])
      this.#moment({ service: one, kind: 'expired-token' }, atMs);
  }

  #moment(of: Pick<Incident, 'service' | 'kind'>, atMs: number): void {
    this.all.push({ ...of, beganMs: atMs, endedMs: atMs, hadWork: true });
  }

  #begin(
    open: Map<string, Incident[]>,
    key: string,
    affected: ReadonlyArray<Pick<Incident, 'service' | 'kind' | 'link'>>,
    beganMs: number,
    hadWork: boolean,
  ): void {
    const begun = affected.map((one) => ({
      ...one,
      beganMs,
      endedMs: Number.POSITIVE_INFINITY,
      hadWork,
    }));
    this.all.push(...begun);
    open.set(key, [...(open.get(key) ?? []), ...begun]);
  }

  #end(open: Map<string, Incident[]>, key: string, atMs: number): void {
    for (const incident of open.get(key) ?? []) incident.endedMs = atMs;
    open.delete(key);
  }
}

/** What a process event is the begin of, if the harness caused it. */
function processFault({
  what,
  signal,
  unasked,
}: ProcessEvent): 'kill' | 'pause' | 'restart' | undefined {
  if (what === 'signalled' && signal === 'SIGKILL') return 'kill';
  if (what === 'signalled' && signal === 'SIGSTOP') return 'pause';
  if (what === 'signalled' && signal === 'SIGTERM') return 'restart';
  return what === 'exited' && !unasked ? 'restart' : undefined;
}

/** Services with a link to a server. */
const usersOf = (server: string): string[] =>
  Object.keys(links).filter((service) => links[service]?.includes(server));

/** What a fault of a server is for a link to it: a server that is away is a cut link. */
const linkFault = (service: string, server: string, kind: FaultKind) => ({
  service,
  link: `${service}→${server}`,
  kind:
    kind === 'pause'
      ? ('latency' as const)
      : kind === 'kill' || kind === 'restart'
        ? ('cut' as const)
        : kind,
});
