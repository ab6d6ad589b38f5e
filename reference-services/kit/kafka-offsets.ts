import type { RawMessage } from './kafka-lane.ts';

/**
 * How often offsets are committed, at most. What was handled in this time comes again after a
 * crash; a commit for each message was two of five requests that a saga made to Kafka.
 */
const COMMIT_INTERVAL_MS = 100;

/** How far the group has got in a partition: the offset of the next message. */
export interface PartitionOffset {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly leaderEpoch: number;
}

/**
 * Commits what was handled, all partitions in one request, one request at a time. What could not
 * be committed goes with the next request.
 */
export class OffsetCommits {
  readonly #commit: (offsets: PartitionOffset[]) => Promise<void>;
  readonly #onFailure: (error: unknown) => void;
  readonly #handled = new Map<string, PartitionOffset>();
  #timer: NodeJS.Timeout | undefined;
  #underWay: Promise<void> | undefined;
  #isClosed = false;

  /** @param onFailure called with a failure; the messages may come again */
  constructor(
    commit: (offsets: PartitionOffset[]) => Promise<void>,
    onFailure: (error: unknown) => void,
  ) {
    this.#commit = commit;
    this.#onFailure = onFailure;
  }

  /** Everything up to and with this message was handled. */
  note({ topic, partition, offset, leaderEpoch }: RawMessage): void {
    this.#keep({ topic, partition, offset: offset + 1n, leaderEpoch });
    this.#schedule();
  }

  /** Another member has the partition: a commit of ours could take it back. */
  drop(topicPartition: string): void {
    this.#handled.delete(topicPartition);
  }

  /** Commits what is left, once, and nothing afterwards. */
  async close(): Promise<void> {
    this.abandon();
    await this.#underWay;
    await this.#send();
  }

  /** Commits nothing more. */
  abandon(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #keep(offset: PartitionOffset): void {
    const key = `${offset.topic}:${offset.partition}`;
    const known = this.#handled.get(key);
    if (known === undefined || known.offset < offset.offset) this.#handled.set(key, offset);
  }

  #schedule(): void {
    if (this.#isClosed || this.#timer !== undefined || this.#underWay !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#underWay = this.#send().finally(() => {
        this.#underWay = undefined;
        if (this.#handled.size > 0) this.#schedule();
      });
    }, COMMIT_INTERVAL_MS);
  }

  async #send(): Promise<void> {
    const offsets = [...this.#handled.values()];
    if (offsets.length === 0) return;
    try {
      await this.#commit(offsets);
      for (const { topic, partition, offset } of offsets) {
        const key = `${topic}:${partition}`;
        if (this.#handled.get(key)?.offset === offset) this.#handled.delete(key);
      }
    } catch (error) {
      this.#onFailure(error);
    }
  }
}
