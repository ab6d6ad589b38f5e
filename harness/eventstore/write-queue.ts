/**
 * The writes of the SQLite store. SQLite calls are synchronous, so the appends that arrive in one
 * turn of the event loop share one transaction: one fsync acknowledges all of them.
 */
import { statfsSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { damaged, diskFull, messageOf, SQLITE, sqliteCode } from './sqlite-database.ts';
import type { SqliteWriter } from './sqlite-writer.ts';
import { type AppendResult, type CommitListener, StoreError } from './store.ts';

/** 1 MiB: with less free, an error of input and output is one of space. */
const FREE_BYTES_MIN = 1_048_576;
/** Bounds how long one transaction can hold the event loop. */
const WRITES_PER_COMMIT_MAX = 1_000;
/** Far above what one turn of the event loop brings in; beyond it the sender is refused. */
const QUEUED_WRITES_MAX = 20_000;

interface QueuedWrite {
  readonly apply: (writer: SqliteWriter, touched: Set<string>) => AppendResult;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: StoreError) => void;
}

export interface WriteQueueOptions {
  readonly db: DatabaseSync;
  readonly writer: SqliteWriter;
  readonly folder: string;
}

export class WriteQueue {
  readonly listeners = new Set<CommitListener>();
  readonly #options: WriteQueueOptions;
  readonly #queue: QueuedWrite[] = [];
  readonly #begin;
  readonly #commit;
  #isClosed = false;

  constructor(options: WriteQueueOptions) {
    this.#options = options;
    this.#begin = options.db.prepare('BEGIN IMMEDIATE');
    this.#commit = options.db.prepare('COMMIT');
  }

  add(apply: QueuedWrite['apply']): Promise<AppendResult> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) return reject(new StoreError('closed', 'The event store is closed.'));
      if (this.#queue.length >= QUEUED_WRITES_MAX) {
        return reject(
          new StoreError('overloaded', `${QUEUED_WRITES_MAX} appends are waiting; send slower.`),
        );
      }
      if (this.#queue.length === 0) setImmediate(() => this.#commitQueued());
      this.#queue.push({ apply, resolve, reject });
    });
  }

  /** Writes what is queued; false when it was closed before. */
  close(): boolean {
    if (this.#isClosed) return false;
    this.#isClosed = true;
    while (this.#queue.length > 0) this.#commitQueued();
    return true;
  }

  #commitQueued(): void {
    if (this.#queue.length === 0) return;
    const writes = this.#queue.splice(0, WRITES_PER_COMMIT_MAX);
    if (this.#queue.length > 0) setImmediate(() => this.#commitQueued());
    const touched = new Set<string>();
    let results: AppendResult[];
    try {
      this.#begin.run();
      results = writes.map((write) => write.apply(this.#options.writer, touched));
      this.#commit.run();
    } catch (cause) {
      this.#rollBack(writes, cause);
      return;
    }
    for (const [index, write] of writes.entries()) write.resolve(results[index] as AppendResult);
    if (touched.size > 0) for (const listener of this.listeners) listener(touched);
  }

  #rollBack(writes: readonly QueuedWrite[], cause: unknown): void {
    const { db, folder } = this.#options;
    if (db.isTransaction) db.exec('ROLLBACK');
    const error = toWriteError(folder, cause);
    for (const write of writes) write.reject(error);
  }
}

/** Why a transaction failed: the disk is full, the file is damaged, or what SQLite says. */
function toWriteError(folder: string, cause: unknown): StoreError {
  const code = sqliteCode(cause);
  if (code === SQLITE.corrupt) return damaged(folder, messageOf(cause), cause);
  if (code === SQLITE.full || (code === SQLITE.ioError && isFull(folder))) {
    return diskFull(folder, cause);
  }
  const message = `The data folder ${folder} could not be written: ${messageOf(cause)}.`;
  return new StoreError('write-failed', message, { cause });
}

/** SQLite reports some full disks as an error of input and output. */
function isFull(folder: string): boolean {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize < FREE_BYTES_MIN;
}
