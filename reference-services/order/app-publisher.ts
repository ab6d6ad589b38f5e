/**
 * The log as the outbox: the holder of the lease follows the log, publishes what the events stand
 * for, and fires the sagas' timers. Nothing is published that was not committed, and what is
 * committed is published in the end, in the order of the log, under ids that are always the same.
 */
import { LEASE_TIMING, type LeaseTiming, sleep, type Term, takeLease } from './app-lease.ts';
import { type FireTimer, SagaTimers } from './app-timers.ts';
import type {
  Bus,
  CheckpointValue,
  LeaseValue,
  Log,
  LoggedEvent,
  Meter,
  OrderFeed,
  Register,
  Revision,
} from './ports.ts';

/** A position before every event. */
const BEFORE_ALL = -1n;
/** How much may be published again after a crash: what came in this time. */
const CHECKPOINT_EVERY_MS = 250;
const PUBLISH_RETRY_FIRST_MS = 100;
const PUBLISH_RETRY_MAX_MS = 1_000;
/** Between two terms, when the first ended with a failure. */
const TERM_RETRY_MS = 250;
/** For so long a failure may last before the service says that it is not ready. */
const FAILING_MAX_MS = 5_000;

export interface PublisherParts {
  readonly feed: OrderFeed;
  readonly bus: Pick<Bus, 'publish'>;
  readonly lease: Register<LeaseValue>;
  readonly checkpoint: Register<CheckpointValue>;
  readonly fire: FireTimer;
  readonly instance: string;
  readonly newTerm: () => string;
  readonly log: Log;
  readonly meter: Pick<Meter, 'published' | 'leading'>;
  readonly timing?: LeaseTiming;
}

export interface Publisher {
  /** Runs until the signal aborts; then it has given up the lease. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** Why it has not got on for too long; undefined when it has. */
  trouble(): string | undefined;
}

/** Builds the publisher over its ports. */
export function createPublisher(parts: PublisherParts): Publisher {
  const progress = new Progress();
  return {
    async run(signal) {
      while (!signal.aborted) {
        try {
          await using term = await takeLease(
            {
              register: parts.lease,
              holder: parts.instance,
              term: parts.newTerm(),
              log: parts.log,
              timing: parts.timing ?? LEASE_TIMING,
              onWaiting: () => progress.made(),
            },
            signal,
          );
          await lead(parts, term, progress);
        } catch (error) {
          if (signal.aborted) return;
          progress.failed(error);
          parts.log.warn({ err: error }, 'the publisher begins again');
          await sleep(TERM_RETRY_MS, signal);
        }
      }
    },
    trouble: () => progress.trouble(),
  };
}

/** A term in office: from the checkpoint on, until the term or the subscription ends. */
async function lead(parts: PublisherParts, term: Term, progress: Progress): Promise<void> {
  parts.meter.leading(true);
  try {
    const { value, revision } = await parts.checkpoint.read();
    using timers = new SagaTimers(parts.fire);
    await using checkpoint = new Checkpoint(parts.checkpoint, revision, term);
    let published = value === undefined ? BEFORE_ALL : BigInt(value.published);
    let seen = value === undefined ? BEFORE_ALL : BigInt(value.resumeAfter);
    parts.log.info({ published: String(published) }, 'this instance publishes now');
    for await (const { events, upTo } of parts.feed.follow(seen, term.signal)) {
      const unpublished = events.filter(({ position }) => position > published);
      await publish(parts, unpublished, term.signal, progress);
      if (term.signal.aborted) return;
      for (const event of events) timers.track(event, seen);
      seen = upTo;
      if (upTo > published) published = upTo;
      checkpoint.note({ published, resumeAfter: timers.oldest ?? published });
      progress.made();
    }
  } finally {
    parts.meter.leading(false);
  }
}

/** Publishes until it is acknowledged: nothing that comes later may overtake it. */
async function publish(
  { bus, meter, log }: PublisherParts,
  events: readonly LoggedEvent[],
  signal: AbortSignal,
  progress: Progress,
): Promise<void> {
  if (events.length === 0) return;
  for (let retryMs = PUBLISH_RETRY_FIRST_MS; !signal.aborted; retryMs *= 2) {
    try {
      await bus.publish(events);
      meter.published(events.length);
      return;
    } catch (error) {
      progress.failed(error);
      log.warn({ err: error, events: events.length }, 'Kafka did not take what is to be published');
      await sleep(Math.min(retryMs, PUBLISH_RETRY_MAX_MS), signal);
    }
  }
}

/** Writes down how far the publisher has come, not more often than it is of use. */
class Checkpoint implements AsyncDisposable {
  readonly #register: Register<CheckpointValue>;
  readonly #term: Term;
  #revision: Revision;
  #unsaved: CheckpointValue | undefined;
  #last: CheckpointValue | undefined;
  #saving: Promise<void> | undefined;

  constructor(register: Register<CheckpointValue>, revision: Revision, term: Term) {
    this.#register = register;
    this.#revision = revision;
    this.#term = term;
  }

  note(at: { readonly published: bigint; readonly resumeAfter: bigint }): void {
    const value = { published: String(at.published), resumeAfter: String(at.resumeAfter) };
    const isKnown =
      this.#last?.published === value.published && this.#last.resumeAfter === value.resumeAfter;
    if (isKnown) return;
    this.#last = value;
    this.#unsaved = value;
    this.#saving ??= this.#saveUntilClean().finally(() => {
      this.#saving = undefined;
    });
  }

  /** Saves what is unsaved, if it still may. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#saving;
    await this.#save();
  }

  async #saveUntilClean(): Promise<void> {
    while (this.#unsaved !== undefined && !this.#term.signal.aborted) {
      await sleep(CHECKPOINT_EVERY_MS, this.#term.signal);
      await this.#save();
    }
  }

  async #save(): Promise<void> {
    const value = this.#unsaved;
    if (value === undefined) return;
    this.#unsaved = undefined;
    try {
      const written = await this.#register.write(value, this.#revision);
      if (written === 'conflict') this.#term.lose('another instance wrote the checkpoint');
      else this.#revision = written;
    } catch (error) {
      // Whether it was written only the register knows, so the term begins again from there.
      this.#term.lose(`the checkpoint was not confirmed: ${String(error)}`);
    }
  }
}

/** Since when nothing works, so that readiness can tell a hiccup from a failure. */
class Progress {
  #failing: { readonly sinceMs: number; readonly why: string } | undefined;

  made(): void {
    this.#failing = undefined;
  }

  failed(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    this.#failing = { sinceMs: this.#failing?.sinceMs ?? performance.now(), why };
  }

  trouble(): string | undefined {
    if (this.#failing === undefined) return undefined;
    const lastedMs = performance.now() - this.#failing.sinceMs;
    return lastedMs > FAILING_MAX_MS ? `nothing can be published: ${this.#failing.why}` : undefined;
  }
}
