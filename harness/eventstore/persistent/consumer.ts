/** One connected consumer of a group: its slots, what is in flight, and its measurements. */
import type { Message } from './messages.ts';
import type { Slots } from './strategies.ts';

/** The connection behind a consumer. */
export interface Peer {
  readonly connectionName: string;
  readonly username: string;
  readonly from: string;
  /** How many messages may be in flight. */
  readonly bufferSize: number;
  send(message: Message): void;
  /** Ends the connection with this error. */
  drop(error: Error): void;
}

interface InFlight {
  readonly message: Message;
  readonly sentMs: number;
}

/** Bounds the memory of the latency statistics. */
const LATENCIES_MAX = 1_000;

export class Consumer implements Slots {
  readonly peer: Peer;
  readonly #inFlight = new Map<string, InFlight>();
  readonly #latenciesMs: number[] = [];
  readonly #rate: Rate;

  constructor(peer: Peer, nowMs: number) {
    this.peer = peer;
    this.#rate = new Rate(nowMs);
  }

  get inFlightCount(): number {
    return this.#inFlight.size;
  }

  get availableSlots(): number {
    return Math.max(this.peer.bufferSize - this.#inFlight.size, 0);
  }

  hasRoom(): boolean {
    return this.#inFlight.size < this.peer.bufferSize;
  }

  send(message: Message, nowMs: number): void {
    this.#inFlight.set(message.id, { message, sentMs: nowMs });
    this.#rate.count += 1;
    this.peer.send(message);
  }

  /** Takes the message with this id out of flight; undefined when it is not this consumer's. */
  take(id: string, nowMs: number): Message | undefined {
    const entry = this.#inFlight.get(id);
    if (entry === undefined) return undefined;
    this.#inFlight.delete(id);
    this.#latenciesMs.push(nowMs - entry.sentMs);
    if (this.#latenciesMs.length > LATENCIES_MAX) this.#latenciesMs.shift();
    return entry.message;
  }

  takeAll(): Message[] {
    const messages = [...this.#inFlight.values()].map(({ message }) => message);
    this.#inFlight.clear();
    return messages;
  }

  /** Takes what was sent before this time; the oldest come first, so that it stops early. */
  takeSentBefore(sentMs: number): Message[] {
    const expired: Message[] = [];
    for (const [id, entry] of this.#inFlight) {
      if (entry.sentMs > sentMs) break;
      this.#inFlight.delete(id);
      expired.push(entry.message);
    }
    return expired;
  }

  measure(nowMs: number) {
    return { ...this.#rate.measure(nowMs), latenciesMs: [...this.#latenciesMs] };
  }
}

/** Counts messages, and how many there are per second since the last measurement. */
export class Rate {
  count = 0;
  #measured = 0;
  #measuredMs: number;

  constructor(nowMs: number) {
    this.#measuredMs = nowMs;
  }

  measure(nowMs: number) {
    const sinceLast = this.count - this.#measured;
    const seconds = Math.max((nowMs - this.#measuredMs) / 1_000, 0.001);
    this.#measured = this.count;
    this.#measuredMs = nowMs;
    return {
      totalItems: this.count,
      countSinceLastMeasurement: sinceLast,
      averagePerSecond: Math.round(sinceLast / seconds),
    };
  }
}
