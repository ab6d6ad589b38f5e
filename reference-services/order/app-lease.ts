/** Who publishes and fires timers: one instance at a time, and another soon after it is gone. */
import type { LeaseValue, Log, Register, Revision } from './ports.ts';

export interface LeaseTiming {
  /** A holder that has not renewed for so long has lost it; others take it after the same time. */
  readonly ttlMs: number;
  readonly renewEveryMs: number;
  /** How often those who wait look. */
  readonly lookEveryMs: number;
}
/**
 * Another instance takes over within renewal + ttl + look + a few requests: below 3 s, with room
 * for a machine under load.
 */
export const LEASE_TIMING: LeaseTiming = { ttlMs: 1_500, renewEveryMs: 500, lookEveryMs: 100 };

interface Parts {
  readonly register: Register<LeaseValue>;
  /** Who asks: a process that takes another's place under its name takes its lease too. */
  readonly holder: string;
  /** Unique to this term. */
  readonly term: string;
  readonly log: Log;
  readonly timing: LeaseTiming;
  /** Called each time that it has looked and another instance has it. */
  readonly onWaiting: () => void;
}

/** Time in office: it ends with the parent's signal, or when the lease is lost. */
export interface Term extends AsyncDisposable {
  readonly signal: AbortSignal;
  /** Ends it from within, for a reason. */
  lose(reason: string): void;
}

/**
 * Waits until no other instance holds the lease, and takes it. No two clocks are compared: a holder
 * is gone when the register has not changed for the time to live, by the watching instance's clock.
 */
export async function takeLease(parts: Parts, signal: AbortSignal): Promise<Term> {
  const { register, holder, term, timing } = parts;
  let seen: { readonly revision: Revision; readonly sinceMs: number } | undefined;
  for (;;) {
    signal.throwIfAborted();
    const { value, revision } = await register.read();
    const nowMs = performance.now();
    if (seen?.revision !== revision) seen = { revision, sinceMs: nowMs };
    const isFree = value === undefined || value.holder === null || value.holder === holder;
    if (isFree || nowMs - seen.sinceMs >= timing.ttlMs) {
      const startedMs = performance.now();
      const taken = await register.write({ holder, term }, revision);
      if (taken !== 'conflict') return new HeldLease(parts, taken, startedMs, signal);
    } else {
      parts.onWaiting();
      await sleep(timing.lookEveryMs, signal);
    }
  }
}

class HeldLease implements Term {
  readonly #parts: Parts;
  readonly #ended = new AbortController();
  readonly signal: AbortSignal;
  readonly #renewing: Promise<void>;
  #revision: Revision;
  /** When the last renewal that succeeded was sent. */
  #renewedMs: number;

  constructor(parts: Parts, revision: Revision, takenMs: number, parent: AbortSignal) {
    this.#parts = parts;
    this.#revision = revision;
    this.#renewedMs = takenMs;
    this.signal = AbortSignal.any([this.#ended.signal, parent]);
    this.#renewing = this.#renewUntilEnd();
  }

  lose(reason: string): void {
    if (this.signal.aborted) return;
    this.#parts.log.warn({ reason }, 'the publisher lease was lost');
    this.#ended.abort();
  }

  /** Gives the lease back, if it is still held. Never rejects. */
  async [Symbol.asyncDispose](): Promise<void> {
    const lost = this.#ended.signal.aborted;
    this.#ended.abort();
    await this.#renewing;
    if (lost) return;
    const { register, term, log } = this.#parts;
    await register.write({ holder: null, term }, this.#revision).catch((error: unknown) => {
      log.info({ err: error }, 'the publisher lease could not be given back; it will run out');
    });
  }

  async #renewUntilEnd(): Promise<void> {
    const { timing } = this.#parts;
    const overdue = setInterval(() => {
      const silentMs = performance.now() - this.#renewedMs;
      if (silentMs >= timing.ttlMs) this.lose(`it was not renewed for ${Math.round(silentMs)} ms`);
    }, timing.lookEveryMs);
    try {
      while (!this.signal.aborted) {
        await sleep(timing.renewEveryMs, this.signal);
        if (!this.signal.aborted) await this.#renew();
      }
    } finally {
      clearInterval(overdue);
    }
  }

  async #renew(): Promise<void> {
    const { register, holder, term, log } = this.#parts;
    const sentMs = performance.now();
    try {
      const renewed = await register.write({ holder, term }, this.#revision);
      if (renewed === 'conflict') return await this.#adopt();
      this.#revision = renewed;
      this.#renewedMs = sentMs;
    } catch (error) {
      log.info({ err: error }, 'the publisher lease was not renewed');
    }
  }

  /** A renewal without an answer may have been written: the last value is this term's then. */
  async #adopt(): Promise<void> {
    const { value, revision } = await this.#parts.register.read();
    if (value?.term === this.#parts.term && value.holder !== null) this.#revision = revision;
    else this.lose('another instance took it');
  }
}

/** Resolves after a time, or when the signal aborts. */
export function sleep(timeMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, timeMs);
    signal.addEventListener('abort', done, { once: true });
  });
}
