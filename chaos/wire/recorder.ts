/** Writes the operations of all connections into shards of histories, while they are recorded. */
import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { dirname } from 'node:path';
import { finished } from 'node:stream/promises';
import type { WireRecording } from '../../harness/links/wire-messages.ts';
import type { OpenOperation } from './open-operations.ts';
import type { OperationEnd } from './protocol.ts';
import { allAttributes, type Place } from './rules.ts';

/** About 300 bytes each; the rest is counted. */
const OPERATIONS_MAX = 1_000_000;
/** What the disk has not taken yet; more is counted as lost. */
const UNWRITTEN_BYTES_MAX = 64 << 20;
/** Their messages are in memory for so long. */
const WRITE_INTERVAL_MS = 20;

interface Entry {
  readonly place: Place;
  readonly open: OpenOperation;
  readonly end: OperationEnd;
  readonly endMs: number;
  readonly lost: string | undefined;
}

/** One run that records. */
interface Recording {
  readonly file: WriteStream;
  failed: boolean;
  operations: number;
  lost: number;
}

export class Recorder {
  readonly #protocolOf: (link: string) => string;
  readonly #recordings = new Map<unknown, Recording>();
  #entries: Entry[] = [];

  /** @param protocolOf as in the history */
  constructor(protocolOf: (link: string) => string) {
    this.#protocolOf = protocolOf;
  }

  /** @param owner who stops it */
  start(owner: unknown, path: string): void {
    if (this.#recordings.has(owner)) throw new Error('a recording is on already');
    mkdirSync(dirname(path), { recursive: true });
    const file = createWriteStream(path, { flags: 'a' });
    const recording: Recording = { file, failed: false, operations: 0, lost: 0 };
    // A full disk ends the recording, not the proxy.
    file.on('error', () => {
      recording.failed = true;
    });
    this.#write();
    this.#recordings.set(owner, recording);
  }

  /** Resolves when all of it is in the file. */
  async stop(owner: unknown): Promise<WireRecording> {
    this.#write();
    const recording = this.#recordings.get(owner);
    this.#recordings.delete(owner);
    if (!recording) return { operations: 0, lost: 0 };
    const { file, operations, lost } = recording;
    if (!recording.failed) {
      file.end();
      await finished(file).catch(() => undefined);
    }
    return recording.failed ? { operations: 0, lost: operations + lost } : { operations, lost };
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#recordings.keys()].map((owner) => this.stop(owner)));
  }

  /** @param lost why the answer reached no one */
  record(place: Place, open: OpenOperation, end: OperationEnd, lost?: string): void {
    if (this.#recordings.size === 0) return;
    // Many at once, after their bytes: nothing waits for what is written here.
    if (this.#entries.length === 0) setTimeout(() => this.#write(), WRITE_INTERVAL_MS);
    this.#entries.push({ place, open, end, endMs: performance.now(), lost });
  }

  #write(): void {
    const entries = this.#entries;
    this.#entries = [];
    if (entries.length === 0 || this.#recordings.size === 0) return;
    const text = entries.map((entry) => this.#line(entry)).join('');
    for (const recording of this.#recordings.values()) {
      const { file, failed, operations } = recording;
      const isFull =
        operations + entries.length > OPERATIONS_MAX || file.writableLength > UNWRITTEN_BYTES_MAX;
      if (failed || isFull) {
        recording.lost += entries.length;
      } else {
        recording.operations += entries.length;
        file.write(text);
      }
    }
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
