/**
 * The store on `node:sqlite`. SQLite calls are synchronous, so the appends that arrive in one turn
 * of the event loop share one transaction: one fsync acknowledges all of them.
 */
import { statfsSync } from 'node:fs';
import {
  damaged,
  diskFull,
  messageOf,
  openDatabases,
  SQLITE,
  sqliteCode,
} from './sqlite-database.ts';
import { createSqliteReader } from './sqlite-reader.ts';
import { createSqliteWriter, type SqliteWriter } from './sqlite-writer.ts';
import { type AppendResult, type CommitListener, type EventStore, StoreError } from './store.ts';

/** 1 MiB: with less free, an error of input and output is one of space. */
const FREE_BYTES_MIN = 1_048_576;
/** Bounds how long one transaction can hold the event loop. */
const WRITES_PER_COMMIT_MAX = 1_000;
/** Far above what one turn of the event loop brings in; beyond it the sender is refused. */
const QUEUED_WRITES_MAX = 20_000;

export interface SqliteStoreOptions {
  /** Created when it is not there; one server at a time may use it. */
  readonly folder: string;
  /** What the events may take on disk; appends beyond it fail like on a full disk. */
  readonly dataBytesMax?: number;
  readonly nowMs?: () => number;
}

interface QueuedWrite {
  readonly apply: (writer: SqliteWriter, touched: Set<string>) => AppendResult;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: StoreError) => void;
}

/** 16 GiB: a test run that writes more is running away. */
const DATA_BYTES_MAX_DEFAULT = 17_179_869_184;

/** Opens the store that lives in this folder. */
export function openSqliteStore({
  folder,
  dataBytesMax = DATA_BYTES_MAX_DEFAULT,
  nowMs = Date.now,
}: SqliteStoreOptions): EventStore {
  const databases = openDatabases(folder, dataBytesMax);
  const writer = createSqliteWriter(databases.writer, nowMs);
  const reader = createSqliteReader(databases.reader, nowMs);
  const listeners = new Set<CommitListener>();
  const queue: QueuedWrite[] = [];
  let isClosed = false;

  function enqueue(apply: QueuedWrite['apply']): Promise<AppendResult> {
    return new Promise((resolve, reject) => {
      if (isClosed) return reject(new StoreError('closed', 'The event store is closed.'));
      if (queue.length >= QUEUED_WRITES_MAX) {
        return reject(
          new StoreError('overloaded', `${QUEUED_WRITES_MAX} appends are waiting; send slower.`),
        );
      }
      if (queue.length === 0) setImmediate(commitQueued);
      queue.push({ apply, resolve, reject });
    });
  }

  function commitQueued(): void {
    if (queue.length === 0) return;
    const writes = queue.splice(0, WRITES_PER_COMMIT_MAX);
    if (queue.length > 0) setImmediate(commitQueued);
    const touched = new Set<string>();
    let results: AppendResult[];
    try {
      databases.writer.exec('BEGIN IMMEDIATE');
      results = writes.map((write) => write.apply(writer, touched));
      databases.writer.exec('COMMIT');
    } catch (cause) {
      rollBack(writes, cause);
      return;
    }
    for (const [index, write] of writes.entries()) write.resolve(results[index] as AppendResult);
    if (touched.size > 0) for (const listener of listeners) listener(touched);
  }

  function rollBack(writes: readonly QueuedWrite[], cause: unknown): void {
    if (databases.writer.isTransaction) databases.writer.exec('ROLLBACK');
    const error = toWriteError(folder, cause);
    for (const write of writes) write.reject(error);
  }

  async function reading<Result>(read: () => Result): Promise<Result> {
    try {
      return read();
    } catch (cause) {
      throw toReadError(folder, cause);
    }
  }

  return {
    append: (request) => enqueue((to, touched) => to.append(request, touched)),
    delete: (request) => enqueue((to, touched) => to.delete(request, touched)),
    readStream: (query) => reading(() => reader.readStream(query)),
    readAll: (query) => reading(() => reader.readAll(query)),
    readEvent: (stream, revision) => reading(() => reader.readEvent(stream, revision)),
    head: () => reading(() => reader.head()),
    lastRevision: (stream) => reading(() => reader.lastRevision(stream)),
    onCommit(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async [Symbol.asyncDispose]() {
      if (isClosed) return;
      isClosed = true;
      while (queue.length > 0) commitQueued();
      databases[Symbol.dispose]();
    },
  };
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

function toReadError(folder: string, cause: unknown): unknown {
  return sqliteCode(cause) === SQLITE.corrupt ? damaged(folder, messageOf(cause), cause) : cause;
}

/** SQLite reports some full disks as an error of input and output. */
function isFull(folder: string): boolean {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize < FREE_BYTES_MIN;
}
