import type { HistoryEvent, Unrecorded } from '../history/event.ts';
import type { HistorySource } from '../history/sources.ts';
import type { LoadedPact, PactInteraction } from '../pacts/pact-file.ts';
import { type Comparison, compare, type Gap } from './compare.ts';
import { contractedIn } from './contracted.ts';
import { factsOf, NEEDED_SOURCES } from './history-facts.ts';
import { describeItem, type Item, Ledger } from './item.ts';
import { seenInHistory } from './seen-in-history.ts';

/** A history of these events, with every source closed by default. */
export function historyOf(
  events: readonly Unrecorded[],
  closed: readonly HistorySource[] = NEEDED_SOURCES,
): HistoryEvent[] {
  const started: Unrecorded = {
    type: 'run-started',
    schemaVersion: 1,
    run: 'r',
    seed: 's',
    commit: 'c',
    subjects: [],
    bounds: { terminalWithinMs: 1 },
  };
  const ends = closed.map(
    (source): Unrecorded => ({ type: 'source-closed', source, state: 'complete', events: 1 }),
  );
  return [started, ...events, ...ends].map(
    (event, index) => ({ ...event, index, atMs: index }) as HistoryEvent,
  );
}

const ORDER = '0193b3a0-0000-7000-8000-0000000000a1';

/** A record of inventory that order processes. */
export const stockReserved = (value: object = {}): Unrecorded[] => [
  {
    type: 'kafka',
    topic: 'inventory.events',
    partition: 0,
    offset: '1',
    key: ORDER,
    headers: { eventType: 'StockReserved' },
    timestampMs: 1,
    value: { orderId: ORDER, payload: { type: 'StockReserved' }, ...value },
  },
  {
    ...span('order', 'consumer', 'process inventory.events'),
    attributes: { 'messaging.destination.name': 'inventory.events' },
  },
];

/** A call of one service to another, as both ends tell it. */
export function call(
  about: { from?: string; to: string; service: string; method: string },
  error?: string,
): Unrecorded[] {
  const { from, to, service, method } = about;
  const attributes = {
    'rpc.system': 'grpc',
    'rpc.service': service,
    'rpc.method': method,
    ...(error === undefined ? {} : { 'error.type': error }),
  };
  const more = { attributes, ...(error === undefined ? {} : { error: true }) };
  const spanId = `${from}-${method}`;
  const server = { ...span(to, 'server', method), ...more, spanId: `${spanId}-served` };
  if (from === undefined) return [server];
  return [
    { ...span(from, 'client', method), ...more, spanId },
    { ...server, parentSpanId: spanId },
  ];
}

const span = (service: string, kind: string, name: string) => ({
  type: 'span' as const,
  ...{ traceId: 't', spanId: `${service}-${name}`, name, kind, service },
  ...{ startMs: 0, endMs: 1, attributes: {} },
});

/** A request of the web client, and the gateway's answer. */
export const request = (
  asked: { method: string; path: string; json?: unknown },
  answered: { status: number; code?: string; response?: unknown },
): Unrecorded[] => [
  { type: 'invoke', operation: 'o', name: 'other', scenario: 's', request: asked },
  {
    ...{ type: answered.status < 400 ? 'ok' : 'fail', operation: 'o', name: 'other' },
    ...{ scenario: 's', ...answered },
  },
];

export const frame = (what: 'sent' | 'frame', message: Record<string, unknown>): Unrecorded => ({
  ...{ type: 'ws', socket: 'x', scenario: 's', userId: 'u', node: 'n' },
  ...{ what, message },
});

export const pact = (
  consumer: string,
  provider: string,
  ...interactions: ReadonlyArray<Record<string, unknown>>
): LoadedPact => ({
  file: `${consumer}-${provider}.json`,
  consumer,
  provider,
  interactions: interactions.map(
    (interaction) =>
      ({ description: 'd', providerStates: [], ...interaction }) as unknown as PactInteraction,
  ),
  document: {},
});

/** An interaction about the record of {@link stockReserved}. */
export const aboutStockReserved = (content: object) => ({
  type: 'Asynchronous/Messages',
  contents: { content },
  metadata: {
    ...{ protocol: 'kafka', topic: 'inventory.events', key: ORDER },
    'header.eventType': 'StockReserved',
  },
});

export const aboutCall = (service: string, method: string, message: object, answer: object) => ({
  type: 'Synchronous/Messages',
  request: { contents: { content: { protocol: 'grpc', service, method, message } } },
  response: [{ contents: { content: answer } }],
});

/** A comparison of values that are given here, none read from a file. */
export function comparisonOf(sides: {
  readonly events: readonly Unrecorded[];
  readonly pacts: readonly LoadedPact[];
  readonly documented?: Ledger;
  readonly verified?: Ledger;
  readonly unread?: readonly string[];
  readonly unobservable?: (item: Item) => string | undefined;
}): Comparison {
  const seen = new Ledger();
  const history = historyOf(sides.events);
  seenInHistory(history, factsOf(history), { of: () => [] }, seen);
  return compare({
    seen,
    verified: sides.verified ?? new Ledger(),
    contracted: contractedIn(sides.pacts),
    documented: sides.documented ?? new Ledger(),
    isUnread: ({ name = '' }) => sides.unread?.includes(name) === true,
    unobservable: sides.unobservable ?? (() => undefined),
  });
}

/** Gaps of one kind, as a list shows them. */
export const named = (kind: string, gaps: readonly (Item | Gap)[]): string[] =>
  gaps.filter((gap) => gap.kind === kind).map(describeItem);
