/** The streams in which a group keeps its checkpoint and its parked messages. */
import { randomUUID } from 'node:crypto';
import { linkTo, resolveLink } from '../links.ts';
import {
  type EventStore,
  LINK_TYPE,
  METADATA_TYPE,
  metastreamOf,
  type ProposedEvent,
  type RecordedEvent,
  StoreError,
} from '../store.ts';
import { type Message, toMessage } from './messages.ts';
import { ProgressTracker } from './progress.ts';

const CHECKPOINT_TYPE = '$SubscriptionCheckpoint';
/** The last checkpoint and the one before it, as on the real server. */
const CHECKPOINTS_KEPT = 2;
const LAST = 9_223_372_036_854_775_807n;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function jsonEvent(type: string, data: unknown): ProposedEvent {
  return {
    id: randomUUID(),
    type,
    isJson: true,
    data: encoder.encode(JSON.stringify(data)),
    metadata: new Uint8Array(),
  };
}

async function append(store: EventStore, stream: string, event: ProposedEvent): Promise<void> {
  const result = await store.append({ stream, expected: 'any', events: [event] });
  if (result.kind === 'appended') return;
  throw new StoreError('write-failed', `Stream ${stream} could not be written: ${result.kind}.`);
}

export class Checkpoints {
  readonly #store: EventStore;
  readonly #stream: string;
  #isFirst = true;

  constructor(store: EventStore, stream: string) {
    this.#store = store;
    this.#stream = stream;
  }

  /** The position of the last checkpoint. */
  async read(): Promise<bigint | undefined> {
    const page = await this.#store.readStream({
      stream: this.#stream,
      from: LAST,
      direction: 'backwards',
      limit: 1,
    });
    const event = page.kind === 'page' ? page.events[0] : undefined;
    if (event === undefined) return undefined;
    this.#isFirst = false;
    const text = JSON.parse(decoder.decode(event.data)) as string;
    return BigInt(/^C:(\d+)/.exec(text)?.[1] ?? text);
  }

  /** Resolves when the checkpoint is on disk. */
  async write(text: string): Promise<void> {
    await append(this.#store, this.#stream, jsonEvent(CHECKPOINT_TYPE, text));
    if (!this.#isFirst) return;
    this.#isFirst = false;
    const metadata = jsonEvent(METADATA_TYPE, { $maxCount: CHECKPOINTS_KEPT });
    await append(this.#store, metastreamOf(this.#stream), metadata);
  }
}

export class ParkedMessages {
  readonly #store: EventStore;
  readonly #stream: string;
  #last = -1n;
  /** Revisions before this were given out for replay, or are gone. */
  #next = 0n;
  #replayTo = 0n;
  #truncated = 0n;
  #progress = new ProgressTracker(-1n);

  constructor(store: EventStore, stream: string) {
    this.#store = store;
    this.#stream = stream;
  }

  get count(): bigint {
    return this.#last + 1n - this.#next;
  }

  async open(): Promise<void> {
    const last = await this.#store.lastRevision(this.#stream);
    this.#last = last === 'no_stream' ? -1n : last;
    const first = (await this.#read(0n, 1))[0];
    this.#next = first === undefined ? this.#last + 1n : first.revision;
    this.#replayTo = this.#next;
    this.#truncated = this.#next;
    this.#progress = new ProgressTracker(this.#next - 1n);
  }

  /** Resolves when the parked message is on disk. */
  async park(message: Message, reason: string): Promise<void> {
    const target = message.event ?? message.link;
    if (target === undefined) return;
    const details = {
      Added: new Date().toISOString(),
      Reason: reason,
      SubscriptionEventNumber: Number(message.link?.revision ?? target.revision),
    };
    await append(this.#store, this.#stream, {
      id: randomUUID(),
      type: LINK_TYPE,
      isJson: false,
      data: linkTo(target),
      metadata: encoder.encode(JSON.stringify(details)),
    });
    const last = await this.#store.lastRevision(this.#stream);
    this.#last = last === 'no_stream' ? -1n : last;
  }

  /** From now on `pull` gives the parked messages before `stopAt`, or all there are now. */
  replay(stopAt: bigint | undefined): void {
    const end = this.#last + 1n;
    const stop = stopAt === undefined || stopAt > end ? end : stopAt;
    if (stop > this.#replayTo) this.#replayTo = stop;
  }

  get hasReplays(): boolean {
    return this.#next < this.#replayTo;
  }

  async pull(limit: number): Promise<Message[]> {
    if (!this.hasReplays) return [];
    const wanted = Math.min(limit, Number(this.#replayTo - this.#next));
    const events = await this.#read(this.#next, wanted);
    const messages: Message[] = [];
    for (const parked of events) {
      if (parked.revision >= this.#replayTo) break;
      this.#next = parked.revision + 1n;
      const resolved = await resolveLink(this.#store, parked);
      // The event was deleted after it was parked: there is nothing to replay.
      if (resolved.event === undefined) this.#progress.skip(parked.revision);
      else {
        const number = this.#progress.read(parked.revision);
        messages.push(toMessage(resolved, { number, origin: 'parked' }));
      }
    }
    if (events.length === 0) this.#next = this.#replayTo;
    return messages;
  }

  processed(number: number): void {
    this.#progress.processed(number);
  }

  /** Removes replayed messages from the parked stream, up to the first that is not processed. */
  async truncate(): Promise<void> {
    const before = this.#progress.current().position + 1n;
    if (before <= this.#truncated) return;
    const metadata = jsonEvent(METADATA_TYPE, { $tb: Number(before) });
    await append(this.#store, metastreamOf(this.#stream), metadata);
    this.#truncated = before;
  }

  async #read(from: bigint, limit: number): Promise<readonly RecordedEvent[]> {
    const query = { stream: this.#stream, from, direction: 'forwards', limit } as const;
    const page = await this.#store.readStream(query);
    return page.kind === 'page' ? page.events : [];
  }
}
