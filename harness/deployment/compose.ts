/** compose/compose.yaml: the services and their servers, with a profile for each service. */
import { stringify } from 'yaml';
import { VERSION } from '../kernel/version.ts';
import { NATIVE_HOST } from '../testbed/providers/native/host.ts';
import { replacePlaceholders } from '../testbed/services/placeholders.ts';
import {
  CALLED_PORT,
  type DeployableServer,
  type DeployableService,
  deployableServers,
  deployableServices,
  placeholderValues,
  SERVERS_FILE,
} from './deployable.ts';

/** The profile with everything. */
const SYSTEM = 'system';
/** For development on one machine: the servers are published on loopback only. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: Compose replaces it, not we.
const PASSWORD = '${SAGAPROOF_PASSWORD:-sagaproof}';
const SETUP = '-setup';
const HEALTH = { interval: '2s', timeout: '3s', retries: 60, start_period: '60s' } as const;

type Yaml = Readonly<Record<string, unknown>>;

/** The text of compose/compose.yaml. */
export function composeFile(): string {
  const servers = deployableServers();
  const services = deployableServices();
  const entries = [
    ...servers.map((server): [string, Yaml] => [server.name, serverEntry(server, servers)]),
    ...servers
      .filter(hasSetup)
      .map((server): [string, Yaml] => [server.name + SETUP, setupEntry(server, servers)]),
    ...services.flatMap((service) => instancesOf(service, servers)),
  ];
  const document = { name: 'sagaproof', services: Object.fromEntries(entries) };
  return `${HEADER}${stringify(document, { lineWidth: 0, version: '1.1' })}`;
}

const HEADER = `\
# Generated from contracts/topology.yaml, the services' manifests and compose.servers.yaml by \`pnpm generate\`.
# docker compose --profile order up --wait     the servers of one service, for its developer
# docker compose --profile system up --wait    the whole system
`;

/** Servers that need topics, schemas, roles or connectors before they are of use. */
const SETUPS = ['kafka', 'registry', 'postgres', 'connect'];
const hasSetup = ({ name }: DeployableServer): boolean => SETUPS.includes(name);

/** A server runs with each service that reaches it, and with each server that needs it. */
function profilesOf(server: DeployableServer, servers: readonly DeployableServer[]): string[] {
  const needing = servers.filter(({ needs }) => needs.includes(server.name));
  const indirect = needing.flatMap((other) => profilesOf(other, servers));
  const outboxes = server.name === 'connect' ? OUTBOX_SERVICES() : [];
  return [...new Set([...server.usedBy, ...indirect, ...outboxes, SYSTEM])].sort();
}

const OUTBOX_SERVICES = (): string[] =>
  deployableServices()
    .filter(({ hasOutbox }) => hasOutbox)
    .map(({ name }) => name);

function serverEntry(server: DeployableServer, servers: readonly DeployableServer[]): Yaml {
  return {
    extends: { file: SERVERS_FILE.replace('compose/', ''), service: server.name },
    profiles: profilesOf(server, servers),
    ports: server.ports.map((port) => `${NATIVE_HOST}:${port}:${port}`),
    ...(server.needs.length === 0
      ? {}
      : { depends_on: conditions(server.needs, 'service_healthy') }),
    ...(server.image.startsWith('sagaproof/') ? { healthcheck: ownHealth(), ...hardened() } : {}),
  };
}

/** Our images have no shell and no curl: Node asks. */
const ownHealth = (): Yaml => ({
  test: ['CMD', '/nodejs/bin/node', '/app/healthy.mjs'],
  ...HEALTH,
});

const hardened = (): Yaml => ({
  read_only: true,
  cap_drop: ['ALL'],
  security_opt: ['no-new-privileges:true'],
  init: true,
});

const conditions = (names: readonly string[], condition: string): Yaml =>
  Object.fromEntries(names.map((name) => [name, { condition }]));

