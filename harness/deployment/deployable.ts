/**
 * Services and servers as something to deploy: what contracts/topology.yaml, topics.yaml and the
 * services' manifests say, without any form of a cluster or an engine.
 */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { TOPICS } from '#contracts/spec/topics.generated.ts';
import type { Topic } from '#contracts/spec/topics.ts';
import { TOPOLOGY } from '#contracts/spec/topology.generated.ts';
import type { Topology } from '#contracts/spec/topology.ts';
import { INFRASTRUCTURE, SERVICES } from '../kernel/address-book.ts';
import { packageAsset } from '../kernel/package-assets.ts';
import { loadManifest } from '../testbed/services/manifest.ts';

/** Where the servers' images, ports and settings are, from the repository's root. */
export const SERVERS_FILE = 'compose/compose.servers.yaml';
const SIZING_FILE = 'helm/sizing.yaml';

/** Each instance has an address of its own, so every service may use the same numbers. */
const PORTS: Readonly<Record<string, number>> = { http: 8080, ws: 8081, grpc: 50051, admin: 9090 };
/** The port of a service that others call. */
export const CALLED_PORT = 'grpc';

const Resources = z.strictObject({ cpu: z.string(), memory: z.string() });
const Size = z.strictObject({
  replicas: z.int().min(1),
  replicasMax: z.int().min(1),
  resources: z.strictObject({ requests: Resources, limits: Resources }),
  lagThreshold: z.int().min(1),
  expose: z
    .strictObject({ port: z.string(), kind: z.enum(['ingress', 'load-balancer']) })
    .optional(),
});
export type Size = z.infer<typeof Size>;
const SizingSchema = z.strictObject({
  defaults: Size.omit({ expose: true }),
  services: z.partialRecord(z.enum(SERVICES), Size.partial()),
});

const Server = z.looseObject({
  image: z.string(),
  expose: z.array(z.string()).min(1),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).optional(),
});
type Server = z.infer<typeof Server>;

export interface DeployableServer extends Server {
  readonly name: string;
  readonly ports: readonly number[];
  /** Servers that it cannot run without. */
  readonly needs: readonly string[];
  /** Services that have a link to it. */
  readonly usedBy: readonly string[];
}

export interface DeployableService {
  readonly name: string;
  readonly version: string;
  readonly ports: Readonly<Record<string, number>>;
  readonly instances: number;
  /** With the placeholders of the manifest. */
  readonly env: Readonly<Record<string, string>>;
  readonly manifest: string;
  readonly calls: readonly string[];
  readonly calledBy: readonly string[];
  /** Servers that it reaches, the receiver of traces included. */
  readonly servers: readonly string[];
  readonly stores: readonly string[];
  readonly hasOutbox: boolean;
  /** Topics that it consumes as the group of its name. */
  readonly consumes: readonly string[];
  readonly size: Size;
}

const services: Topology['services'] = TOPOLOGY.services;
const servers: Topology['infrastructure'] = TOPOLOGY.infrastructure;
const links: Topology['links'] = TOPOLOGY.links;
const topics: readonly Topic[] = TOPICS;

const readYaml = (path: string): unknown => parse(readFileSync(packageAsset(path), 'utf8'));

/** Servers in the order of the topology. */
export function deployableServers(): DeployableServer[] {
  const file = z.looseObject({ services: z.record(z.string(), Server) });
  const written = file.parse(readYaml(SERVERS_FILE)).services;
  return INFRASTRUCTURE.map((name) => {
    const server = written[name];
    if (server === undefined) throw new Error(`${SERVERS_FILE} has no server ${name}`);
    return {
      ...server,
      name,
      ports: server.expose.map(Number),
      needs: servers[name]?.needs ?? [],
      usedBy: SERVICES.filter((service) => serversOf(service).includes(name)),
    };
  });
}

/** Servers that a service reaches. Every service sends traces. */
function serversOf(service: string): string[] {
  const linked = (links[service] ?? []).filter((name) => servers[name] !== undefined);
  const tracing = Object.keys(servers).filter((name) => name === 'otlp');
  return [...new Set([...linked, ...tracing])];
}

/** Services in the order of the topology. */
export function deployableServices(): DeployableService[] {
  const { defaults, services: sizes } = SizingSchema.parse(readYaml(SIZING_FILE));
  return SERVICES.map((name) => {
    const { manifest } = loadManifest(
      packageAsset(`reference-services/${name}/sagaproof.service.yaml`),
    );
    const facts = services[name];
    if (facts === undefined) throw new Error(`contracts/topology.yaml has no service ${name}`);
    return {
      name,
      version: manifest.version,
      manifest: `reference-services/${name}/sagaproof.service.yaml`,
      ports: Object.fromEntries(manifest.ports.map((port) => [port, portNumber(name, port)])),
      instances: manifest.instances,
      env: manifest.env,
      calls: facts.calls,
      calledBy: SERVICES.filter((caller) => services[caller]?.calls.includes(name)),
      servers: serversOf(name),
      stores: facts.stores,
      hasOutbox: facts.outbox,
      consumes: topics
        .filter(({ consumers }) => consumers.includes(name))
        .map((topic) => topic.name),
      size: Size.parse({ ...defaults, ...sizes[name] }),
    };
  });
}

function portNumber(service: string, port: string): number {
  const number = PORTS[port];
  if (number === undefined) throw new Error(`${service} has a port ${port}, which has no number`);
  return number;
}

/**
 * Values of the placeholders that a manifest may use.
 *
 * @param addressOf `host:port` of a server or of another service, as this target writes it
 */
export function placeholderValues(
  service: DeployableService,
  target: {
    readonly instanceId: string;
    readonly databaseUrl: string;
    readonly oidc: { readonly issuer: string; readonly audience: string };
    readonly tracesUrl: string;
    readonly addressOf: (dependency: string) => string;
  },
): ReadonlyMap<string, string> {
  const { instanceId, databaseUrl, oidc, tracesUrl, addressOf } = target;
  return new Map([
    ['instance.id', instanceId],
    ['db.url', databaseUrl],
    ['oidc.issuer', oidc.issuer],
    ['oidc.audience', oidc.audience],
    ['otlp.url', tracesUrl],
    ...Object.entries(service.ports).map(([name, port]): [string, string] => [
      `port.${name}`,
      String(port),
    ]),
    ...[...service.calls, ...service.servers].map((name): [string, string] => [
      `link.${name}`,
      addressOf(name),
    ]),
  ]);
}
