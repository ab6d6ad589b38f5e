/** Every piece of infrastructure that was ordered, as a resource, and its entry in the book. */
import { randomBytes } from 'node:crypto';
import type { AddressBook, Infrastructure, LinkAddress } from '../kernel/address-book.ts';
import { OUTBOX_SERVICES, storeUsers } from '../kernel/system.ts';
import { VERSION } from '../kernel/version.ts';
import type { SagaproofConfig } from './config.ts';
import { type Endpoint, type Endpoints, hostPort } from './endpoints.ts';
import { linkName } from './links.ts';
import type { Provider, Restartable, StackContext } from './piece.ts';
import type { Resource } from './resource.ts';
import { connectResource, nativeConnect } from './resources/connect.ts';
import { eventstoreResource, nativeEventstore } from './resources/eventstore.ts';
import { kafkaResource, type Listener, nativeKafka } from './resources/kafka.ts';
import { mongodbResource, nativeMongodb } from './resources/mongodb.ts';
import { oidcEntry, oidcResource } from './resources/oidc.ts';
import { otlpEntry, otlpResource } from './resources/otlp.ts';
import {
  nativePostgres,
  type PostgresRoles,
  postgresResource,
  postgresUrl,
  randomPostgresRoles,
} from './resources/postgres.ts';
import { nativeRedis, redisResource } from './resources/redis.ts';
import { nativeRegistry, registryResource } from './resources/registry.ts';
import { smtpEntry, smtpResource } from './resources/smtp.ts';
import { nativeToxiproxy, toxiproxyResource } from './resources/toxiproxy.ts';

const REGISTRY_PATH = '/apis/ccompat/v7';

export interface KafkaPorts {
  readonly controller: number;
  /** For Kafka Connect, so that cutting a service's link never cuts the outbox. */
  readonly connect: number;
  /** By service: its own listener, behind its own proxy. */
  readonly services: ReadonlyMap<string, number>;
}

export interface InfrastructurePlan {
  readonly resources: ReadonlyMap<Infrastructure, Resource | Restartable>;
  readonly book: Partial<AddressBook>;
  readonly roles: PostgresRoles;
}

export interface InfrastructureOrder {
  readonly context: StackContext;
  readonly config: SagaproofConfig;
  readonly endpoints: Endpoints;
  readonly kafkaPorts: KafkaPorts;
  readonly links: readonly LinkAddress[];
  /** Where the sink's mails can be read. */
  readonly smtpMessagesPort: number;
  /** Apicurio's own health and metrics. */
  readonly registryManagementPort: number;
}

/** One entry: how it is run and where it is reached. */
interface Piece {
  readonly resource: Resource | Restartable;
  readonly book: Partial<AddressBook>;
  readonly version: string;
}

export function createInfrastructure(order: InfrastructureOrder): InfrastructurePlan {
  const roles = randomPostgresRoles(storeUsers('postgres'));
  const resources = new Map<Infrastructure, Resource | Restartable>();
  const providers: Partial<Record<Infrastructure, { provider: string; version: string }>> = {};
  let book: Partial<AddressBook> = {};
  for (const [name, endpoint] of order.endpoints) {
    const piece = PIECES[name](order, endpoint, roles);
    resources.set(name, piece.resource);
    providers[name] = { provider: endpoint.provider, version: piece.version };
    book = { ...book, ...piece.book };
  }
  return {
    resources,
    roles,
    book: { ...book, providers: providers as AddressBook['providers'] },
  };
}

type MakePiece = (order: InfrastructureOrder, endpoint: Endpoint, roles: PostgresRoles) => Piece;

function provide(endpoint: Endpoint, native: () => Provider): Provider {
  return endpoint.provider === 'address' ? { kind: 'address' } : native();
}
const versionOf = (provider: Provider) => (provider.kind === 'native' ? provider.version : 'yours');

