/** What the order service needs from outside, named by role. Types only. */
import type { IgnoreReason, StoredEvent } from './domain.ts';

/** Where a stream is: the revision of its last event. */
export type Revision = bigint | 'no-stream';

/** An event with the trace that it belongs to. */
export interface TracedEvent extends StoredEvent {
  readonly traceparent?: string;
}

/** An event on its way into the log. */
export interface NewEvent extends TracedEvent {
  /** The message, command or timer that led to it. */
  readonly causationId: string;
}

/** One stream of events per order. */
export interface OrderLog {
  /** Rejects with `unavailable`. */
  load(orderId: string): Promise<{
    readonly events: readonly TracedEvent[];
    readonly revision: Revision;
  }>;
  /**
   * All of the events or none; repeated with the same ids it has one effect. Rejects with
   * `outcome-unknown` when no answer came, also after repeating it.
   */
  append(
    orderId: string,
    expected: Revision,
    events: readonly NewEvent[],
  ): Promise<Revision | 'conflict'>;
}

/** An event as the log has it. */
export interface LoggedEvent extends NewEvent {
  readonly position: bigint;
}

/** Whole appends, in the order of the log. */
export interface FeedBatch {
  readonly events: readonly LoggedEvent[];
  /** Everything up to here has been seen. */
  readonly upTo: bigint;
}

export interface OrderFeed {
  /**
   * The events of all orders behind a position (−1: before all), and then those that come; first a
   * batch without events, when the log answers. Ends with the signal; throws when the log cannot be
   * followed.
   */
  follow(after: bigint, signal: AbortSignal): AsyncIterable<FeedBatch>;
}

/** One value that only a writer who knows its last revision may replace. */
export interface Register<T> {
  read(): Promise<{ readonly value: T | undefined; readonly revision: Revision }>;
  write(value: T, expected: Revision): Promise<Revision | 'conflict'>;
}

/** Who publishes and fires timers. */
export interface LeaseValue {
  /** An instance; null when it is free. */
  readonly holder: string | null;
  /** Tells apart two terms of one instance. */
  readonly term: string;
}

/** How far the publisher has come. Positions are decimal: JSON has no bigint. */
export interface CheckpointValue {
  /** Everything up to here has been published. */
  readonly published: string;
  /** Every wait that is still open began behind this position. */
  readonly resumeAfter: string;
}

/** Kafka, for what this service publishes. */
export interface Bus {
  /** Rejects with `unavailable` when Kafka does not answer now. */
  probe(timeoutMs: number): Promise<void>;
  /** Publishes what the events stand for, in their order; resolves when it is acknowledged. */
  publish(events: readonly LoggedEvent[]): Promise<void>;
}

/** The wall clock, in epoch milliseconds. */
export interface Clock {
  now(): number;
}

/** The trace that is under way. */
export interface Tracing {
  current(): string | undefined;
}

/** What operators count. */
export interface Meter {
  ignored(reason: IgnoreReason | 'not-about-an-order'): void;
  published(records: number): void;
  leading(isLeading: boolean): void;
}

/** Where to report failures that no caller waits for. */
export interface Log {
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  debug(fields: object, text: string): void;
}
