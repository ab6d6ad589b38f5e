/** The selected components as resources, with their entries in the address book. */
import { randomBytes } from 'node:crypto';
import type { AddressBook, Infrastructure, LinkAddress } from '../kernel/address-book.ts';
import { OUTBOX_SERVICES, storeUsers } from '../kernel/system.ts';
import { VERSION } from '../kernel/version.ts';
import type { ManagedResource } from './component.ts';
import type { StackConfig } from './config.ts';
import { type Endpoint, type Endpoints, hostPort } from './endpoints.ts';
import { linkName } from './links.ts';
import { addressProvider } from './providers/address/address-provider.ts';
import { requirePostgresPasswords } from './providers/native/postgres.ts';
import { NATIVE_RECIPES } from './providers/native/recipes.ts';
import type { Provider } from './providers/provider.ts';
import type { ComponentNeeds, Listener, Recipes } from './providers/recipes.ts';
import type { Resource } from './resource.ts';
import { connectResource } from './resources/connect.ts';
import { eventstoreResource } from './resources/eventstore.ts';
import { kafkaResource } from './resources/kafka.ts';
import { mongodbResource } from './resources/mongodb.ts';
import { oidcEntry, oidcResource } from './resources/oidc.ts';
import { otlpEntry, otlpResource } from './resources/otlp.ts';
import {
  type PostgresRoles,
  postgresResource,
  postgresUrl,
  randomPostgresRoles,
} from './resources/postgres.ts';
import { redisResource } from './resources/redis.ts';
import { registryResource } from './resources/registry.ts';
import { smtpEntry, smtpResource } from './resources/smtp.ts';
import { toxiproxyResource } from './resources/toxiproxy.ts';
import type { StackContext } from './stack-context.ts';

const REGISTRY_PATH = '/apis/ccompat/v7';

export interface KafkaPorts {
  readonly controller: number;
  /** For Kafka Connect, so that cutting a service's link never cuts the outbox. */
  readonly connect: number;
  /** By service: its own listener, behind its own proxy. */
  readonly services: ReadonlyMap<string, number>;
}

export interface InfrastructurePlan {
  readonly resources: ReadonlyMap<Infrastructure, Resource | ManagedResource>;
  readonly book: Partial<AddressBook>;
  readonly roles: PostgresRoles;
}

export interface InfrastructureOrder {
  readonly context: StackContext;
  readonly config: StackConfig;
  readonly endpoints: Endpoints;
  readonly kafkaPorts: KafkaPorts;
  readonly links: readonly LinkAddress[];
  /** Of the HTTP server that lists the sink's mails. */
  readonly smtpMessagesPort: number;
  /** Apicurio's own health and metrics. */
  readonly registryManagementPort: number;
}

/** How a component runs and where it is reached. */
interface Component {
  readonly resource: Resource | ManagedResource;
  readonly book: Partial<AddressBook>;
  readonly version: string;
}

export function createInfrastructure(order: InfrastructureOrder): InfrastructurePlan {
  const roles = randomPostgresRoles(storeUsers('postgres'));
  const resources = new Map<Infrastructure, Resource | ManagedResource>();
  const providers: Partial<Record<Infrastructure, { provider: string; version: string }>> = {};
  let book: Partial<AddressBook> = {};
  for (const [name, endpoint] of order.endpoints) {
    const component = COMPONENTS[name](order, endpoint, roles);
    resources.set(name, component.resource);
    providers[name] = { provider: endpoint.provider, version: component.version };
    book = { ...book, ...component.book };
  }
  return {
    resources,
    roles,
    book: { ...book, providers: providers as AddressBook['providers'] },
  };
}

type MakeComponent = (
  order: InfrastructureOrder,
  endpoint: Endpoint,
  roles: PostgresRoles,
) => Component;

/** By kind of provider. Containers are one more entry, with recipes in a folder of their own. */
const RECIPES: Readonly<Record<Exclude<Provider['kind'], 'address'>, Recipes>> = {
  native: NATIVE_RECIPES,
};

function provide<Name extends keyof Recipes>(
  name: Name,
  context: StackContext,
  endpoint: Endpoint,
  needs: ComponentNeeds[Name],
): Provider {
  if (endpoint.provider === 'address') return addressProvider(name, endpoint);
  return RECIPES[endpoint.provider][name](context, needs);
}

