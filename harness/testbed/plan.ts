/** From a stack's specification to a tree of resources and its address book. */

import type {
  AddressBook,
  HopAddress,
  Infrastructure,
  LinkAddress,
  ServiceName,
} from '../kernel/address-book.ts';
import { decoderOf } from '../links/wire-configuration.ts';
import { isManaged, type ManagedResource } from './component.ts';
import { allocateEndpoints, type Endpoints, hostPort } from './endpoints.ts';
import { createInfrastructure, type KafkaPorts } from './infrastructure.ts';
import { isInfrastructure, isService, LINKS, linkName, select } from './links.ts';
import { NATIVE_HOST } from './providers/native/host.ts';
import { leaf, parallel, type Resource, type ResourceTree, sequence } from './resource.ts';
import { WIRE, wireResource } from './resources/wire.ts';
import { plannedBuilds } from './services/build.ts';
import {
  allocateInstances,
  planServices,
  type RunningService,
  type ServicePlan,
} from './services/plan.ts';
import type { StackSpec } from './spec.ts';
import type { StackContext } from './stack-context.ts';

/** The port of a service that others call. */
const CALLED_PORT = 'grpc';

export interface StackPlan {
  readonly tree: ResourceTree;
  readonly resources: Map<string, Resource | ManagedResource>;
  readonly services: ServicePlan;
  /** The address book as it is now: instances come and go. */
  addressBook(): AddressBook;
}

/** The process that runs a resource now, where there is one that this machine can signal. */
export function pidOf(resource: Resource | undefined): number | undefined {
  const running = isManaged(resource) ? resource.provider.process() : undefined;
  return running && !running.exit ? running.pid : undefined;
}

/** Names of everything that an order would start. */
export function plannedNames({
  only,
  wire,
  services,
}: Pick<StackSpec, 'only' | 'wire' | 'services'>): string[] {
  const instances = services.flatMap(({ service, manifest }) =>
    Array.from({ length: manifest.instances }, (_, index) => `${service}-${index + 1}`),
  );
  const wires = wire ? [WIRE] : [];
  return [...plannedBuilds(services), ...select(only).infrastructure, ...wires, ...instances];
}

/** Chooses every port and makes every resource; starts nothing. */
export async function planStack(context: StackContext, spec: StackSpec): Promise<StackPlan> {
  const startedAt = new Date().toISOString();
  const selection = select(spec.only);
  const endpoints = await allocateEndpoints(context.ports, selection.infrastructure, spec.config);
  const running = new Map<ServiceName, RunningService>();
  for (const definition of spec.services) {
    const instances = await allocateInstances(context, definition);
    running.set(definition.service, { definition, instances });
  }
  const kafkaPorts = await allocateKafkaPorts(context, running);
  const wired = spec.wire ?? false;
  const links = await allocateLinks({ context, running, endpoints, kafkaPorts, wired });
  const wire = wired ? wireResource(context, links) : undefined;
  const infrastructure = createInfrastructure({
    context,
    config: spec.config,
    endpoints,
    kafkaPorts,
    links,
    smtpMessagesPort: await context.ports.next(),
    registryManagementPort: await context.ports.next(),
  });
  const services = planServices(context, running, {
    links,
    oidc: infrastructure.book.oidc,
    otlp: infrastructure.book.otlp,
    databasePasswords: infrastructure.roles.services,
  });
  const instances = [...running.values()].flatMap(({ definition, instances }) =>
    instances.map((address) => services.resourceOf(definition, address)),
  );
  const resources = new Map<string, Resource | ManagedResource>(infrastructure.resources);
  if (wire) resources.set(WIRE, wire);
  for (const instance of instances) resources.set(instance.name, instance);
  return {
    tree: spec.untuned
      ? oneByOne(infrastructure.resources, [...(wire ? [wire] : []), ...instances])
      : treeOf(infrastructure.resources, [...(wire ? [wire] : []), ...instances]),
    resources,
    services,
    addressBook: () =>
      // The book of a partial stack (`only`) lacks the other components.
      ({
        runId: spec.runId,
        runFolder: context.paths.folder,
        startedAt,
        controlSocket: context.paths.controlSocket,
        supervisorPid: process.pid,
        links,
        ...(wire ? { wire: { socket: context.paths.wireSocket } } : {}),
        ...infrastructure.book,
        services: services.addresses((id) => pidOf(resources.get(id))),
      }) as AddressBook,
  };
}

/**
 * Everything at once; each resource names what it needs (`after`), so that a service starts as
 * soon as its own dependencies are up and not when all are.
 */
