import type { HistoryEvent, OperationInvoked } from '../history/event.ts';
import type { HistorySource } from '../history/sources.ts';

/** Without one of these, what was not seen may have happened all the same. */
export const NEEDED_SOURCES = [
  'client',
  'websocket',
  'kafka',
  'spans',
] as const satisfies readonly HistorySource[];

/** Facts of the whole history that are needed to classify its events. */
export interface HistoryFacts {
  readonly events: number;
  /** By source, how it was closed; a source that was never listened to is absent. */
  readonly closed: ReadonlyMap<HistorySource, 'complete' | 'incomplete'>;
  /** Services that were seen to process a topic's records. */
  readonly readers: ReadonlyMap<string, ReadonlySet<string>>;
  /** By span id, the service that made a call. */
  readonly callers: ReadonlyMap<string, string>;
  /** Spans of calls that arrived. */
  readonly arrived: ReadonlySet<string>;
  /** Records that scenarios published themselves, by place. */
  readonly ownRecords: ReadonlySet<string>;
  readonly invoked: ReadonlyMap<string, OperationInvoked>;
}

export const placeOf = (at: { topic: string; partition: number; offset: string }): string =>
  `${at.topic}/${at.partition}/${at.offset}`;

interface Collecting {
  events: number;
  closed: Map<HistorySource, 'complete' | 'incomplete'>;
  readers: Map<string, Set<string>>;
  callers: Map<string, string>;
  arrived: Set<string>;
  ownRecords: Set<string>;
  invoked: Map<string, OperationInvoked>;
}

/** First reading of a history. */
export function factsOf(history: Iterable<HistoryEvent>): HistoryFacts {
  const facts: Collecting = {
    events: 0,
    closed: new Map(),
    readers: new Map(),
    callers: new Map(),
    arrived: new Set(),
    ownRecords: new Set(),
    invoked: new Map(),
  };
  for (const event of history) {
    facts.events += 1;
    learn(facts, event);
  }
  return facts;
}

function learn(facts: Collecting, event: HistoryEvent): void {
  switch (event.type) {
    case 'source-closed':
      facts.closed.set(event.source, event.state);
      break;
    case 'invoke':
      facts.invoked.set(event.operation, event);
      break;
    case 'ok':
    case 'fail':
    case 'info':
      for (const place of publishedIn(event.response)) facts.ownRecords.add(placeOf(place));
      break;
    case 'span':
      learnSpan(facts, event);
      break;
  }
}

type Span = Extract<HistoryEvent, { type: 'span' }>;

function learnSpan(
  { readers, callers, arrived }: Collecting,
  { kind, service, spanId, parentSpanId, attributes }: Span,
): void {
  if (kind === 'client') callers.set(spanId, service);
  if (kind === 'server' && parentSpanId !== undefined) arrived.add(parentSpanId);
  const topic = attributes['messaging.destination.name'];
  if (kind !== 'consumer' || typeof topic !== 'string') return;
  const known = readers.get(topic) ?? new Set();
  readers.set(topic, known.add(service));
}

type Place = { topic: string; partition: number; offset: string };

const publishedIn = (response: unknown): readonly Place[] =>
  (response as { readonly published?: readonly Place[] } | undefined)?.published ?? [];
