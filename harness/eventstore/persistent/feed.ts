/** Fills a group's outbox from its source and from its parked messages, page by page. */
import { type Cursor, nextTurn, openAllCursor, openStreamCursor } from '../cursor.ts';
import { createFilter } from '../filter.ts';
import { resolveLink } from '../links.ts';
import type { EventStore, RecordedEvent } from '../store.ts';
import { toMessage } from './messages.ts';
import type { Outbox } from './outbox.ts';
import type { ProgressTracker } from './progress.ts';
import { ALL_SOURCE, type GroupConfig, isStateOfAllGroup } from './settings.ts';
import type { ParkedMessages } from './state-streams.ts';

export interface FeedOptions {
  readonly store: EventStore;
  readonly config: GroupConfig;
  readonly outbox: Outbox;
  readonly parked: ParkedMessages;
  readonly progress: ProgressTracker;
  /** The first position to read. */
  readonly from: bigint;
}

export class Feed {
  readonly cursor: Cursor;
  readonly #options: FeedOptions;
  readonly #passes: (event: RecordedEvent) => boolean;
  #isRunning = false;
  #isDue = false;
  #isStopped = false;
  #isAtEnd = false;
  #commits = 0;
  #lastKnown: bigint | undefined;

  constructor(options: FeedOptions) {
    const { store, config, from } = options;
    this.#options = options;
    if (config.source === ALL_SOURCE) {
      this.cursor = openAllCursor(store, from);
      const filter = config.filter === undefined ? () => true : createFilter(config.filter);
      this.#passes = (event) => !isStateOfAllGroup(event.stream) && filter(event);
    } else {
      this.cursor = openStreamCursor(store, config.source, from);
      this.#passes = () => true;
    }
  }

  /** The position of the last event that was read. */
  get lastKnown(): bigint | undefined {
    return this.#lastKnown;
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** Events were committed; reads on when they can concern this source. */
  onCommit(streams: ReadonlySet<string>): void {
    if (!this.cursor.concerns(streams)) return;
    this.#commits += 1;
    this.#isAtEnd = false;
    if (this.#options.outbox.consumers.size > 0) this.fill();
  }

  /** Reads until the buffer is full or the source is at its end; a call during that is kept. */
  fill(): void {
    this.#isDue = true;
    if (this.#isRunning) return;
    this.#isRunning = true;
    void this.#run().finally(() => {
      this.#isRunning = false;
    });
  }

  async #run(): Promise<void> {
    while (this.#isDue && !this.#isStopped) {
      this.#isDue = false;
      while (this.#mayRead()) {
        await this.#readPage();
        await nextTurn();
      }
    }
  }

  #mayRead(): boolean {
    const { outbox, config, parked } = this.#options;
    const { historyBufferSize } = config.settings;
    return (
      !this.#isStopped &&
      (!this.#isAtEnd || parked.hasReplays) &&
      outbox.consumers.size > 0 &&
      outbox.freshCount + outbox.retryCount < historyBufferSize
    );
  }

  async #readPage(): Promise<void> {
    const { parked, outbox, config, store, progress } = this.#options;
    const { readBatchSize, resolvesLinks } = config.settings;
    const replayed = await parked.pull(readBatchSize);
    for (const message of replayed) outbox.replay(message);
    const commits = this.#commits;
    const page = await this.cursor.pull(readBatchSize);
    if (page.kind === 'stream-deleted') {
      this.#isAtEnd = true;
      outbox.push();
      return;
    }
    // A commit during the read may have come too late for this page.
    this.#isAtEnd = page.isEnd && this.#commits === commits;
    for (const event of page.events) {
      const position = this.cursor.positionOf(event);
      this.#lastKnown = position;
      if (!this.#passes(event)) {
        progress.skip(position);
        continue;
      }
      // Before anything that waits: a checkpoint must not pass over this event.
      const number = progress.read(position);
      const resolved = resolvesLinks ? await resolveLink(store, event) : { event, link: undefined };
      outbox.add(toMessage(resolved, { number, origin: 'source' }));
    }
    outbox.push();
  }
}