function treeOf(
  components: ReadonlyMap<Infrastructure, Resource>,
  instances: readonly Resource[],
): ResourceTree {
  const leaves = (names: readonly Infrastructure[]) =>
    names.flatMap((name) => {
      const resource = components.get(name);
      return resource ? [leaf(resource)] : [];
    });
  // The slowest are started first: on two cores the order of spawning decides.
  const first: Infrastructure[] = ['toxiproxy', 'kafka', 'registry'];
  const outbox: Infrastructure[] = ['postgres', 'connect'];
  const rest = [...components.keys()].filter((name) => ![...first, ...outbox].includes(name));
  return parallel(
    ...leaves(first),
    sequence(...leaves(outbox)),
    ...leaves(rest),
    parallel(...instances.map(leaf)),
  );
}

/** What benchmarks compare with: each part waits for the one before, as in a start script. */
function oneByOne(
  components: ReadonlyMap<Infrastructure, Resource>,
  instances: readonly Resource[],
): ResourceTree {
  const order: Infrastructure[] = ['toxiproxy', 'postgres', 'kafka'];
  const names = new Set([...order, ...components.keys()]);
  const inOrder = [...names].flatMap((name) => components.get(name) ?? []);
  // The gateway is not ready before what it calls.
  const callersLast = instances.toSorted((a, b) => calls(a.name) - calls(b.name));
  return sequence(...[...inOrder, ...callersLast].map(leaf));
}

const calls = (instance: string): number =>
  (LINKS[instance.replace(/-\d+$/, '') as ServiceName] ?? []).filter(isService).length;

async function allocateKafkaPorts(
  context: StackContext,
  running: ReadonlyMap<ServiceName, RunningService>,
): Promise<KafkaPorts> {
  const services = new Map<string, number>();
  for (const [service, { definition }] of running) {
    const reachesKafka = LINKS[service].includes('kafka') && !definition.manifest.address;
    if (reachesKafka) services.set(service, await context.ports.next());
  }
  return {
    controller: await context.ports.next(),
    connect: await context.ports.next(),
    services,
  };
}

/** One proxy for every dependency of every service that the harness starts. */
async function allocateLinks(order: {
  readonly context: StackContext;
  readonly running: ReadonlyMap<ServiceName, RunningService>;
  readonly endpoints: Endpoints;
  readonly kafkaPorts: KafkaPorts;
  readonly wired: boolean;
}): Promise<LinkAddress[]> {
  const links: LinkAddress[] = [];
  for (const [service, { definition }] of order.running) {
    if (definition.manifest.address) continue;
    for (const dependency of LINKS[service]) {
      const upstream = upstreamOf(service, dependency, order);
      if (upstream === undefined) continue;
      const port = async () =>
        hostPort({ host: NATIVE_HOST, port: await order.context.ports.next() });
      const kinds: HopAddress['kind'][] =
        order.wired && decoderOf(dependency) ? ['wire', 'toxiproxy'] : ['toxiproxy'];
      links.push(
        linkOf(linkName(service, dependency), upstream, await hopsOf(kinds, upstream, port)),
      );
    }
  }
  return links;
}

/** Each hop listens for the one before it. */
async function hopsOf(
  kinds: readonly HopAddress['kind'][],
  upstream: string,
  port: () => Promise<string>,
): Promise<HopAddress[]> {
  const hops: HopAddress[] = [];
  for (const kind of kinds.toReversed()) {
    const next = hops[0]?.listen ?? upstream;
    hops.unshift({ kind, listen: await port(), upstream: next });
  }
  return hops;
}

const linkOf = (name: string, upstream: string, hops: readonly HopAddress[]): LinkAddress => ({
  name,
  listen: hops[0]?.listen ?? upstream,
  upstream,
  hops,
});

function upstreamOf(
  service: ServiceName,
  dependency: string,
  order: Pick<Parameters<typeof allocateLinks>[0], 'running' | 'endpoints' | 'kafkaPorts'>,
): string | undefined {
  if (isService(dependency)) {
    const [first] = order.running.get(dependency)?.instances ?? [];
    const port = first?.ports[CALLED_PORT];
    return first && port !== undefined ? `${first.host}:${port}` : undefined;
  }
  if (!isInfrastructure(dependency)) return undefined;
  const endpoint = order.endpoints.get(dependency);
  if (!endpoint) return undefined;
  const ownListener = order.kafkaPorts.services.get(service);
  if (dependency === 'kafka' && endpoint.provider !== 'address' && ownListener !== undefined) {
    return hostPort({ host: endpoint.host, port: ownListener });
  }
  return hostPort(endpoint);
}
