/** One direction of a connection: what passes, in order, and what waits behind a held message. */
import type { Socket } from 'node:net';
import { ByteQueue } from './byte-queue.ts';
import type { Message, Side } from './protocol.ts';

/** More than this behind a held message: the sender has to wait, as behind a slow receiver. */
const WAITING_BYTES_MAX = 1 << 20;

/** The pieces of one or more whole messages, as they arrived. */
export type Bytes = readonly Buffer[];

export const sizeOf = (bytes: Bytes): number => bytes.reduce((sum, { length }) => sum + length, 0);

export type Item =
  | { readonly kind: 'message'; readonly message: Message; readonly bytes: Bytes }
  /** Of a connection that is not decoded (any more). */
  | { readonly kind: 'raw'; readonly bytes: Bytes }
  /** The sender sends no more. */
  | { readonly kind: 'end' }
  | { readonly kind: 'closed'; readonly reset: boolean };

/** Forwards an item; what follows in its lane waits as long as it returns a promise. */
type Pass = (pipe: Pipe, item: Item) => Promise<void> | undefined;

/** What is about the whole connection follows everything else. */
const laneOf = (item: Item): number | undefined =>
  item.kind === 'message' ? (item.message.lane ?? 0) : undefined;

export class Pipe {
  readonly from: Side;
  readonly source: Socket;
  readonly sink: Socket;
  /** What no message has been made of yet. */
  readonly received = new ByteQueue();
  readonly #pass: Pass;
  readonly #gone = new AbortController();
  /** By lane: how many promises have to settle before anything of it passes. */
  readonly #holds = new Map<number, number>();
  #waiting: Item[] = [];
  #waitingBytes = 0;
  #stopped = false;
  #paused = false;

  constructor(from: Side, source: Socket, sink: Socket, pass: Pass) {
    this.from = from;
    this.source = source;
    this.sink = sink;
    this.#pass = pass;
    sink.on('drain', () => this.#adjust());
  }

  /** Aborts when its receiver is gone. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** Passes it at once, or when everything before it has passed. */
  put(item: Item): void {
    if (this.#stopped) return;
    if (this.#holds.size === 0) {
      const passing = this.#pass(this, item);
      if (passing !== undefined) this.hold(laneOf(item) ?? 0, passing);
    } else {
      this.#waiting.push(item);
      if ('bytes' in item) this.#waitingBytes += sizeOf(item.bytes);
      this.#goOn();
    }
    if (this.sink.writableNeedDrain || this.#waitingBytes > 0) this.#adjust();
  }

  /** What follows in this lane waits until the promise has settled. */
  hold(lane: number, until: Promise<void>): void {
    this.#holds.set(lane, (this.#holds.get(lane) ?? 0) + 1);
    void until.finally(() => {
      const left = (this.#holds.get(lane) ?? 1) - 1;
      if (left > 0) this.#holds.set(lane, left);
      else this.#holds.delete(lane);
      this.#goOn();
    });
  }

  write(bytes: Bytes): void {
    const { sink } = this;
    const [first] = bytes;
    if (first === undefined || !sink.writable) return;
    if (bytes.length === 1) {
      sink.write(first);
      return;
    }
    sink.cork();
    for (const piece of bytes) sink.write(piece);
    sink.uncork();
  }

  /** Writes, and waits until everything has left this process or never will. */
  async flush(bytes: Bytes = []): Promise<void> {
    this.write(bytes);
    const { sink } = this;
    if (sink.writableLength === 0 || !sink.writable) return;
    await new Promise<void>((resolve) => {
      sink.write('', () => resolve());
    });
  }

  /** The receiver is gone: nothing passes any more, and what waits is lost. */
  stop(): void {
    this.#stopped = true;
    this.#gone.abort();
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#adjust();
  }

  /** Passes what is free to go: nothing behind another item of its lane. */
  #goOn(): void {
    const held = new Set(this.#holds.keys());
    const waiting = this.#waiting;
    this.#waiting = [];
    const kept: Item[] = [];
    for (const item of waiting) {
      const lane = laneOf(item);
      if (lane === undefined ? held.size > 0 : held.has(lane)) {
        kept.push(item);
        continue;
      }
      if ('bytes' in item) this.#waitingBytes -= sizeOf(item.bytes);
      const passing = this.#pass(this, item);
      if (passing === undefined) continue;
      this.hold(lane ?? 0, passing);
      held.add(lane ?? 0);
    }
    this.#waiting = [...kept, ...this.#waiting];
    this.#adjust();
  }

  /** A slow receiver, or much that waits, slows its sender down. */
  #adjust(): void {
    const pause =
      !this.#stopped && (this.sink.writableNeedDrain || this.#waitingBytes > WAITING_BYTES_MAX);
    if (pause === this.#paused) return;
    this.#paused = pause;
    if (pause) this.source.pause();
    else this.source.resume();
  }
}
