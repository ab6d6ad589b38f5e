import type { EventOf, EventType } from './event-schema.ts';

/**
 * One causal history of a run: `runs/<id>/history.jsonl`, one JSON object a line, the first of
 * them {@link RunStarted}. Invariants read nothing else, so each event says what was observed and
 * where, never what it means. The fields are described in `event-schema.ts`.
 */

export type RunStarted = EventOf<'run-started'>;
export type ScenarioEnded = EventOf<'scenario-ended'>;
export type OperationInvoked = EventOf<'invoke'>;
/** How an operation ended, as in Jepsen: `ok` happened, `fail` did not, `info` may have. */
export type OperationCompleted = EventOf<'ok' | 'fail' | 'info'>;
export type OperationName = OperationInvoked['name'];
export type SocketEvent = EventOf<'ws'>;
export type KafkaRecord = EventOf<'kafka'>;
export type StoredEvent = EventOf<'eventstore'>;
export type StateSeen = EventOf<'state'>;
export type ProcessEvent = EventOf<'process'>;
export type SpanSeen = EventOf<'span'>;
export type LoadSample = EventOf<'load-sample'>;
export type ResourceSample = EventOf<'resource-sample'>;

export type HistoryEvent = EventOf<EventType>;

/** What a recorder passes on: everything but the fields that the history adds. */
export type Unrecorded<E extends HistoryEvent = HistoryEvent> = E extends HistoryEvent
  ? Omit<E, 'index' | 'atMs'>
  : never;
