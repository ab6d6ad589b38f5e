/**
 * Where a fault can hit: the places between two operations of a service that the contracts document
 * (its topics and stores), so that they exist in any implementation of it.
 */
import type { SagaFacts } from '#contracts/spec/sagas.ts';
import type { Topology } from '#contracts/spec/topology.ts';
import type { Boundary, Marker, WireOperation } from './cell.ts';
import type { Exchange, Variant } from './variants.ts';

/** Operations that change what a service keeps in a store; which one it uses is its own affair. */
export const WRITES: Readonly<Record<string, readonly string[]>> = {
  postgres: ['pg.commit'],
  redis: ['redis.exec', 'redis.evalsha', 'redis.eval', 'redis.fcall', 'redis.hset', 'redis.set'],
  mongodb: ['mongodb.update', 'mongodb.insert', 'mongodb.findAndModify', 'mongodb.bulkWrite'],
  eventstore: ['eventstore.append'],
};

export interface Facts {
  readonly sagas: readonly SagaFacts[];
  readonly topology: Topology;
  readonly topics: ReadonlyArray<{
    readonly name: string;
    readonly producers: readonly string[];
    readonly consumers: readonly string[];
  }>;
}

/** A step of a saga, or what happens around the steps, and a boundary within it. */
export interface Place {
  readonly step: string;
  readonly boundary: Boundary;
  readonly exchange?: Exchange;
}

const linkOf = (service: string, dependency: string): string => `${service}→${dependency}`;

interface Named {
  readonly markers: readonly Marker[];
  readonly texts?: readonly string[];
  readonly after?: WireOperation;
}

const operation = (
  link: string,
  operations: readonly string[],
  point: WireOperation['point'],
  { markers, texts = [], after }: Named,
): WireOperation => ({
  ...{ link, operations, point, markers, texts },
  ...(after === undefined ? {} : { after }),
});

/** A record with this key and event type comes to the service. */
const received = (service: string, type: string, key: Marker): WireOperation =>
  operation(linkOf(service, 'kafka'), ['kafka.fetch'], 'answer', { markers: [key], texts: [type] });

const offsetCommit = (service: string, after: WireOperation): WireOperation =>
  operation(linkOf(service, 'kafka'), ['kafka.offset-commit'], 'request', { markers: [], after });

/** Both sides of one operation. */
function around(
  names: readonly [before: string, after: string],
  link: string,
  operations: readonly string[],
  named: Named,
): Array<{ name: string; at: WireOperation }> {
  return [
    { name: names[0], at: operation(link, operations, 'request', named) },
    { name: names[1], at: operation(link, operations, 'answer', named) },
  ];
}

/** What a participant does with a command: it takes it, commits its effect, and its offset. */
function participantPlaces(exchange: Exchange, { topology }: Facts): NamedOperation[] {
  const { participant, command, reply } = exchange;
  const store = storeOf(participant, topology);
  const taken = received(participant, command.type, 'orderId');
  const first = { name: 'before-consume', at: taken };
  if (store === undefined) return [first];
  const link = linkOf(participant, store);
  // The reply is in the outbox: its type is in the transaction.
  const hasOutbox = topology.services[participant]?.outbox === true;
  const texts = hasOutbox ? [reply.type] : [];
  const after = hasOutbox ? {} : { after: taken };
  const write = around(['before-commit', 'after-commit'], link, WRITES[store] ?? [], {
    markers: ['orderId'],
    texts,
    ...after,
  });
  const committed = write[1]?.at ?? taken;
  return [
    first,
    ...write,
    { name: 'before-offset-commit', at: offsetCommit(participant, committed) },
  ];
}

/** What the orchestrator does: it publishes a command, takes the reply and stores what follows. */
function orchestratorPlaces(exchange: Exchange, saga: SagaFacts, facts: Facts): NamedOperation[] {
  const { orchestrator } = saga;
  const { command, reply } = exchange;
  const isFirst = saga.undoes === undefined && command.type === saga.steps[0]?.command.type;
  const store = storeOf(orchestrator, facts.topology);
  const taken = received(orchestrator, reply.type, 'orderId');
  const publish = around(
    ['before-publish', 'after-publish'],
    linkOf(orchestrator, 'kafka'),
    ['kafka.produce'],
    // The first command may be on its way before the order's id is known; it names the product.
    { markers: [isFirst ? 'sku' : 'orderId'], texts: [command.type] },
  );
  const first = { name: 'before-reply', at: taken };
  if (store === undefined) return [...publish, first];
  const append = around(
    ['before-append', 'after-append'],
    linkOf(orchestrator, store),
    WRITES[store] ?? [],
    { markers: ['orderId'], after: taken },
  );
  const stored = append[1]?.at ?? taken;
  const offset = { name: 'before-offset-commit', at: offsetCommit(orchestrator, stored) };
  return [...publish, first, ...append, offset];
}

type NamedOperation = { readonly name: string; readonly at: WireOperation };

