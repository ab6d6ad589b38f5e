import {
  type AllStreamResolvedEvent,
  type AllStreamSubscription,
  START,
  streamNameFilter,
} from '@eventstore/db-client';
import type { FeedBatch, LoggedEvent, OrderFeed } from '../ports.ts';
import { AtomicClient } from './event-store-client.ts';
import { NoAnswer } from './event-store-connection.ts';
import { fromRecorded, isLastPart, STREAM_PREFIX } from './event-store-events.ts';

/** Events that wait in this process while a batch is published; more wait in the store. */
const BUFFERED_MAX = 1_000;
/** What is published at once. */
const BATCH_MAX = 500;
/** The server tells where it is after 32 times this many events of other streams. */
const CHECKPOINT_INTERVAL = 4;

/** All orders' events, by a catch-up subscription on a connection of its own. */
export function eventStoreFeed(url: string): OrderFeed {
  return {
    async *follow(after, signal) {
      const client = AtomicClient.of(url);
      try {
        yield* batchesOf(new Following(client, after), signal);
      } finally {
        await client.dispose();
        await client.closeConnection();
      }
    },
  };
}

async function* batchesOf(following: Following, signal: AbortSignal): AsyncGenerator<FeedBatch> {
  while (!signal.aborted) {
    const batch = following.take();
    if (batch !== undefined) yield batch;
    else await following.wait(signal);
  }
}

/** A subscription as a queue of whole appends. */
class Following {
  readonly #subscription: AllStreamSubscription;
  #appending: LoggedEvent[] = [];
  /** Ends the wait that is on, if one is. */
  #wake: () => void = () => undefined;
  #upTo: bigint | undefined;
  #failure: Error | undefined;

  constructor(client: AtomicClient, after: bigint) {
    this.#subscription = client.subscribeToAll(
      {
        fromPosition: after < 0n ? START : { commit: after, prepare: after },
        filter: streamNameFilter({
          prefixes: [STREAM_PREFIX],
          checkpointInterval: CHECKPOINT_INTERVAL,
          checkpointReached: (_, { commit }) => {
            this.#reached(commit);
            return Promise.resolve();
          },
        }),
      },
      { highWaterMark: BUFFERED_MAX },
    );
    this.#subscription.on('readable', () => this.#wake());
    this.#subscription.on('confirmation', () => this.#reached(after));
    this.#subscription.on('error', (error) => this.#end(error));
    this.#subscription.on('close', () => this.#end(new NoAnswer('the subscription was closed')));
    this.#subscription.on('end', () => this.#end(new NoAnswer('the subscription has ended')));
  }

  /** What has arrived, up to the end of an append. */
  take(): FeedBatch | undefined {
    const events: LoggedEvent[] = [];
    while (events.length < BATCH_MAX) {
      const next = this.#subscription.read() as AllStreamResolvedEvent | null;
      if (next === null) break;
      if (next.event === undefined) continue;
      this.#appending.push({ ...fromRecorded(next.event), position: next.event.position.commit });
      if (!isLastPart(next.event)) continue;
      events.push(...this.#appending);
      this.#appending = [];
    }
    const upTo = events.at(-1)?.position ?? this.#upTo;
    this.#upTo = undefined;
    return upTo === undefined ? undefined : { events, upTo };
  }

  /** Resolves when there may be more; rejects when nothing more will come. */
  async wait(signal: AbortSignal): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#subscription.readableLength > 0 || signal.aborted) return;
    const waiting = Promise.withResolvers<void>();
    const stop = () => waiting.resolve();
    this.#wake = stop;
    signal.addEventListener('abort', stop, { once: true });
    await waiting.promise;
    signal.removeEventListener('abort', stop);
  }

  /** The server's position counts only when nothing that was sent before it is still to be read. */
  #reached(position: bigint): void {
    if (this.#subscription.readableLength > 0 || this.#appending.length > 0) return;
    this.#upTo = position;
    this.#wake();
  }

  #end(error: Error): void {
    this.#failure ??= error;
    this.#wake();
  }
}
