import {
  type AllStreamRecordedEvent,
  BACKWARDS,
  END,
  EventStoreDBClient,
  excludeSystemEvents,
  type Position,
  START,
} from '@eventstore/db-client';
import { until, within } from '../kernel/poll.ts';
import {
  IncompleteSource,
  type RecordEvent,
  type Recorder,
  rethrowCause,
  type Witness,
} from './witness.ts';

/** System events that may follow the last event of ours. */
const LOOK_BACK_MAX = 64;
/** Streams of orders are `order-<orderId>`. Others are housekeeping that never ends. */
const ORDER_STREAMS = 'order-';
const RETRY_MS = 250;
const CLOSE_TIMEOUT_MS = 2_000;
/** An order that is under way stores its next event within this time, unless it is slow. */
const QUIET_MS = 750;

export const eventstore: Witness = {
  name: 'eventstore',
  sources: ['eventstore'],
  settles: 'stream',
  start: ({ book, record }) => EventStoreWitness.start(book.eventstore.connectionString, record),
};

/** Records `$all` from where it ends when it starts; complete when it has read to its end. */
export class EventStoreWitness implements Recorder, AsyncDisposable {
  readonly #client: EventStoreDBClient;
  readonly #record: RecordEvent;
  #from: Position | undefined;
  #seen = -1n;
  #events = 0;
  #lastMs = performance.now();
  #closing = false;
  #failure: string | undefined;

  private constructor(connectionString: string, record: RecordEvent) {
    this.#client = EventStoreDBClient.connectionString(connectionString);
    this.#record = record;
  }

  static async start(connectionString: string, record: RecordEvent): Promise<EventStoreWitness> {
    const witness = new EventStoreWitness(connectionString, record);
    const last = await witness.#lastPosition();
    witness.#from = last;
    witness.#seen = last?.commit ?? -1n;
    witness.#subscribe();
    return witness;
  }

  get events(): number {
    return this.#events;
  }

  /** Time since the last event of an order. */
  get quietMs(): number {
    return performance.now() - this.#lastMs;
  }

  async drained(): Promise<boolean> {
    return this.quietMs >= QUIET_MS;
  }

  async settle(deadlineMs: number): Promise<void> {
    const hasReadAll = async () => {
      const left = ((await this.#lastPosition())?.commit ?? -1n) - this.#seen;
      if (left <= 0n) return true;
      const why = this.#failure ? `: ${this.#failure}` : '';
      throw new IncompleteSource(`the witness of $all is ${left} positions behind its end${why}`);
    };
    await until('the end of $all', hasReadAll, deadlineMs).catch(rethrowCause);
  }

  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    // The client has no method that ends its connection, and unsubscribing waits for the server.
    const inner = this.#client as unknown as { getChannel(): Promise<{ close(): void }> };
    const channel = await inner.getChannel();
    // A killed server does not end its streams.
    await within('closing the client', CLOSE_TIMEOUT_MS, this.#client.dispose()).catch(
      () => undefined,
    );
    channel.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #subscribe(): void {
    const subscription = this.#client.subscribeToAll({
      fromPosition: this.#from ?? START,
      filter: excludeSystemEvents(),
    });
    subscription.on('data', ({ event }) => {
      if (event !== undefined) this.#take(event);
    });
    // A scenario may stop the store for a while: the next subscription reads what happened since.
    subscription.on('error', (error) => {
      this.#failure = error.message;
      if (!this.#closing) setTimeout(() => this.#closing || this.#subscribe(), RETRY_MS).unref();
    });
  }

  #take(event: AllStreamRecordedEvent): void {
    this.#from = event.position;
    this.#seen = event.position.commit;
    if (event.streamId.startsWith(ORDER_STREAMS)) this.#lastMs = performance.now();
    this.#events++;
    this.#record({
      type: 'eventstore',
      stream: event.streamId,
      revision: String(event.revision),
      position: String(event.position.commit),
      id: event.id,
      eventType: event.type,
      createdMs: event.created.getTime(),
      data: event.isJson ? event.data : { base64: Buffer.from(event.data).toString('base64') },
      metadata: metadataOf(event.metadata),
    });
  }

  /** Position of the last event that is not a system event. */
  async #lastPosition(): Promise<Position | undefined> {
    const events = this.#client.readAll({
      direction: BACKWARDS,
      fromPosition: END,
      maxCount: LOOK_BACK_MAX,
    });
    let last: Position | undefined;
    // The client cannot close while a read is unfinished, so read to the end.
    for await (const { event } of events) {
      if (event !== undefined && !event.type.startsWith('$')) last ??= event.position;
    }
    return last;
  }
}

const metadataOf = (metadata: unknown): unknown =>
  metadata instanceof Uint8Array ? { base64: Buffer.from(metadata).toString('base64') } : metadata;
