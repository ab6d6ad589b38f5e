/** The store on `node:sqlite`: writes and reads have a connection each. */
import { damaged, messageOf, openDatabases, SQLITE, sqliteCode } from './sqlite-database.ts';
import { createSqliteReader } from './sqlite-reader.ts';
import { createSqliteWriter } from './sqlite-writer.ts';
import type { EventStore } from './store.ts';
import { WriteQueue } from './write-queue.ts';

export interface SqliteStoreOptions {
  /** Created when it is not there; one server at a time may use it. */
  readonly folder: string;
  /** What the events may take on disk; appends beyond it fail like on a full disk. */
  readonly dataBytesMax?: number;
  readonly nowMs?: () => number;
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
  const writes = new WriteQueue({ db: databases.writer, writer, folder });

  async function reading<Result>(read: () => Result): Promise<Result> {
    try {
      return read();
    } catch (cause) {
      throw toReadError(folder, cause);
    }
  }

  return {
    append: (request) => writes.add((to, touched) => to.append(request, touched)),
    delete: (request) => writes.add((to, touched) => to.delete(request, touched)),
    readStream: (query) => reading(() => reader.readStream(query)),
    readAll: (query) => reading(() => reader.readAll(query)),
    readEvent: (stream, revision) => reading(() => reader.readEvent(stream, revision)),
    head: () => reading(() => reader.head()),
    lastRevision: (stream) => reading(() => reader.lastRevision(stream)),
    onCommit(listener) {
      writes.listeners.add(listener);
      return () => writes.listeners.delete(listener);
    },
    async [Symbol.asyncDispose]() {
      if (writes.close()) databases[Symbol.dispose]();
    },
  };
}

function toReadError(folder: string, cause: unknown): unknown {
  return sqliteCode(cause) === SQLITE.corrupt ? damaged(folder, messageOf(cause), cause) : cause;
}
