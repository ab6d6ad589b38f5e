import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Unrecorded } from './event.ts';
import { LOAD_SHARD } from './load-records.ts';
import { LoadDecoder } from './read-load-shard.ts';
import { SHARD_FOLDER } from './shard.ts';

/** An event of a shard, which has no place in a merged history yet. */
export type TimedEvent = Unrecorded & { readonly atMs: number };

const NEWLINE = 0x0a;

/** Reads the shards of a run while they grow, each line once. */
export class ShardTail {
  readonly #folder: string;
  /** How many bytes of each shard were read. */
  readonly #read = new Map<string, number>();
  readonly #decoders = new Map<string, LoadDecoder>();

  constructor(runFolder: string) {
    this.#folder = join(runFolder, SHARD_FOLDER);
  }

  /**
   * The events that were appended since the last call, by time. A line that is still being written
   * is left for the next call; one that is no event (its writer was killed) is left out. So are
   * the frames of a load run: there are too many to hold, and no deadline is about a frame.
   */
  read(): TimedEvent[] {
    return readdirSync(this.#folder)
      .flatMap((name) => this.#appendedTo(name))
      .flatMap((line) => parsed(line) ?? [])
      .sort((a, b) => a.atMs - b.atMs);
  }

  #appendedTo(name: string): string[] {
    if (name.endsWith(LOAD_SHARD)) return this.#appendedToLoad(name);
    const from = this.#read.get(name) ?? 0;
    const bytes = readFrom(join(this.#folder, name), from);
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    this.#read.set(name, from + end);
    return bytes.toString('utf8', 0, end).split('\n');
  }

  #appendedToLoad(name: string): string[] {
    const decoder = this.#decoders.get(name) ?? new LoadDecoder();
    this.#decoders.set(name, decoder);
    const lines: string[] = [];
    for (;;) {
      const from = this.#read.get(name) ?? 0;
      const bytes = readFrom(join(this.#folder, name), from, LOAD_CHUNK_BYTES);
      if (bytes.length === 0) return lines;
      this.#read.set(name, from + bytes.length);
      for (const { line, isFrame } of decoder.push(bytes)) if (!isFrame) lines.push(line);
    }
  }
}

/** A load shard has hundreds of megabytes: it is read in pieces. */
const LOAD_CHUNK_BYTES = 1 << 20;

function readFrom(path: string, from: number, bytesMax = Number.POSITIVE_INFINITY): Buffer {
  const file = openSync(path, 'r');
  try {
    const size = Math.min(bytesMax, Math.max(0, fstatSync(file).size - from));
    const bytes = Buffer.allocUnsafe(size);
    let filled = 0;
    while (filled < bytes.length) {
      const read = readSync(file, bytes, filled, bytes.length - filled, from + filled);
      if (read === 0) break;
      filled += read;
    }
    return bytes.subarray(0, filled);
  } finally {
    closeSync(file);
  }
}

function parsed(line: string): TimedEvent | undefined {
  if (line === '') return undefined;
  try {
    return JSON.parse(line) as TimedEvent;
  } catch {
    return undefined;
  }
}
