import type { OrderEvent, OrderView, Position } from './domain.ts';

/** One collection of order views. Every call has a deadline and rejects with `unavailable`. */
export interface OrderViews {
  load(orderId: string): Promise<OrderView | undefined>;
  /**
   * Writes a view in place of the one with a sequence, or as the first one.
   *
   * @param replaces the sequence of the view that it was made from; 0 when there was none
   * @returns false when another writer was faster: load and decide again
   */
  save(view: OrderView, replaces: number): Promise<boolean>;
  /** A customer's orders, newest first, from behind a position on. */
  page(
    userId: string,
    options: { readonly after: Position | undefined; readonly limit: number },
  ): Promise<readonly OrderView[]>;
  count(): Promise<number>;
}

/** A read model that is being built next to the live one. */
export interface NewViews {
  loadMany(orderIds: readonly string[]): Promise<ReadonlyMap<string, OrderView>>;
  /** It has no other writer until it is live: last write wins. */
  saveMany(views: readonly OrderView[]): Promise<void>;
  /** Puts it in the place of the live one, in one step. */
  goLive(): Promise<void>;
  /** Drops it, unless it is live. */
  discard(): Promise<void>;
}

/** Starts new read models, one at a time over all instances. */
export interface Rebuilds {
  /** Undefined while another one is under way. */
  begin(): Promise<(NewViews & AsyncDisposable) | undefined>;
}

/** By partition, the offset behind the last record. */
export type EndOffsets = ReadonlyMap<number, bigint>;

/** Every order event since the first, read once, in another group than the live consumer's. */
export interface EventLog {
  /** Where the log ends now. */
  ends(): Promise<EndOffsets>;
  /** A reader at the log's begin. */
  open(): Promise<LogReader>;
}

export interface LogReader extends AsyncDisposable {
  /**
   * Reads on up to these offsets, in batches whose order per order is that of the log.
   *
   * @returns how many events it gave
   */
  readTo(
    ends: EndOffsets,
    handle: (events: readonly OrderEvent[]) => Promise<void>,
    signal: AbortSignal,
  ): Promise<number>;
}
