import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import type { Unrecorded } from './event.ts';
import {
  BODIES_KEPT,
  HEADER_BYTES,
  LOAD_SHARD,
  MAGIC,
  RECORD,
  SOCKET_STEPS,
  type SocketName,
  type SocketStep,
} from './load-records.ts';
import { nowMs, SHARD_FOLDER, type Shard } from './shard.ts';

/** Large enough that a write costs nothing per event; small against the memory of a thread. */
const BUFFER_BYTES = 1 << 20;
/** A killed generator loses at most what it recorded in this time. */
const FLUSH_MS = 250;

/** A shard for many sockets: records are collected and written in large pieces. */
export class LoadShard implements Shard {
  readonly #file: number;
  readonly #timer: NodeJS.Timeout;
  #buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  #filled = 0;
  #sockets = 0;
  /** Texts in the ring, each with its place; the latest of equal ones. */
  readonly #places = new Map<string, number>();
  readonly #ring: string[] = [];
  #next = 0;
  #isOpen = true;

  constructor(runFolder: string) {
    const folder = join(runFolder, SHARD_FOLDER);
    mkdirSync(folder, { recursive: true });
    this.#file = openSync(join(folder, `${process.pid}-${uuidv7()}${LOAD_SHARD}`), 'a');
    MAGIC.copy(this.#buffer);
    this.#filled = MAGIC.length;
    this.#timer = setInterval(() => this.flush(), FLUSH_MS).unref();
  }

  /** Introduces a socket; its events carry the number that is returned. */
  socket(name: SocketName): number {
    const text = Buffer.from(JSON.stringify(name));
    const number = this.#sockets++;
    const at = this.#room(HEADER_BYTES[RECORD.socket] + text.length);
    this.#buffer[at] = RECORD.socket;
    this.#buffer.writeUInt32LE(number, at + 1);
    this.#buffer.writeUInt32LE(text.length, at + 5);
    text.copy(this.#buffer, at + 9);
    return number;
  }

  /**
   * Records what a socket did.
   *
   * @param argument with `sent` and `frame`: the JSON message on one line; with `closed` and
   *   `refused`: the code
   */
  step(atMs: number, socket: number, step: SocketStep, argument: string | number = 0): void {
    if (!this.#isOpen) return;
    const value = typeof argument === 'string' ? this.#bodyOf(argument) : argument;
    const at = this.#room(HEADER_BYTES[RECORD.event]);
    this.#buffer[at] = RECORD.event;
    this.#buffer.writeDoubleLE(atMs, at + 1);
    this.#buffer.writeUInt32LE(socket, at + 9);
    this.#buffer[at + 13] = SOCKET_STEPS.indexOf(step);
    this.#buffer.writeUInt32LE(value, at + 14);
  }

  record = (event: Unrecorded): void => {
    if (!this.#isOpen) return;
    const text = Buffer.from(JSON.stringify(event));
    const at = this.#room(HEADER_BYTES[RECORD.line] + text.length);
    this.#buffer[at] = RECORD.line;
    this.#buffer.writeDoubleLE(nowMs(), at + 1);
    this.#buffer.writeUInt32LE(text.length, at + 9);
    text.copy(this.#buffer, at + 13);
  };

  flush(): void {
    for (let from = 0; from < this.#filled; ) {
      from += writeSync(this.#file, this.#buffer, from, this.#filled - from);
    }
    this.#filled = 0;
  }

  close = (): void => {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    clearInterval(this.#timer);
    this.flush();
    closeSync(this.#file);
  };

  #bodyOf(text: string): number {
    const known = this.#places.get(text);
    if (known !== undefined) return known;
    const length = Buffer.byteLength(text);
    const at = this.#room(HEADER_BYTES[RECORD.body] + length);
    this.#buffer[at] = RECORD.body;
    this.#buffer.writeUInt32LE(length, at + 1);
    this.#buffer.write(text, at + 5);
    const place = this.#next;
    this.#next = (place + 1) % BODIES_KEPT;
    const replaced = this.#ring[place];
    if (replaced !== undefined) this.#places.delete(replaced);
    this.#ring[place] = text;
    this.#places.set(text, place);
    return place;
  }

  /** Makes room for a whole record, so that a record is never split by an error between writes. */
  #room(bytes: number): number {
    if (this.#filled + bytes > this.#buffer.length) {
      this.flush();
      if (bytes > this.#buffer.length) this.#buffer = Buffer.allocUnsafe(bytes);
    }
    const at = this.#filled;
    this.#filled += bytes;
    return at;
  }
}