/** Ends once the server has what the contracts ask of it. */
function setupEntry(server: DeployableServer, servers: readonly DeployableServer[]): Yaml {
  const address = (name: string) => addressOf(name, servers);
  return {
    image: `sagaproof/testbed:\${SAGAPROOF_VERSION:-${VERSION}}`,
    command: ['setup', server.name],
    profiles: profilesOf(server, servers),
    environment: {
      KAFKA_BOOTSTRAP: address('kafka'),
      REGISTRY_URL: `http://${address('registry')}/apis/ccompat/v7`,
      POSTGRES_URL: `postgres://postgres:${PASSWORD}@${address('postgres')}/postgres`,
      CONNECT_URL: `http://${address('connect')}`,
      // One password for every role: these servers are for one machine and one developer.
      ROLE_PASSWORD: PASSWORD,
    },
    depends_on: {
      ...conditions([server.name], 'service_healthy'),
      ...conditions(
        server.needs.map((name) => name + SETUP),
        'service_completed_successfully',
      ),
    },
    restart: 'no',
    ...hardened(),
  };
}

/** One entry for each instance, since each needs an id that lasts. */
function instancesOf(
  service: DeployableService,
  servers: readonly DeployableServer[],
): [string, Yaml][] {
  return Array.from({ length: service.instances }, (_, index) => {
    const id = `${service.name}-${index + 1}`;
    const name = service.instances === 1 ? service.name : id;
    return [name, serviceEntry(service, { id, index, servers })];
  });
}

function serviceEntry(
  service: DeployableService,
  instance: {
    readonly id: string;
    readonly index: number;
    readonly servers: readonly DeployableServer[];
  },
): Yaml {
  const { servers } = instance;
  const waitsFor = servers.filter(({ name }) => service.servers.includes(name));
  return {
    image: `sagaproof/${service.name}:\${SAGAPROOF_VERSION:-${VERSION}}`,
    profiles: [SYSTEM],
    environment: environmentOf(service, instance.id, servers),
    expose: Object.values(service.ports).map(String),
    ports: Object.entries(service.ports).map(
      ([name, port]) => `${NATIVE_HOST}:${hostPort(service, name, instance.index)}:${port}`,
    ),
    networks: { default: { aliases: [service.name] } },
    depends_on: {
      ...conditions(
        waitsFor.filter((server) => !hasSetup(server)).map(({ name }) => name),
        'service_healthy',
      ),
      ...conditions(
        waitsFor.filter(hasSetup).map(({ name }) => name + SETUP),
        'service_completed_successfully',
      ),
      ...(service.hasOutbox
        ? conditions([`connect${SETUP}`], 'service_completed_successfully')
        : {}),
    },
    healthcheck: ownHealth(),
    // A drain takes up to ten seconds.
    stop_grace_period: '15s',
    restart: 'on-failure',
    deploy: {
      resources: {
        limits: { cpus: '1.0', memory: inMegabytes(service.size.resources.limits.memory) },
      },
    },
    ...hardened(),
  };
}

const inMegabytes = (quantity: string): string => quantity.replace('Mi', 'M');

/** Ports on loopback: 21000 and up, ten for each instance, in the order of the topology. */
const FIRST_HOST_PORT = 21_000;
const PORTS_EACH = 10;
const INSTANCES_MAX = 5;

/** Where a port of an instance is published on this machine. */
export function hostPort(service: DeployableService, port: string, index: number): number {
  const place = deployableServices().findIndex(({ name }) => name === service.name);
  const block = (place * INSTANCES_MAX + index) * PORTS_EACH;
  return FIRST_HOST_PORT + block + Object.keys(service.ports).indexOf(port);
}

function environmentOf(
  service: DeployableService,
  instanceId: string,
  servers: readonly DeployableServer[],
): Yaml {
  const values = placeholderValues(service, {
    instanceId,
    databaseUrl: `postgres://${service.name}:${PASSWORD}@${addressOf('postgres', servers)}/${service.name}`,
    oidc: { issuer: `http://${addressOf('oidc', servers)}`, audience: 'sagaproof' },
    tracesUrl: `http://${addressOf('otlp', servers)}/v1/traces`,
    addressOf: (name) => addressOf(name, servers),
  });
  const written = Object.entries(service.env).map(([name, text]) => [
    name,
    replacePlaceholders(text, values, `${service.manifest}: env.${name}`),
  ]);
  return { LISTEN_HOST: '0.0.0.0', ...Object.fromEntries(written) };
}

function addressOf(name: string, servers: readonly DeployableServer[]): string {
  const server = servers.find((one) => one.name === name);
  if (server) return `${name}:${server.ports[0]}`;
  const called = deployableServices().find((service) => service.name === name);
  const port = called?.ports[CALLED_PORT];
  if (port === undefined) throw new Error(`there is no address of ${name}`);
  return `${name}:${port}`;
}
