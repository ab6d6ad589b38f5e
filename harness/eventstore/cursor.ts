/** Reads a stream or `$all` forwards, page by page, and knows when a commit may bring more. */
import type { EventStore, RecordedEvent } from './store.ts';

export type CursorPage =
  | {
      readonly kind: 'page';
      readonly events: readonly RecordedEvent[];
      readonly isEnd: boolean;
    }
  | { readonly kind: 'stream-deleted' };

export interface Cursor {
  /** The next events after those that it gave before. */
  pull(limit: number): Promise<CursorPage>;
  /** Whether a commit to these streams can bring new events. */
  concerns(streams: ReadonlySet<string>): boolean;
  /** What a later cursor starts from to continue after this event: a position or revision. */
  positionOf(event: RecordedEvent): bigint;
}

/** @param from inclusive. */
export function openAllCursor(store: EventStore, from: bigint): Cursor {
  let next = from;
  return {
    async pull(limit) {
      const page = await store.readAll({ from: next, direction: 'forwards', limit });
      const last = page.events.at(-1);
      if (last !== undefined) next = last.position + 1n;
      return { kind: 'page', ...page };
    },
    concerns: () => true,
    positionOf: ({ position }) => position,
  };
}

/** @param from inclusive. */
export function openStreamCursor(store: EventStore, stream: string, from: bigint): Cursor {
  let next = from;
  return {
    async pull(limit) {
      const page = await store.readStream({ stream, from: next, direction: 'forwards', limit });
      if (page.kind === 'stream-deleted') return page;
      if (page.kind === 'not-found') return { kind: 'page', events: [], isEnd: true };
      const last = page.events.at(-1);
      if (last !== undefined) next = last.revision + 1n;
      return page;
    },
    concerns: (streams) => streams.has(stream),
    positionOf: ({ revision }) => revision,
  };
}

/** Lets other calls in between two pages: neither SQLite nor a filter gives up the thread. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
