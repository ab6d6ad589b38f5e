/**
 * Services by what they do in this system, derived from contracts/topology.yaml, topics.yaml and
 * sagas.yaml, so that the rest of the harness does not name them.
 */
import { SAGAS } from '#contracts/spec/sagas.generated.ts';
import { TOPICS } from '#contracts/spec/topics.generated.ts';
import { TOPOLOGY } from '#contracts/spec/topology.generated.ts';
import type { Topology } from '#contracts/spec/topology.ts';
import { type Infrastructure, SERVICES, type ServiceName } from './address-book.ts';

const services: Topology['services'] = TOPOLOGY.services;

/** The first service with the property; the system cannot work without one. */
function serviceThat(what: string, has: (service: ServiceName) => boolean): ServiceName {
  const found = SERVICES.find(has);
  if (found === undefined) throw new Error(`contracts/topology.yaml has no service that ${what}`);
  return found;
}

/** The service whose API is contracts/spec/openapi.yaml. */
export const REST_SERVICE = serviceThat(
  'has an `openapi` document',
  (name) => services[name]?.openapi !== undefined,
);

/** The service whose WebSocket messages are in contracts/spec/asyncapi.yaml. */
export const SOCKET_SERVICE = serviceThat(
  'has an `asyncapi` document',
  (name) => services[name]?.asyncapi !== undefined,
);

/** Services that publish through an outbox. */
export const OUTBOX_SERVICES: readonly ServiceName[] = SERVICES.filter(
  (name) => services[name]?.outbox,
);

/** Services that keep state in a server. */
export const storeUsers = (server: Infrastructure): ServiceName[] =>
  SERVICES.filter((name) => services[name]?.stores.includes(server));

/** Services that keep state in some server. */
export const STATEFUL_SERVICES: readonly ServiceName[] = SERVICES.filter(
  (name) => (services[name]?.stores.length ?? 0) > 0,
);

/** Services whose messages a client or another service can read: REST, WebSocket, topics. */
export const SPEAKING_SERVICES: readonly ServiceName[] = SERVICES.filter(
  (name) =>
    services[name]?.openapi !== undefined ||
    services[name]?.asyncapi !== undefined ||
    TOPICS.some(({ producers }) => (producers as readonly string[]).includes(name)),
);

/** Services that send mails. */
export const MAIL_SERVICES: readonly ServiceName[] = SERVICES.filter((name) =>
  services[name]?.uses.includes('smtp'),
);

/** Whether a service calls another over gRPC. */
export const calls = (caller: ServiceName, called: string): boolean =>
  services[caller]?.calls.includes(called) ?? false;

type Saga = (typeof SAGAS)[number];
export type SagaName = Saga['name'];

/** Services that run sagas. */
export const ORCHESTRATORS = unique(SAGAS.map(({ orchestrator }) => orchestrator));

/** Services that do the steps of sagas, in the order in which they take part. */
export const PARTICIPANTS = unique(
  SAGAS.flatMap<Saga['steps'][number]>(({ steps }) => steps).map(({ participant }) => participant),
);

const SAGA_TOPICS: readonly string[] = unique(SAGAS.map(({ events }) => events));

/** Services that read how sagas go on. */
export const SAGA_READERS: readonly ServiceName[] = unique(
  TOPICS.filter(({ name }) => SAGA_TOPICS.includes(name)).flatMap<ServiceName>(
    ({ consumers }) => consumers,
  ),
);

/** Topics on which events of a saga become updates of its job. */
const UPDATE_TOPICS: readonly string[] = unique(SAGAS.map(({ updates }) => updates));

/** Services that publish the updates of jobs. */
export const JOB_SERVICES: readonly ServiceName[] = unique(
  TOPICS.filter(({ name }) => UPDATE_TOPICS.includes(name)).flatMap<ServiceName>(
    ({ producers }) => producers,
  ),
);

function unique<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)];
}