const PIECES: Readonly<Record<Infrastructure, MakePiece>> = {
  kafka({ context, kafkaPorts, links }, endpoint) {
    const listeners: Listener[] = [
      { name: 'WITNESS', port: endpoint.port, advertised: hostPort(endpoint) },
      { name: 'CONNECT', port: kafkaPorts.connect, advertised: `127.0.0.1:${kafkaPorts.connect}` },
      ...[...kafkaPorts.services].map(([service, port]) => {
        const link = links.find((l) => l.name === linkName(service, 'kafka'));
        if (!link) throw new Error(`${service} has a Kafka listener and no link to it`);
        return { name: service.toUpperCase(), port, advertised: link.listen };
      }),
    ];
    const provider = provide(endpoint, () =>
      nativeKafka(context, { controller: kafkaPorts.controller, listeners }),
    );
    const bootstrap = hostPort(endpoint);
    return {
      resource: kafkaResource(context, { provider, bootstrap }),
      book: { kafka: { bootstrap } },
      version: versionOf(provider),
    };
  },
  connect({ context, endpoints, kafkaPorts }, endpoint, roles) {
    const postgres = needed(endpoints, 'postgres');
    const kafka = needed(endpoints, 'kafka');
    const bootstrap =
      kafka.provider === 'native' ? `127.0.0.1:${kafkaPorts.connect}` : hostPort(kafka);
    const options = { outboxes: OUTBOX_SERVICES, postgres, password: roles.debezium };
    const provider = provide(endpoint, () =>
      nativeConnect(context, { ...options, port: endpoint.port, bootstrap }),
    );
    const url = `http://${hostPort(endpoint)}`;
    return {
      resource: connectResource(context, { ...options, provider, url }),
      book: { connect: { url } },
      version: versionOf(provider),
    };
  },
  registry({ context, config, registryManagementPort: management }, endpoint) {
    const ports = { api: endpoint.port, management };
    const provider = provide(endpoint, () => nativeRegistry(context, ports));
    const url = config.addresses.registry?.url ?? `http://${hostPort(endpoint)}${REGISTRY_PATH}`;
    return {
      resource: registryResource(context, { provider, url }),
      book: { registry: { url } },
      version: versionOf(provider),
    };
  },
  postgres({ context, config }, endpoint, roles) {
    const { host, port } = endpoint;
    const provider = provide(endpoint, () => nativePostgres(context, port));
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
      resource: postgresResource(context, {
        provider,
        superuserUrl,
        roles,
        outboxes: OUTBOX_SERVICES,
      }),
      book: { postgres: { databases: Object.fromEntries(databases) } },
      version: versionOf(provider),
    };
  },
  redis({ context, config }, endpoint) {
    const provider = provide(endpoint, () => nativeRedis(context, endpoint.port));
    const url = config.addresses.redis?.url ?? `redis://${hostPort(endpoint)}`;
    return {
      resource: redisResource(context, { provider, endpoint, url }),
      book: { redis: { url } },
      version: versionOf(provider),
    };
  },
  mongodb({ context, config }, endpoint) {
    const provider = provide(endpoint, () => nativeMongodb(context, endpoint.port));
    const url = config.addresses.mongodb?.url ?? `mongodb://${hostPort(endpoint)}`;
    return {
      resource: mongodbResource(context, { provider, endpoint, url }),
      book: { mongodb: { url, database: storeUsers('mongodb').join() } },
      version: versionOf(provider),
    };
  },
  eventstore({ context, config }, endpoint) {
    const provider = provide(endpoint, () => nativeEventstore(context, endpoint.port));
    const connectionString =
      config.addresses.eventstore?.connectionString ?? `esdb://${hostPort(endpoint)}?tls=false`;
    return {
      resource: eventstoreResource(context, { provider, endpoint, connectionString }),
      book: { eventstore: { connectionString } },
      version: versionOf(provider),
    };
  },
  toxiproxy({ context, links }, endpoint) {
    const provider = provide(endpoint, () => nativeToxiproxy(context, endpoint.port));
    const url = `http://${hostPort(endpoint)}`;
    return {
      resource: toxiproxyResource(context, { provider, url, links }),
      book: { toxiproxy: { url }, links },
      version: versionOf(provider),
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

function needed(endpoints: Endpoints, name: Infrastructure): Endpoint {
  const endpoint = endpoints.get(name);
  if (!endpoint) throw new Error(`${name} is needed and not part of the stack`);
  return endpoint;
}
