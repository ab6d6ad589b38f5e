import { createReadStream } from 'node:fs';
import {
  ARGUMENT,
  BODIES_KEPT,
  HEADER_BYTES,
  hasBody,
  MAGIC,
  RECORD,
  RECORD_BYTES_MAX,
  SOCKET_STEPS,
} from './load-records.ts';

/** A record as the line of `history.jsonl` that it stands for, without its index. */
export interface LoadLine {
  readonly atMs: number;
  readonly line: string;
  readonly isFrame: boolean;
}

/** Turns the bytes of a load shard into lines, as they come; a record that is cut waits. */
export class LoadDecoder {
  #rest: Buffer = Buffer.alloc(0);
  #isBegun = false;
  /** By number of the socket: the part of its lines between the time and the step. */
  readonly #sockets: string[] = [];
  readonly #ring: string[] = [];
  #next = 0;

  /** How many bytes are left of a record that is not whole yet. */
  get pending(): number {
    return this.#rest.length;
  }

  /** @throws when the bytes are none of a load shard */
  *push(bytes: Buffer): Generator<LoadLine, void, undefined> {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    let at = 0;
    if (!this.#isBegun && all.length >= MAGIC.length) {
      if (!all.subarray(0, MAGIC.length).equals(MAGIC)) throw new Error('it is no load shard');
      this.#isBegun = true;
      at = MAGIC.length;
    }
    for (; this.#isBegun; ) {
      const length = recordLength(all, at);
      if (length === undefined || at + length > all.length) break;
      const line = this.#take(all, at, length);
      at += length;
      if (line !== undefined) yield line;
    }
    this.#rest = Buffer.from(all.subarray(at));
  }

  #take(all: Buffer, at: number, length: number): LoadLine | undefined {
    const kind = all[at];
    if (kind === RECORD.event) return this.#event(all, at);
    if (kind === RECORD.line) {
      const atMs = all.readDoubleLE(at + 1);
      const line = `{"atMs":${atMs},${all.toString('utf8', at + 14, at + length)}`;
      return { atMs, line, isFrame: false };
    }
    if (kind === RECORD.socket) {
      const name = all.toString('utf8', at + 10, at + length - 1);
      this.#sockets[all.readUInt32LE(at + 1)] = `"type":"ws",${name},"what":`;
    } else {
      this.#ring[this.#next] = all.toString('utf8', at + 5, at + length);
      this.#next = (this.#next + 1) % BODIES_KEPT;
    }
    return undefined;
  }

  #event(all: Buffer, at: number): LoadLine {
    const atMs = all.readDoubleLE(at + 1);
    const socket = this.#sockets[all.readUInt32LE(at + 9)];
    const step = SOCKET_STEPS[all[at + 13] ?? SOCKET_STEPS.length];
    const argument = all.readUInt32LE(at + 14);
    if (socket === undefined || step === undefined) throw new Error('it names no known socket');
    const name = ARGUMENT[step];
    let more = name === undefined ? '' : `,"${name}":${argument}`;
    if (hasBody(step)) {
      const body = this.#ring[argument];
      if (body === undefined) throw new Error('it names no known body');
      more = `,"message":${body}`;
    }
    const line = `{"atMs":${atMs},${socket}"${step}"${more}}`;
    return { atMs, line, isFrame: step === 'frame' };
  }
}

/** How long the record at this place is; undefined while its header is not whole. */
function recordLength(all: Buffer, at: number): number | undefined {
  const kind = all[at] as keyof typeof HEADER_BYTES | undefined;
  if (kind === undefined) return undefined;
  const header = HEADER_BYTES[kind];
  if (header === undefined) throw new Error(`it has a record of the unknown kind ${kind}`);
  if (at + header > all.length) return undefined;
  if (kind === RECORD.event) return header;
  const length = header + all.readUInt32LE(at + header - 4);
  if (length > RECORD_BYTES_MAX) throw new Error(`it has a record of ${length} bytes`);
  return length;
}

/** The lines of a load shard, in order; a record that is cut is a line that is no event. */
export async function* loadLines(path: string): AsyncGenerator<string, void, undefined> {
  const decoder = new LoadDecoder();
  for await (const bytes of createReadStream(path, { highWaterMark: 1 << 18 })) {
    for (const { line } of decoder.push(bytes as Buffer)) yield line;
  }
  if (decoder.pending > 0) yield `a record was cut after ${decoder.pending} bytes`;
}
