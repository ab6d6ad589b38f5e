/** Writes the operations of all connections into a shard of a history, while a recording is on. */
import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { dirname } from 'node:path';
import { finished } from 'node:stream/promises';
import type { OpenOperation } from './open-operations.ts';
import type { OperationEnd } from './protocol.ts';
import { allAttributes, type Place } from './rules.ts';

/** About 300 bytes each; the rest is counted. */
const OPERATIONS_MAX = 1_000_000;
/** What the disk has not taken yet; more is counted as lost. */
const UNWRITTEN_BYTES_MAX = 64 << 20;
/** Their messages are in memory for so long. */
const WRITE_INTERVAL_MS = 20;

export interface RecordingResult {
  readonly operations: number;
  /** Operations that passed and were not written, because there were too many. */
  readonly lost: number;
}

interface Entry {
  readonly place: Place;
  readonly open: OpenOperation;
  readonly end: OperationEnd;
  readonly endMs: number;
  readonly lost: string | undefined;
}

export class Recorder {
  readonly #protocolOf: (link: string) => string;
  #file: WriteStream | undefined;
  #entries: Entry[] = [];
  #operations = 0;
  #lost = 0;

  /** @param protocolOf as in the history */
  constructor(protocolOf: (link: string) => string) {
    this.#protocolOf = protocolOf;
  }

  start(file: string): void {
    if (this.#file) throw new Error('a recording is on already');
    mkdirSync(dirname(file), { recursive: true });
    this.#file = createWriteStream(file, { flags: 'a' });
    // A full disk ends the recording, not the proxy; the file is then short.
    this.#file.on('error', () => {
      this.#file = undefined;
    });
    this.#operations = 0;
    this.#lost = 0;
  }

  async stop(): Promise<RecordingResult> {
    this.#write();
    const file = this.#file;
    this.#file = undefined;
    if (file) {
      file.end();
      await finished(file);
    }
    return { operations: this.#operations, lost: this.#lost };
  }

  /** @param lost why the answer reached no one */
  record(place: Place, open: OpenOperation, end: OperationEnd, lost?: string): void {
    if (this.#file === undefined) return;
    if (this.#operations >= OPERATIONS_MAX || this.#file.writableLength > UNWRITTEN_BYTES_MAX) {
      this.#lost += 1;
      return;
    }
    this.#operations += 1;
    // Many at once, after their bytes: nothing waits for what is written here.
    if (this.#entries.length === 0) setTimeout(() => this.#write(), WRITE_INTERVAL_MS);
    this.#entries.push({ place, open, end, endMs: performance.now(), lost });
  }

  #write(): void {
    const entries = this.#entries;
    this.#entries = [];
    if (this.#file === undefined || entries.length === 0) return;
    this.#file.write(entries.map((entry) => this.#line(entry)).join(''));
  }

  #line({ place, open, end, endMs, lost }: Entry): string {
    const { operation, from, startMs } = open;
    const oneWay = end.outcome === 'ok' && open.answered !== true;
    const outcome = lost === undefined ? (oneWay ? 'one-way' : end.outcome) : 'unanswered';
    const error = lost ?? end.code;
    const event = {
      atMs: performance.timeOrigin + endMs,
      type: 'wire-operation',
      operation: `${place.connection}.${operation.id}`,
      link: place.link,
      protocol: this.#protocolOf(place.link),
      name: operation.name,
      direction: from === 'client' ? 'outgoing' : 'incoming',
      outcome,
      startMs: performance.timeOrigin + startMs,
      endMs: performance.timeOrigin + endMs,
      attributes: allAttributes({ operation, end: lost === undefined ? end : undefined }),
      connection: String(place.connection),
      ...(error === undefined || outcome === 'ok' ? {} : { error }),
    };
    return `${JSON.stringify(event)}\n`;
  }
}
