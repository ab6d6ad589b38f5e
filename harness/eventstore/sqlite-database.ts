/** The SQLite file behind the store: its schema, its durability settings, and who may open it. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { StoreError } from './store.ts';

/** Kept in `user_version`; a file of another format is refused rather than guessed at. */
const SCHEMA_VERSION = 2n;
/** The format before events had checksums. */
const SCHEMA_VERSION_UNCHECKED = 1n;
/** "SPES": marks the file as ours in `application_id`. */
const APPLICATION_ID = 0x53_50_45_53n;
/** 64 MiB: what a burst may leave behind in the log file after a checkpoint. */
const JOURNAL_SIZE_LIMIT_BYTES = 67_108_864;

const PAGE_BYTES = 4_096;

const SCHEMA = `
  CREATE TABLE streams (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    last_revision INTEGER NOT NULL DEFAULT -1,
    is_tombstoned INTEGER NOT NULL DEFAULT 0,
    max_count INTEGER,
    max_age_seconds INTEGER,
    truncate_before INTEGER
  ) STRICT;
  CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    stream INTEGER NOT NULL REFERENCES streams (id),
    revision INTEGER NOT NULL,
    id BLOB NOT NULL,
    type TEXT NOT NULL,
    is_json INTEGER NOT NULL,
    created_ticks INTEGER NOT NULL,
    data BLOB NOT NULL,
    metadata BLOB NOT NULL,
    checksum INTEGER
  ) STRICT;
  CREATE UNIQUE INDEX events_by_revision ON events (stream, revision);
  CREATE INDEX events_by_id ON events (stream, id);
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** Events from before have no checksum, and are read without one. */
const ADD_CHECKSUMS = `
  ALTER TABLE events ADD COLUMN checksum INTEGER;
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

export type Row = Record<string, SQLOutputValue>;

export interface Databases extends Disposable {
  readonly writer: DatabaseSync;
  readonly reader: DatabaseSync;
}

/** Opens the store's file in this folder, makes it when there is none, and locks the folder. */
export function openDatabases(folder: string, dataBytesMax: number): Databases {
  mkdirSync(folder, { recursive: true });
  const lock = lockFolder(folder);
  const file = join(folder, 'events.sqlite');
  try {
    const writer = new DatabaseSync(file, { readBigInts: true });
    // Before anything that writes: another program's file stays as it is.
    const format = readFormat(writer, file);
    writer.exec(`
      PRAGMA page_size = ${PAGE_BYTES};
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA journal_size_limit = ${JOURNAL_SIZE_LIMIT_BYTES};
      PRAGMA foreign_keys = OFF;
      PRAGMA max_page_count = ${Math.ceil(dataBytesMax / PAGE_BYTES)};
    `);
    ensureSchema(writer, format);
    checkPages(writer, file);
    const reader = new DatabaseSync(file, { readBigInts: true, readOnly: true });
    return {
      writer,
      reader,
      [Symbol.dispose]() {
        reader.close();
        writer.close();
        lock.close();
      },
    };
  } catch (error) {
    lock.close();
    throw sqliteCode(error) === SQLITE.full ? diskFull(folder, error) : error;
  }
}

/** Space is missing; the store goes on as soon as there is some. */
export function diskFull(folder: string, cause: unknown): StoreError {
  return new StoreError(
    'disk-full',
    `The disk of ${folder} is full, or the data there has reached its limit: nothing was ` +
      'written. fix: free space there and try again; a running server needs no restart.',
    { cause },
  );
}

/**
 * An open transaction on a file of its own: the operating system ends it with the process, so that
 * a killed server never leaves a stale lock, as a file with a process id in it would.
 */
function lockFolder(folder: string): DatabaseSync {
  const lock = new DatabaseSync(join(folder, 'lock.sqlite'), { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (cause) {
    lock.close();
    if (sqliteCode(cause) === SQLITE.full) throw diskFull(folder, cause);
    if (sqliteCode(cause) !== SQLITE.busy) throw cause;
    throw new StoreError(
      'data-in-use',
      `The data folder ${folder} is in use by another event store; stop it or use another --data.`,
      { cause },
    );
  }
}

type Format = 'empty' | 'unchecked' | 'current';

/** What is in the file; throws when it is not ours, or cannot be read. */
function readFormat(writer: DatabaseSync, file: string): Format {
  const [applicationId, version, tables] = readingFrom(file, () => [
    pragma(writer, 'application_id'),
    pragma(writer, 'user_version'),
    writer.prepare('SELECT name FROM sqlite_schema LIMIT 4').all(),
  ]);
  if (applicationId === APPLICATION_ID) {
    if (version === SCHEMA_VERSION) return 'current';
    if (version === SCHEMA_VERSION_UNCHECKED) return 'unchecked';
  }
  if (applicationId === 0n && version === 0n && tables.length === 0) return 'empty';
  const names = tables.map((table) => String(table['name'])).join(', ');
  const content = names === '' ? '' : `, with ${names}`;
  throw new StoreError(
    'data-unknown-format',
    `${file} is not the file of an event store: it has format ${applicationId}/${version}` +
      `${content}, and this server reads ${APPLICATION_ID}/${SCHEMA_VERSION}. ` +
      'Nothing was changed in it. fix: use another --data, or move the file away.',
  );
}

function ensureSchema(writer: DatabaseSync, format: Format): void {
  if (format === 'empty') writer.exec(`BEGIN IMMEDIATE; ${SCHEMA} COMMIT;`);
  if (format === 'unchecked') writer.exec(`BEGIN IMMEDIATE; ${ADD_CHECKSUMS} COMMIT;`);
}

/** Reads every page once: a damaged one is to be found now, and not by a wrong answer later. */
function checkPages(writer: DatabaseSync, file: string): void {
  const [row] = readingFrom(file, () => writer.prepare('PRAGMA quick_check(1)').all());
  const problem = row?.['quick_check'];
  if (problem !== 'ok') throw damaged(file, String(problem));
}

function readingFrom<Result>(file: string, read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    const code = sqliteCode(cause);
    if (code === SQLITE.notADatabase) {
      throw new StoreError(
        'data-unknown-format',
        `${file} is not an SQLite database. Nothing was changed in it. ` +
          'fix: use another --data, or move the file away.',
        { cause },
      );
    }
    if (code === SQLITE.corrupt) throw damaged(file, messageOf(cause), cause);
    throw cause;
  }
}

/** A file that cannot be trusted any more. */
export function damaged(file: string, reason: string, cause?: unknown): StoreError {
  return new StoreError(
    'data-damaged',
    `${file} is damaged: ${reason}. fix: restore the folder from a copy, or start with an empty ` +
      'one; `sqlite3 events.sqlite .recover` can save what is readable.',
    { cause },
  );
}

/** The primary result codes of SQLite that have a meaning of their own here. */
export const SQLITE = { busy: 5, ioError: 10, corrupt: 11, full: 13, notADatabase: 26 } as const;
/** The lowest byte of an extended code is its primary code. */
const PRIMARY_CODE_MASK = 0xff;

/** The primary result code of an error that SQLite threw. */
export function sqliteCode(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown } | undefined)?.errcode;
  return typeof code === 'number' ? code & PRIMARY_CODE_MASK : undefined;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function pragma(db: DatabaseSync, name: 'application_id' | 'user_version'): unknown {
  return db.prepare(`PRAGMA ${name}`).get()?.[name];
}