const COMPONENTS: Readonly<Record<Infrastructure, MakeComponent>> = {
  kafka({ context, kafkaPorts, links }, endpoint) {
    const listeners: Listener[] = [
      { name: 'WITNESS', port: endpoint.port, advertised: hostPort(endpoint) },
      {
        name: 'CONNECT',
        port: kafkaPorts.connect,
        advertised: connectListener(endpoint, kafkaPorts),
      },
      ...[...kafkaPorts.services].map(([service, port]) => {
        const link = links.find((l) => l.name === linkName(service, 'kafka'));
        if (!link) throw new Error(`${service} has a Kafka listener and no link to it`);
        return { name: service.toUpperCase(), port, advertised: link.listen };
      }),
    ];
    const { controller } = kafkaPorts;
    const provider = provide('kafka', context, endpoint, { controller, listeners });
    const bootstrap = hostPort(endpoint);
    return {
      resource: kafkaResource({ provider, bootstrap }),
      book: { kafka: { bootstrap } },
      version: provider.version,
    };
  },
  connect({ context, endpoints, kafkaPorts }, endpoint, roles) {
    const postgres = needed(endpoints, 'postgres');
    const kafka = needed(endpoints, 'kafka');
    const bootstrap =
      kafka.provider === 'address' ? hostPort(kafka) : connectListener(kafka, kafkaPorts);
    const options = { outboxes: OUTBOX_SERVICES, postgres, password: roles.debezium };
    const needs = { ...options, port: endpoint.port, bootstrap };
    const provider = provide('connect', context, endpoint, needs);
    const url = `http://${hostPort(endpoint)}`;
    return {
      resource: connectResource({ ...options, provider, url }),
      book: { connect: { url } },
      version: provider.version,
    };
  },
  registry({ context, config, registryManagementPort: management }, endpoint) {
    const ports = { api: endpoint.port, management };
    const provider = provide('registry', context, endpoint, ports);
    const url = config.addresses.registry?.url ?? `http://${hostPort(endpoint)}${REGISTRY_PATH}`;
    return {
      resource: registryResource({ provider, url }),
      book: { registry: { url } },
      version: provider.version,
    };
  },
  postgres({ context, config }, endpoint, roles) {
    const { host, port } = endpoint;
    const provider = provide('postgres', context, endpoint, endpoint);
    const isNative = provider.kind === 'native';
    const superuserUrl =
      config.addresses.postgres?.url ??
      postgresUrl(host, port, 'postgres', roles.superuser, 'postgres');
    const databases = storeUsers('postgres').map((name) => [
      name,
      {
        name,
        url: postgresUrl(host, port, 'witness', roles.witness, name),
        ownerUrl: postgresUrl(host, port, name, roles.services[name] ?? '', name),
      },
    ]);
    return {
      resource: postgresResource({
        provider,
        superuserUrl,
        roles,
        outboxes: OUTBOX_SERVICES,
        ...(isNative ? { requirePasswords: () => requirePostgresPasswords(context) } : {}),
      }),
      book: { postgres: { databases: Object.fromEntries(databases) } },
      version: provider.version,
    };
  },
  redis({ context, config }, endpoint) {
    const provider = provide('redis', context, endpoint, endpoint);
    const url = config.addresses.redis?.url ?? `redis://${hostPort(endpoint)}`;
    return {
      resource: redisResource({ provider, endpoint, url }),
      book: { redis: { url } },
      version: provider.version,
    };
  },
  mongodb({ context, config }, endpoint) {
    const provider = provide('mongodb', context, endpoint, endpoint);
    const url = config.addresses.mongodb?.url ?? `mongodb://${hostPort(endpoint)}`;
    return {
      resource: mongodbResource({ provider, endpoint, url }),
      book: { mongodb: { url, database: storeUsers('mongodb').join() } },
      version: provider.version,
    };
  },
  eventstore({ context, config }, endpoint) {
    const provider = provide('eventstore', context, endpoint, endpoint);
    const connectionString =
      config.addresses.eventstore?.connectionString ?? `esdb://${hostPort(endpoint)}?tls=false`;
    return {
      resource: eventstoreResource({ provider, endpoint, connectionString }),
      book: { eventstore: { connectionString } },
      version: provider.version,
    };
  },
  toxiproxy({ context, links }, endpoint) {
    const provider = provide('toxiproxy', context, endpoint, endpoint);
    const url = `http://${hostPort(endpoint)}`;
    return {
      resource: toxiproxyResource({ provider, url, links }),
      book: { toxiproxy: { url }, links },
      version: provider.version,
    };
  },
  oidc({ config }, endpoint) {
    const audience = randomBytes(13).toString('hex');
    const oidc = config.addresses.oidc ?? oidcEntry(endpoint, audience);
    return { resource: oidcResource(endpoint, oidc), book: { oidc }, version: VERSION };
  },
  smtp({ config, smtpMessagesPort }, endpoint) {
    const smtp = config.addresses.smtp ?? smtpEntry(endpoint, smtpMessagesPort);
    return { resource: smtpResource(endpoint, smtp), book: { smtp }, version: VERSION };
  },
  otlp({ config }, endpoint) {
    const otlp = config.addresses.otlp ?? otlpEntry(endpoint);
    return { resource: otlpResource(endpoint, otlp), book: { otlp }, version: VERSION };
  },
};

/** Where Kafka Connect reaches Kafka: a listener that no service's link can cut. */
const connectListener = ({ host }: Endpoint, { connect: port }: KafkaPorts): string =>
  hostPort({ host, port });

function needed(endpoints: Endpoints, name: Infrastructure): Endpoint {
  const endpoint = endpoints.get(name);
  if (!endpoint) throw new Error(`${name} is required and not part of the stack`);
  return endpoint;
}