/** What a service does that follows the events of a saga: it takes one, notes it, passes it on. */
function readerPlaces(
  reader: string,
  { type, update, updates }: { type: string; update: string; updates: string },
  facts: Facts,
): NamedOperation[] {
  const store = storeOf(reader, facts.topology);
  const taken = received(reader, type, 'orderId');
  const places: NamedOperation[] = [{ name: 'before-consume', at: taken }];
  let last = taken;
  if (store !== undefined) {
    const link = linkOf(reader, store);
    const key: Marker = store === 'redis' ? 'jobId' : 'orderId';
    const write = around(['before-store', 'after-store'], link, WRITES[store] ?? [], {
      markers: [key],
      after: taken,
    });
    places.push(...write);
    last = write[1]?.at ?? last;
  }
  if (producersOf(updates, facts).includes(reader)) {
    const publish = around(
      ['before-publish', 'after-publish'],
      linkOf(reader, 'kafka'),
      ['kafka.produce'],
      { markers: ['jobId'], texts: [update] },
    );
    places.push(...publish);
    last = publish[1]?.at ?? last;
  }
  places.push({ name: 'before-offset-commit', at: offsetCommit(reader, last) });
  if (facts.topology.services[reader]?.uses.includes('smtp')) {
    const link = linkOf(reader, 'smtp');
    // The recipient's address has the user's id; how a body is encoded is the sender's affair.
    const mail: Named = { markers: ['userId'], after: taken };
    places.push(...around(['before-send', 'after-send'], link, ['smtp.data'], mail));
  }
  return places;
}

/** What a service does that brings job updates to clients. */
function deliveryPlaces(service: string, update: string, { topology }: Facts): NamedOperation[] {
  const store = storeOf(service, topology);
  const taken = received(service, update, 'jobId');
  const first = { name: 'before-consume', at: taken };
  if (store === undefined) return [first];
  const write = around(
    ['before-store', 'after-store'],
    linkOf(service, store),
    WRITES[store] ?? [],
    { markers: ['jobId'], after: taken },
  );
  const offset = { name: 'before-offset-commit', at: offsetCommit(service, write[1]?.at ?? taken) };
  return [first, ...write, offset];
}

const storeOf = (service: string, topology: Topology): string | undefined =>
  topology.services[service]?.stores[0];

const consumersOf = (topic: string, { topics }: Facts): readonly string[] =>
  topics.find(({ name }) => name === topic)?.consumers ?? [];
const producersOf = (topic: string, { topics }: Facts): readonly string[] =>
  topics.find(({ name }) => name === topic)?.producers ?? [];

/** The commands of a client on their way: from the service that takes them to the orchestrator. */
function entryPlaces(saga: SagaFacts, facts: Facts): Array<NamedOperation & { service: string }> {
  const { orchestrator } = saga;
  // The order's id is not known before it is placed.
  const markers: readonly Marker[] = [saga.undoes === undefined ? 'userId' : 'orderId'];
  const found: Array<NamedOperation & { service: string }> = [];
  for (const [service, { openapi, calls }] of Object.entries(facts.topology.services)) {
    if (openapi === undefined || !calls.includes(orchestrator)) continue;
    const link = linkOf(service, orchestrator);
    const places = around(['before-command', 'after-command'], link, ['grpc.call'], { markers });
    found.push(...places.map((place) => ({ ...place, service })));
  }
  const store = storeOf(orchestrator, facts.topology);
  if (store !== undefined) {
    const named: Named = { markers, texts: [saga.started.event] };
    const link = linkOf(orchestrator, store);
    const places = around(['before-start', 'after-start'], link, WRITES[store] ?? [], named);
    found.push(...places.map((place) => ({ ...place, service: orchestrator })));
  }
  return found;
}

/** Every place of a variant of a saga, in the order in which it gets there. */
export function placesOf(
  saga: SagaFacts,
  variant: Variant,
  exchanges: readonly Exchange[],
  facts: Facts,
): Place[] {
  const trigger = saga.undoes === undefined ? 'place' : 'cancel';
  const at = (step: string, service: string, exchange?: Exchange) => (named: NamedOperation) => ({
    step,
    boundary: { name: named.name, service, at: named.at, trigger } as const,
    ...(exchange === undefined ? {} : { exchange }),
  });
  const outcome = saga.outcomes[variant.refuses === undefined ? 'succeeded' : 'failed'];
  const { updates } = saga;
  const readers = consumersOf(saga.events, facts);
  // Who answers no queries takes note of outcomes only.
  const followers = readers.filter((name) => facts.topology.services[name]?.grpc !== undefined);
  const read = (
    step: string,
    { event, job }: SagaFacts['started'],
    who: readonly string[] = readers,
  ) =>
    who.flatMap((reader) =>
      readerPlaces(reader, { type: event, update: job.update, updates }, facts).map(
        at(step, reader),
      ),
    );
  return [
    ...entryPlaces(saga, facts).map((place) => at('STARTED', place.service)(place)),
    ...read('STARTED', saga.started, followers),
    ...exchanges.flatMap((exchange) => [
      ...orchestratorPlaces(exchange, saga, facts)
        // A step that will be refused begins as one that will not.
        .filter(({ name }) => !(exchange.ends !== 'done' && name.endsWith('-publish')))
        .map(at(nameOf(exchange), saga.orchestrator, exchange)),
      ...participantPlaces(exchange, facts).map(
        at(nameOf(exchange), exchange.participant, exchange),
      ),
    ]),
    ...read('ENDED', outcome),
    ...consumersOf(updates, facts).flatMap((service) =>
      deliveryPlaces(service, outcome.job.update, facts).map(at('ENDED', service)),
    ),
  ];
}

const nameOf = ({ step, kind, ends }: Exchange): string => {
  if (kind === 'undo') return `undo-${step}`;
  return ends === 'done' ? step : `${step}-${ends}`;
};
