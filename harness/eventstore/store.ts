/**
 * The store port: what the wire layer needs from whatever keeps the events, and what every
 * adapter promises. The rules are those of EventStoreDB 24.6; nothing here knows gRPC or SQL.
 *
 * - An append is atomic, and its result is given only when the events are durable.
 * - Positions are one strictly increasing, not dense sequence over all streams; the order of `$all`
 *   is the order of positions. Revisions count per stream from 0, without a gap.
 * - Reads see committed events only, and hide on stream reads what the stream's metadata truncates;
 *   `$all` shows every event that was ever appended.
 */

/** What the appender believes about the stream; a bigint is the revision of its last event. */
export type ExpectedRevision = 'any' | 'no_stream' | 'stream_exists' | bigint;

/** The last revision of a stream, or that it never had an event. */
export type CurrentRevision = 'no_stream' | bigint;

export interface ProposedEvent {
  /** A UUID as 32 lower-case hexadecimal digits with dashes. */
  readonly id: string;
  readonly type: string;
  readonly isJson: boolean;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

export interface RecordedEvent extends ProposedEvent {
  readonly stream: string;
  readonly revision: bigint;
  readonly position: bigint;
  /** 100 ns ticks since 1970-01-01. */
  readonly createdTicks: bigint;
}

export interface AppendRequest {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly events: readonly ProposedEvent[];
  /** Epoch milliseconds; an append that was not written by then is refused, and stays unwritten. */
  readonly deadlineMs?: number;
}

export type AppendResult =
  | {
      readonly kind: 'appended';
      readonly current: CurrentRevision;
      /** Position of the last event; absent when there was no event to write. */
      readonly position?: bigint;
    }
  | { readonly kind: 'wrong-expected-revision'; readonly current: CurrentRevision }
  | { readonly kind: 'stream-deleted' }
  | { readonly kind: 'timed-out' };

export interface DeleteRequest {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  /** `soft` truncates everything, and the stream may be written again; `tombstone` is for ever. */
  readonly mode: 'soft' | 'tombstone';
}

export type Direction = 'forwards' | 'backwards';

export interface StreamQuery {
  readonly stream: string;
  /** Inclusive in both directions; backwards, a revision past the end means the end. */
  readonly from: bigint;
  readonly direction: Direction;
  /** The page holds at most this many events; it may hold fewer although more follow. */
  readonly limit: number;
}

export type StreamPage =
  | {
      readonly kind: 'page';
      readonly events: readonly RecordedEvent[];
      /** False when a further page may hold events. */
      readonly isEnd: boolean;
    }
  | { readonly kind: 'not-found'; readonly lastRevision: CurrentRevision }
  | { readonly kind: 'stream-deleted' };

export interface AllQuery {
  /** Forwards: positions ≥ this; backwards: positions < this. */
  readonly from: bigint;
  readonly direction: Direction;
  readonly limit: number;
}

export interface AllPage {
  readonly events: readonly RecordedEvent[];
  readonly isEnd: boolean;
}

/** Called after each commit, when its events can be read, with the streams that got events. */
export type CommitListener = (streams: ReadonlySet<string>) => void;

export interface EventStore extends AsyncDisposable {
  append(request: AppendRequest): Promise<AppendResult>;
  delete(request: DeleteRequest): Promise<AppendResult>;
  readStream(query: StreamQuery): Promise<StreamPage>;
  readAll(query: AllQuery): Promise<AllPage>;
  /** The one event, if it is there and not hidden by its stream's metadata. */
  readEvent(stream: string, revision: bigint): Promise<RecordedEvent | undefined>;
  /** The position after the last committed event. */
  head(): Promise<bigint>;
  /** The last revision of the stream, hidden or not. */
  lastRevision(stream: string): Promise<CurrentRevision>;
  /** Returns the function that ends it, which tells whether there was anything to end. */
  onCommit(listener: CommitListener): () => boolean;
}

/** The revision that only a tombstone has, and the `$tb` of a soft-deleted stream: 2^63 − 1. */
export const DELETED_REVISION = 9_223_372_036_854_775_807n;

export const LINK_TYPE = '$>';
export const METADATA_TYPE = '$metadata';
export const TOMBSTONE_TYPE = '$streamDeleted';
const METASTREAM_PREFIX = '$$';

/** `$$x` holds the metadata of `x`. */
export function metastreamOf(stream: string): string {
  return `${METASTREAM_PREFIX}${stream}`;
}

export function isMetastream(stream: string): boolean {
  return stream.startsWith(METASTREAM_PREFIX);
}

/** The stream whose metadata this metastream holds. */
export function originalStreamOf(metastream: string): string {
  return metastream.slice(METASTREAM_PREFIX.length);
}

export type StoreErrorCode =
  | 'data-in-use'
  | 'data-unknown-format'
  | 'data-damaged'
  | 'disk-full'
  | 'write-failed'
  | 'overloaded'
  | 'closed';

/** An operational error of a store adapter; callers match on `code`. */
export class StoreError extends Error {
  readonly code: StoreErrorCode;
  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreError';
    this.code = code;
  }
}
