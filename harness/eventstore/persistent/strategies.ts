/** Which consumer of a group gets the next message. */
import type { ConsumerStrategy } from './settings.ts';

/** What a strategy knows of a consumer. */
export interface Slots {
  hasRoom(): boolean;
}

/** What a strategy knows of a message. */
export interface Addressed {
  /** The stream of the event that the message is about. */
  readonly stream: string;
  /** `$correlationId` of the event's metadata, or its stream when it has none. */
  readonly correlation: string;
}

/** `full`: no consumer has room. `blocked`: not this message now, but perhaps a later one. */
export type Choice<Consumer> = Consumer | 'full' | 'blocked';

export interface Dispatcher<Consumer extends Slots> {
  add(consumer: Consumer): void;
  remove(consumer: Consumer): void;
  choose(message: Addressed): Choice<Consumer>;
  /** A message that was given out is no longer in flight. */
  release(message: Addressed): void;
}

export function createDispatcher<Consumer extends Slots>(
  strategy: ConsumerStrategy,
): Dispatcher<Consumer> {
  switch (strategy) {
    case 'DispatchToSingle':
      return new Rotating('stay');
    case 'RoundRobin':
      return new Rotating('turn');
    case 'Pinned':
      return new Pinned(({ stream }) => stream);
    case 'PinnedByCorrelation':
      return new Pinned(({ correlation }) => correlation);
    default:
      return strategy satisfies never;
  }
}

/** One consumer after the other (`turn`), or one consumer until it is full (`stay`). */
class Rotating<Consumer extends Slots> implements Dispatcher<Consumer> {
  readonly #consumers: Consumer[] = [];
  readonly #mode: 'turn' | 'stay';

  constructor(mode: 'turn' | 'stay') {
    this.#mode = mode;
  }

  add(consumer: Consumer): void {
    this.#consumers.push(consumer);
  }

  remove(consumer: Consumer): void {
    const index = this.#consumers.indexOf(consumer);
    if (index !== -1) this.#consumers.splice(index, 1);
  }

  choose(): Choice<Consumer> {
    const index = this.#consumers.findIndex((consumer) => consumer.hasRoom());
    const chosen = this.#consumers[index];
    if (chosen === undefined) return 'full';
    if (this.#mode === 'turn') {
      this.#consumers.splice(index, 1);
      this.#consumers.push(chosen);
    }
    return chosen;
  }

  release(): void {
    // Nothing depends on what is in flight but the consumers' own room.
  }
}

/** How many groups of streams there are to distribute: as on the real server. */
const BUCKETS = 1_024;

interface Bucket<Consumer> {
  owner: Consumer | undefined;
  inFlight: number;
}

/**
 * Streams are hashed into buckets, and a bucket stays with one consumer, so that one consumer gets
 * the events of one stream, in order, while the same consumers are connected.
 */
class Pinned<Consumer extends Slots> implements Dispatcher<Consumer> {
  readonly #buckets: Bucket<Consumer>[] = Array.from({ length: BUCKETS }, () => ({
    owner: undefined,
    inFlight: 0,
  }));
  readonly #owned = new Map<Consumer, number>();
  readonly #keyOf: (message: Addressed) => string;

  constructor(keyOf: (message: Addressed) => string) {
    this.#keyOf = keyOf;
  }

  add(consumer: Consumer): void {
    this.#owned.set(consumer, 0);
  }

  remove(consumer: Consumer): void {
    this.#owned.delete(consumer);
    for (const bucket of this.#buckets) {
      if (bucket.owner !== consumer) continue;
      bucket.owner = undefined;
      bucket.inFlight = 0;
    }
  }

  choose(message: Addressed): Choice<Consumer> {
    const bucket = this.#bucketOf(message);
    const owner = this.#ownerOf(bucket);
    if (owner === undefined) return 'full';
    if (!owner.hasRoom()) {
      return [...this.#owned.keys()].some((other) => other.hasRoom()) ? 'blocked' : 'full';
    }
    bucket.inFlight += 1;
    return owner;
  }

  release(message: Addressed): void {
    const bucket = this.#bucketOf(message);
    if (bucket.inFlight > 0) bucket.inFlight -= 1;
  }

  /** A bucket changes hands only while none of its messages is in flight. */
  #ownerOf(bucket: Bucket<Consumer>): Consumer | undefined {
    const { owner } = bucket;
    const fairShare = Math.ceil(BUCKETS / Math.max(this.#owned.size, 1));
    if (owner !== undefined) {
      const hasTooMany = (this.#owned.get(owner) ?? 0) > fairShare;
      if (bucket.inFlight > 0 || !hasTooMany) return owner;
      this.#owned.set(owner, (this.#owned.get(owner) ?? 0) - 1);
    }
    let chosen: Consumer | undefined;
    for (const [consumer, count] of this.#owned) {
      if (chosen === undefined || count < (this.#owned.get(chosen) ?? 0)) chosen = consumer;
    }
    bucket.owner = chosen;
    if (chosen !== undefined) this.#owned.set(chosen, (this.#owned.get(chosen) ?? 0) + 1);
    return chosen;
  }

  #bucketOf(message: Addressed): Bucket<Consumer> {
    return this.#buckets[hash(this.#keyOf(message)) % BUCKETS] as Bucket<Consumer>;
  }
}

/** FNV-1a over the code units, 32 bits. */
function hash(text: string): number {
  let value = 0x81_1c_9d_c5;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01_00_01_93);
  }
  return value >>> 0;
}
