/** One running group: feeds its consumers, and turns what they answer into progress. */
import type { EventStore } from '../store.ts';
import { Answers } from './answers.ts';
import { CheckpointWriter } from './checkpoint-writer.ts';
import { type Consumer, type Peer, Rate } from './consumer.ts';
import { PersistentSubscriptionError } from './errors.ts';
import { Feed } from './feed.ts';
import { Outbox } from './outbox.ts';
import { ProgressTracker } from './progress.ts';
import { ALL_SOURCE, checkpointStreamOf, type GroupConfig, parkedStreamOf } from './settings.ts';
import { Checkpoints, ParkedMessages } from './state-streams.ts';

export type NackAction = 'park' | 'retry' | 'skip';

/** How exact message timeouts and the checkpoint interval are. */
const TICK_MS = 100;

export class Group {
  readonly config: GroupConfig;
  readonly #outbox: Outbox;
  readonly #parked: ParkedMessages;
  readonly #answers: Answers;
  readonly #feed: Feed;
  readonly #rate: Rate;
  readonly #nowMs: () => number;
  readonly #stops: (() => unknown)[] = [];
  readonly #checkpoints: CheckpointWriter;
  #checkpointedMs: number;

  private constructor(
    config: GroupConfig,
    store: EventStore,
    nowMs: () => number,
    state: { parked: ParkedMessages; checkpoints: Checkpoints; checkpoint: bigint | undefined },
  ) {
    this.config = config;
    this.#nowMs = nowMs;
    this.#checkpointedMs = nowMs();
    this.#rate = new Rate(nowMs());
    this.#parked = state.parked;
    const done = state.checkpoint ?? config.beginsAt - 1n;
    const progress = new ProgressTracker(done);
    this.#checkpoints = new CheckpointWriter({
      ...state,
      progress,
      toText: (position) => positionText(config, position),
    });
    this.#outbox = new Outbox(config.settings.strategy, nowMs);
    const [outbox, parked, rate] = [this.#outbox, this.#parked, this.#rate];
    const { maxRetryCount } = config.settings;
    this.#answers = new Answers({ outbox, parked, progress, rate, maxRetryCount });
    this.#feed = new Feed({ store, config, outbox, parked, progress, from: done + 1n });
    this.#stops.push(store.onCommit((streams) => this.#feed.onCommit(streams)));
    const timer = setInterval(() => this.#tick(), TICK_MS).unref();
    this.#stops.push(() => clearInterval(timer));
  }

  /** Opens the group where its last checkpoint left it. */
  static async open(config: GroupConfig, store: EventStore, nowMs: () => number): Promise<Group> {
    const checkpoints = new Checkpoints(store, checkpointStreamOf(config));
    const parked = new ParkedMessages(store, parkedStreamOf(config));
    await parked.open();
    const checkpoint = await checkpoints.read();
    return new Group(config, store, nowMs, { parked, checkpoints, checkpoint });
  }

  connect(peer: Peer): Consumer {
    const { maxSubscriberCount } = this.config.settings;
    if (maxSubscriberCount > 0 && this.#outbox.consumers.size >= maxSubscriberCount) {
      throw new PersistentSubscriptionError('maximum-subscribers-reached', this.config);
    }
    const consumer = this.#outbox.connect(peer);
    this.#advance();
    return consumer;
  }

  disconnect(consumer: Consumer): void {
    this.#outbox.disconnect(consumer);
    this.#advance();
  }

  ack(consumer: Consumer, ids: readonly string[]): void {
    for (const id of ids) {
      const message = this.#outbox.take(consumer, id);
      if (message !== undefined) this.#answers.finish(message);
    }
    this.#advance();
  }

  nack(consumer: Consumer, ids: readonly string[], action: NackAction, reason: string): void {
    for (const id of ids) {
      const message = this.#outbox.take(consumer, id);
      if (message === undefined) continue;
      if (action === 'skip') this.#answers.finish(message);
      else if (action === 'park') this.#answers.park(message, reason);
      else this.#answers.tryAgain(message, reason);
    }
    this.#advance();
  }

  replayParked(stopAt: bigint | undefined): void {
    this.#parked.replay(stopAt);
    this.#feed.fill();
  }

  info() {
    const now = this.#nowMs();
    return {
      config: this.config,
      consumers: [...this.#outbox.consumers].map((consumer) => ({
        peer: consumer.peer,
        inFlightCount: consumer.inFlightCount,
        availableSlots: consumer.availableSlots,
        ...consumer.measure(now),
      })),
      ...this.#rate.measure(now),
      checkpoint: this.#checkpoints.position,
      lastKnown: this.#feed.lastKnown,
      bufferedCount: this.#outbox.freshCount,
      retryCount: this.#outbox.retryCount,
      inFlightCount: this.#outbox.inFlightCount,
      parkedCount: this.#parked.count,
    };
  }

  /** Ends every connection with this error, and keeps what was acknowledged. */
  async close(error: Error): Promise<void> {
    this.stop(error);
    await this.#checkpoints.flush();
  }

  /** The same, for a group that will not be opened again. */
  stop(error: Error): void {
    for (const stop of this.#stops.splice(0)) stop();
    this.#feed.stop();
    for (const { peer } of this.#outbox.consumers) peer.drop(error);
    this.#outbox.consumers.clear();
  }

  #advance(): void {
    this.#outbox.push();
    this.#feed.fill();
    const { maxCheckpointCount } = this.config.settings;
    if (maxCheckpointCount > 0) this.#checkpoints.writeAfter(maxCheckpointCount);
  }

  #tick(): void {
    const { messageTimeoutMs, checkpointAfterMs, minCheckpointCount } = this.config.settings;
    if (messageTimeoutMs > 0) {
      const expired = this.#outbox.takeExpired(messageTimeoutMs);
      for (const message of expired) this.#answers.tryAgain(message, 'The message timed out.');
      if (expired.length > 0) this.#outbox.push();
    }
    const now = this.#nowMs();
    if (now - this.#checkpointedMs < checkpointAfterMs) return;
    this.#checkpointedMs = now;
    this.#checkpoints.writeAfter(Math.max(minCheckpointCount, 1));
    this.#checkpoints.truncateParked();
  }
}

/** A position as the real server writes it: a revision, or `C:…/P:…` for `$all`. */
export function positionText({ source }: Pick<GroupConfig, 'source'>, position: bigint): string {
  return source === ALL_SOURCE ? `C:${position}/P:${position}` : `${position}`;
}
