/** The SQLite file behind the store: its schema, its durability settings, and who may open it. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { StoreError } from './store.ts';

/** Kept in `user_version`; a file of another format is refused rather than guessed at. */
const SCHEMA_VERSION = 1n;
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
    metadata BLOB NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX events_by_revision ON events (stream, revision);
  CREATE INDEX events_by_id ON events (stream, id);
  PRAGMA application_id = ${APPLICATION_ID};
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
    writer.exec(`
      PRAGMA page_size = ${PAGE_BYTES};
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA journal_size_limit = ${JOURNAL_SIZE_LIMIT_BYTES};
      PRAGMA foreign_keys = OFF;
      PRAGMA max_page_count = ${Math.ceil(dataBytesMax / PAGE_BYTES)};
    `);
    ensureSchema(writer, file);
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
    throw error;
  }
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
    throw new StoreError(
      'data-in-use',
      `The data folder ${folder} is in use by another event store; stop it or use another --data.`,
      { cause },
    );
  }
}

function ensureSchema(writer: DatabaseSync, file: string): void {
  const applicationId = pragma(writer, 'application_id');
  const version = pragma(writer, 'user_version');
  if (applicationId === 0n && version === 0n) {
    writer.exec(`BEGIN IMMEDIATE; ${SCHEMA} COMMIT;`);
    return;
  }
  if (applicationId !== APPLICATION_ID || version !== SCHEMA_VERSION) {
    throw new StoreError(
      'data-unknown-format',
      `${file} has format ${applicationId}/${version}, and this server reads ` +
        `${APPLICATION_ID}/${SCHEMA_VERSION}; remove the folder or use another --data.`,
    );
  }
}

function pragma(db: DatabaseSync, name: 'application_id' | 'user_version'): unknown {
  return db.prepare(`PRAGMA ${name}`).get()?.[name];
}
