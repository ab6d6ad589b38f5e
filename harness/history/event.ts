import type { EndStateKind } from './end-state.ts';

/**
 * One causal history of a run: `runs/<id>/history.jsonl`, one JSON object a line, the first of
 * them {@link RunStarted}. Everything that the invariants know comes from here, so each event says
 * what was seen and where, never what it means.
 */

/** What is common to all events. */
interface Base {
  /** Position in the recorder's order, 0 for the first, without a gap: a cut file is noticed. */
  readonly index: number;
  /** Milliseconds since the Unix epoch, by the recorder's clock, when the recorder saw it. */
  readonly atMs: number;
}

/** Opens a history. */
export interface RunStarted extends Base {
  readonly type: 'run-started';
  readonly schemaVersion: 1;
  readonly run: string;
  readonly seed: string;
  readonly commit: string;
  /** Services under test that are not the reference services, and features they declare absent. */
  readonly subjects: ReadonlyArray<{
    readonly service: string;
    readonly version: string;
    readonly absentFeatures: readonly string[];
  }>;
  /** Bounds that the invariants hold the run to. */
  readonly bounds: RunBounds;
}

export interface RunBounds {
  /** From an acknowledged command to its job's terminal update. */
  readonly terminalWithinMs: number;
}

/** A scenario begins; everything it does carries its name. */
export interface ScenarioStarted extends Base {
  readonly type: 'scenario-started';
  readonly scenario: string;
}

export interface ScenarioEnded extends Base {
  readonly type: 'scenario-ended';
  readonly scenario: string;
  /** `partial`: not played, because a subject declares that it lacks what it needs. */
  readonly outcome: 'passed' | 'failed' | 'partial';
  readonly message?: string;
}

/**
 * A source has recorded everything that there was up to the run's end (`complete`), or could not
 * (`incomplete`, with why). A source that has no such event was never listened to.
 */
export interface SourceClosed extends Base {
  readonly type: 'source-closed';
  readonly source: HistorySource;
  readonly state: 'complete' | 'incomplete';
  readonly events: number;
  readonly reason?: string;
}

export const HISTORY_SOURCES = [
  'client',
  'websocket',
  'kafka',
  'eventstore',
  'postgres',
  'redis',
  'mongodb',
  'process',
  'spans',
] as const;
export type HistorySource = (typeof HISTORY_SOURCES)[number];

/** Names of client operations. `seed-*` are the harness's own preparations through public RPCs. */
export type OperationName =
  | 'place-order'
  | 'cancel-order'
  | 'get-order'
  | 'get-job'
  | 'list-orders'
  | 'receive-stock'
  | 'register-card'
  | 'dispatch-shipment'
  | 'rebuild-projection'
  | 'other';

/** A client begins an operation. */
export interface OperationInvoked extends Base {
  readonly type: 'invoke';
  /** Pairs it with its completion; unique in the run. */
  readonly operation: string;
  readonly name: OperationName;
  readonly scenario: string;
  readonly userId?: string;
  /** For commands: the Idempotency-Key that was sent, and a digest of the body. */
  readonly idempotencyKey?: string;
  readonly bodyDigest?: string;
  readonly request?: unknown;
  readonly traceId?: string;
}

/**
 * How it ended, as in Jepsen: `ok` happened, `fail` certainly did not, `info` nobody knows.
 * A refusal by rule (4xx) is `fail`; a 503 `unavailable` is `fail`; a time-out of a command,
 * a cut connection and 503 `outcome-unknown` are `info`.
 */
export interface OperationCompleted extends Base {
  readonly type: 'ok' | 'fail' | 'info';
  readonly operation: string;
  readonly name: OperationName;
  readonly scenario: string;
  /** HTTP status, or gRPC status name. */
  readonly status?: number | string;
  /** Code of the error registry. */
  readonly code?: string;
  readonly jobId?: string;
  readonly orderId?: string;
  /** The body of the answer, where an invariant needs it. */
  readonly response?: unknown;
}

/** A WebSocket client's life and everything that it sent and got. */
export interface SocketEvent extends Base {
  readonly type: 'ws';
  /** The harness's own id of the socket. */
  readonly socket: string;
  readonly scenario: string;
  readonly userId: string;
  /** Which instance it is connected to. */
  readonly node: string;
  readonly what: 'open' | 'sent' | 'frame' | 'closed' | 'refused';
  /** The JSON message, for `sent` and `frame`. */
  readonly message?: Readonly<Record<string, unknown>>;
  readonly closeCode?: number;
  /** For `refused`: the HTTP status of the handshake. */
  readonly status?: number;
}

/** A record that crossed the broker, read by the witness. */
export interface KafkaRecord extends Base {
  readonly type: 'kafka';
  readonly topic: string;
  readonly partition: number;
  /** Decimal. */
  readonly offset: string;
  readonly key: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly timestampMs: number;
  readonly schemaId?: number;
  /**
   * The Avro value; a union of records is `{type, ...fields}`. Absent when it cannot be decoded.
   */
  readonly value?: Readonly<Record<string, unknown>>;
  /** Why it could not be decoded; then `raw` has its first 1024 bytes in base64. */
  readonly undecodable?: string;
  readonly raw?: string;
}

/** An event of the event store's `$all`. */
export interface StoredEvent extends Base {
  readonly type: 'eventstore';
  readonly stream: string;
  /** Decimal. */
  readonly revision: string;
  /** Commit position, decimal: the order of `$all`. */
  readonly position: string;
  readonly id: string;
  readonly eventType: string;
  /** When it was stored, by the store's clock; a witness may read it much later. */
  readonly createdMs?: number;
  readonly data: unknown;
  readonly metadata: unknown;
}

/** One row, key or document of an end state. */
export interface StateSeen extends Base {
  readonly type: 'state';
  /** Who vouches for it: a source that is closed incomplete did not show all of them. */
  readonly source: 'postgres' | 'redis' | 'mongodb' | 'kafka';
  /** One of `end-state.ts`, which says what `key` and `value` are. */
  readonly kind: EndStateKind;
  /** The service whose state it is. */
  readonly service: string;
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** A process of the stack started, was ready, was signalled, or ended. */
export interface ProcessEvent extends Base {
  readonly type: 'process';
  readonly instance: string;
  readonly what: 'started' | 'ready' | 'signalled' | 'exited';
  readonly pid?: number;
  readonly signal?: string;
  readonly exitCode?: number;
  /** With `exited`: nobody had asked for it. */
  readonly unasked?: true;
}

/** A span that a service exported. */
export interface SpanSeen extends Base {
  readonly type: 'span';
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: string;
  readonly service: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly error?: boolean;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
}

export type HistoryEvent =
  | RunStarted
  | ScenarioStarted
  | ScenarioEnded
  | SourceClosed
  | OperationInvoked
  | OperationCompleted
  | SocketEvent
  | KafkaRecord
  | StoredEvent
  | StateSeen
  | ProcessEvent
  | SpanSeen;

/** What a recorder is given: everything but what the history itself adds. */
export type Unrecorded<E extends HistoryEvent = HistoryEvent> = E extends HistoryEvent
  ? Omit<E, 'index' | 'atMs'>
  : never;
