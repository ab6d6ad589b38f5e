/** helm/<service>/: a chart for each service, which differs from the others by its values only. */
import { stringify } from 'yaml';
import { VERSION } from '../kernel/version.ts';
import { replacePlaceholders } from '../testbed/services/placeholders.ts';
import {
  CALLED_PORT,
  type DeployableServer,
  type DeployableService,
  deployableServers,
  deployableServices,
  placeholderValues,
} from './deployable.ts';
import { ServiceValues, valuesJsonSchema } from './values.ts';

const LIBRARY = 'service-library';
const UMBRELLA = 'sagaproof';
const KUBE_VERSION = '>=1.30.0-0';
const TEMPLATE = '{{- include "sagaproof.service" . }}\n';

const header = (from: string) => `# Generated from ${from} by \`pnpm generate\`.\n`;
/** Helm reads an unquoted `no` as false, as YAML 1.1 does. */
const yaml = (value: unknown) =>
  stringify(value, { lineWidth: 0, aliasDuplicateObjects: false, version: '1.1' });

/** By path: every generated file of the charts. */
export function chartFiles(): Readonly<Record<string, string>> {
  const services = deployableServices();
  const servers = deployableServers();
  const charts = services.flatMap((service) => [
    [`helm/${service.name}/Chart.yaml`, chartOf(service)],
    [`helm/${service.name}/values.yaml`, valuesText(service)],
    [`helm/${service.name}/values.schema.json`, valuesJsonSchema()],
    [`helm/${service.name}/templates/service.yaml`, TEMPLATE],
  ]);
  return {
    ...Object.fromEntries(charts),
    [`helm/${UMBRELLA}/Chart.yaml`]: umbrella(services),
    'helm/servers/values.yaml': serversText(servers),
  };
}

const about = (name: string, description: string) => ({
  apiVersion: 'v2',
  name,
  description,
  type: 'application',
  version: VERSION,
  kubeVersion: KUBE_VERSION,
});

const library = { name: LIBRARY, version: VERSION, repository: `file://../${LIBRARY}` };

const chartOf = (service: DeployableService): string =>
  header('contracts/topology.yaml') +
  yaml({
    ...about(service.name, `The ${service.name} service of Sagaproof's reference system`),
    appVersion: service.version,
    dependencies: [library],
  });

const umbrella = (services: readonly DeployableService[]): string =>
  header('contracts/topology.yaml') +
  yaml({
    ...about(UMBRELLA, "Sagaproof's reference system: every service, its network rules and mesh"),
    appVersion: VERSION,
    dependencies: [
      library,
      ...services.map(({ name }) => ({ name, version: VERSION, repository: `file://../${name}` })),
    ],
  });

function valuesText(service: DeployableService): string {
  const from = `contracts/topology.yaml, ${service.manifest} and helm/sizing.yaml`;
  return header(from) + yaml(ServiceValues.parse(valuesOf(service)));
}

function valuesOf(service: DeployableService) {
  const { size } = service;
  const secretKeys = databaseKeys(service);
  return {
    global: { addresses: addressesOf(deployableServers()) },
    image: { repository: `sagaproof/${service.name}`, tag: '', pullPolicy: 'IfNotPresent' },
    ports: service.ports,
    env: envOf(service, secretKeys),
    secretEnv: secretKeys.map((name) => ({ name, key: 'url' })),
    consumes: service.consumes,
    network: {
      calledBy: service.calledBy,
      calls: service.calls.map((name) => ({ name, port: calledPort(name) })),
      servers: service.servers,
      ...(service.ports[CALLED_PORT] === undefined ? {} : { calledPort: CALLED_PORT }),
    },
    replicas: size.replicas,
    replicasMax: size.replicasMax,
    resources: size.resources,
    lagThreshold: size.lagThreshold,
    ...(size.expose === undefined ? {} : { expose: { ...size.expose, host: '', annotations: {} } }),
  };
}

const addressesOf = (servers: readonly DeployableServer[]) =>
  Object.fromEntries(servers.map(({ name, ports }) => [name, `${name}:${ports[0]}`]));

function calledPort(name: string): number {
  const port = deployableServices().find((service) => service.name === name)?.ports[CALLED_PORT];
  if (port === undefined) throw new Error(`${name} is called and has no port ${CALLED_PORT}`);
  return port;
}

/** Variables that have a password in them: from a secret, in full. */
const databaseKeys = ({ env }: DeployableService): string[] =>
  Object.keys(env).filter((name) => env[name]?.includes('{db.url}'));

/** As templates of Helm, since addresses of servers belong to the environment. */
function envOf(service: DeployableService, secretKeys: readonly string[]) {
  const value = (path: string) => `{{ .Values.global.${path} }}`;
  const servers = new Set(service.servers);
  const values = placeholderValues(service, {
    instanceId: '$(POD_NAME)',
    databaseUrl: '',
    oidc: { issuer: value('oidc.issuer'), audience: value('oidc.audience') },
    tracesUrl: `http://${value('addresses.otlp')}/v1/traces`,
    addressOf: (name) =>
      servers.has(name) ? value(`addresses.${name}`) : `${name}:${calledPort(name)}`,
  });
  const plain = Object.entries(service.env).filter(([name]) => !secretKeys.includes(name));
  const entries = plain.map(([name, text]) => [
    name,
    replacePlaceholders(text, values, `${service.manifest}: env.${name}`),
  ]);
  return { LISTEN_HOST: '0.0.0.0', ...Object.fromEntries(entries) };
}

/** What Kind runs in the cluster; elsewhere the servers are managed ones. */
function serversText(servers: readonly DeployableServer[]): string {
  const entries = servers
    .filter(({ name }) => name !== 'toxiproxy')
    .map(({ name, image, command, environment, ports, deploy, usedBy, needs }) => [
      name,
      {
        image: plainText(image),
        ports,
        ...(command ? { args: command.map(plainText) } : {}),
        env: Object.fromEntries(
          Object.entries(environment ?? {}).map(([key, text]) => [key, plainText(text)]),
        ),
        limits: limitsOf(deploy),
        usedBy,
        needs,
      },
    ]);
  const values = { servers: Object.fromEntries(entries), global: {} };
  return header('compose/compose.servers.yaml, for Kind only,') + yaml(values);
}

/** `${NAME:-default}` of Compose as its default. */
const plainText = (text: string): string => text.replace(/\$\{[A-Z_]+:-([^}]*)\}/g, '$1');

interface Limits {
  readonly cpus: string;
  readonly memory: string;
}

function limitsOf(deploy: unknown): Record<string, string> {
  const { limits } = (deploy as { readonly resources: { readonly limits: Limits } }).resources;
  return { cpu: limits.cpus, memory: limits.memory.replace(/([MG])$/, '$1i') };
}
