/** One append or delete inside an open transaction of the SQLite store. */
import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { checksumOf } from './checksum.ts';
import { checkCommit, type StreamFacts } from './commit-check.ts';
import type { Row } from './sqlite-database.ts';
import {
  type AppendRequest,
  type AppendResult,
  DELETED_REVISION,
  type DeleteRequest,
  isMetastream,
  METADATA_TYPE,
  metastreamOf,
  originalStreamOf,
  type ProposedEvent,
  TOMBSTONE_TYPE,
} from './store.ts';
import { parseTruncation, softDeleteMetadata, undeleteMetadata } from './stream-metadata.ts';
import { uuidFromBytes, uuidToBytes } from './uuid.ts';

/** What a record's header would take in a log; keeps positions sparse, as real ones are. */
const RECORD_OVERHEAD_BYTES = 64n;
/** The first position; 0 stays free so that "after position 0" means everything. */
const FIRST_POSITION = RECORD_OVERHEAD_BYTES;
const TICKS_PER_MS = 10_000n;
const NO_BYTES = new Uint8Array();

interface StreamRow {
  readonly id: bigint;
  readonly name: string;
  last_revision: bigint;
  is_tombstoned: bigint;
  truncate_before: bigint | null;
}

export interface SqliteWriter {
  /** Writes into `touched` the name of every stream that got an event. */
  append(request: AppendRequest, touched: Set<string>): AppendResult;
  delete(request: DeleteRequest, touched: Set<string>): AppendResult;
}

/** The writing half of the store; the caller owns the transaction. */
export function createSqliteWriter(db: DatabaseSync, nowMs: () => number): SqliteWriter {
  const sql = prepare(db);
  // A transaction that is rolled back leaves a gap, which positions may have.
  let nextPosition = positionAfterLast();

  function positionAfterLast(): bigint {
    const last = sql.lastEvent.get() as Row | undefined;
    return last === undefined
      ? FIRST_POSITION
      : (last['position'] as bigint) + (last['bytes'] as bigint) + RECORD_OVERHEAD_BYTES;
  }

  const findStream = (name: string) => sql.findStream.get(name) as StreamRow | undefined;
  const ensureStream = (name: string) =>
    findStream(name) ?? (sql.insertStream.get(name) as unknown as StreamRow);

  function isTombstoned(name: string, row: StreamRow | undefined): boolean {
    if (row?.is_tombstoned === 1n) return true;
    return isMetastream(name) && findStream(originalStreamOf(name))?.is_tombstoned === 1n;
  }

  function factsOf(name: string, row: StreamRow | undefined): StreamFacts {
    return {
      current: currentOf(row),
      isTombstoned: isTombstoned(name, row),
      isSoftDeleted: row?.truncate_before === DELETED_REVISION,
      hasMetadata: currentOf(findStream(metastreamOf(name))) !== 'no_stream',
      revisionOf: (id) =>
        row === undefined
          ? undefined
          : (sql.revisionById.get(row.id, uuidToBytes(id))?.['revision'] as bigint | undefined),
      idAt: (revision) => {
        const id = row && sql.eventAt.get(row.id, revision)?.['id'];
        return id === undefined ? undefined : uuidFromBytes(id as Uint8Array);
      },
    };
  }

  function insertEvent(row: StreamRow, revision: bigint, event: ProposedEvent): bigint {
    const position = nextPosition;
    sql.insertEvent.run(
      position,
      row.id,
      revision,
      uuidToBytes(event.id),
      event.type,
      event.isJson ? 1 : 0,
      BigInt(nowMs()) * TICKS_PER_MS,
      event.data,
      event.metadata,
      checksumOf(event),
    );
    nextPosition += BigInt(event.data.length + event.metadata.length) + RECORD_OVERHEAD_BYTES;
    return position;
  }

  function appendEvents(row: StreamRow, events: readonly ProposedEvent[]): bigint {
    let position = nextPosition;
    for (const event of events) {
      row.last_revision += 1n;
      position = insertEvent(row, row.last_revision, event);
    }
    sql.setLastRevision.run(row.last_revision, row.id);
    const last = events.at(-1);
    if (last !== undefined && isMetastream(row.name)) applyMetadata(row.name, last);
    return position;
  }

  function applyMetadata(metastream: string, event: ProposedEvent): void {
    const original = ensureStream(originalStreamOf(metastream));
    const truncation = event.isJson ? parseTruncation(event.data) : {};
    sql.setTruncation.run(
      truncation.maxCount ?? null,
      truncation.maxAgeSeconds ?? null,
      truncation.truncateBefore ?? null,
      original.id,
    );
  }

  function appendMetadata(stream: string, data: Uint8Array, touched: Set<string>): bigint {
    const metastream = metastreamOf(stream);
    touched.add(metastream);
    return appendEvents(ensureStream(metastream), [
      { id: randomUUID(), type: METADATA_TYPE, isJson: true, data, metadata: NO_BYTES },
    ]);
  }

  /** A soft-deleted stream comes back with its old events hidden and its numbering going on. */
  function undelete(stream: string, firstVisible: bigint, touched: Set<string>): void {
    const row = findStream(metastreamOf(stream));
    const raw = row && (sql.eventAt.get(row.id, row.last_revision)?.['data'] as Uint8Array);
    appendMetadata(stream, undeleteMetadata(raw ?? NO_BYTES, firstVisible), touched);
  }

  function write(request: AppendRequest, touched: Set<string>): AppendResult {
    const { stream, events } = request;
    const before = findStream(stream);
    if (events.length === 0) return { kind: 'appended', current: currentOf(before) };
    const original = isMetastream(stream) ? findStream(originalStreamOf(stream)) : undefined;
    const row = before ?? ensureStream(stream);
    const firstNew = row.last_revision + 1n;
    const position = appendEvents(row, events);
    touched.add(stream);
    if (before?.truncate_before === DELETED_REVISION) undelete(stream, firstNew, touched);
    if (original?.truncate_before === DELETED_REVISION) {
      undelete(original.name, original.last_revision + 1n, touched);
    }
    return { kind: 'appended', current: row.last_revision, position };
  }

  function append(request: AppendRequest, touched: Set<string>): AppendResult {
    if (request.deadlineMs !== undefined && request.deadlineMs < nowMs()) {
      return { kind: 'timed-out' };
    }
    const row = findStream(request.stream);
    const facts = factsOf(request.stream, row);
    const ids = request.events.map((event) => event.id);
    const decision = checkCommit(facts, request.expected, ids);
    switch (decision.kind) {
      case 'write':
        return write(request, touched);
      case 'idempotent': {
        const position = row && sql.eventAt.get(row.id, decision.lastRevision)?.['position'];
        return {
          kind: 'appended',
          current: decision.lastRevision,
          ...(position === undefined ? {} : { position: position as bigint }),
        };
      }
      case 'wrong-expected-revision':
        return { kind: 'wrong-expected-revision', current: facts.current };
      case 'stream-deleted':
        return decision;
      default:
        return decision satisfies never;
    }
  }

  function deleteStream(request: DeleteRequest, touched: Set<string>): AppendResult {
    const row = findStream(request.stream);
    const facts = factsOf(request.stream, row);
    const decision = checkCommit(facts, request.expected, [randomUUID()]);
    if (decision.kind === 'stream-deleted') return decision;
    // A stream that never was may be tombstoned, but there is nothing in it to delete.
    const isUnknown = facts.current === 'no_stream' && !facts.hasMetadata;
    if (decision.kind !== 'write' || (isUnknown && request.mode === 'soft')) {
      return { kind: 'wrong-expected-revision', current: facts.current };
    }
    if (request.mode === 'soft') {
      const position = appendMetadata(request.stream, softDeleteMetadata(), touched);
      return { kind: 'appended', current: facts.current, position };
    }
    const target = row ?? ensureStream(request.stream);
    const position = insertEvent(target, DELETED_REVISION, {
      id: randomUUID(),
      type: TOMBSTONE_TYPE,
      isJson: false,
      data: NO_BYTES,
      metadata: NO_BYTES,
    });
    sql.setTombstoned.run(target.id);
    touched.add(request.stream);
    return { kind: 'appended', current: DELETED_REVISION, position };
  }

  return { append, delete: deleteStream };
}

function currentOf(row: StreamRow | undefined): bigint | 'no_stream' {
  return row === undefined || row.last_revision < 0n ? 'no_stream' : row.last_revision;
}

function prepare(db: DatabaseSync) {
  const streamColumns = 'id, name, last_revision, is_tombstoned, truncate_before';
  return {
    findStream: db.prepare(`SELECT ${streamColumns} FROM streams WHERE name = ?`),
    insertStream: db.prepare(`INSERT INTO streams (name) VALUES (?) RETURNING ${streamColumns}`),
    setLastRevision: db.prepare('UPDATE streams SET last_revision = ? WHERE id = ?'),
    setTombstoned: db.prepare('UPDATE streams SET is_tombstoned = 1 WHERE id = ?'),
    setTruncation: db.prepare(
      'UPDATE streams SET max_count = ?, max_age_seconds = ?, truncate_before = ? WHERE id = ?',
    ),
    insertEvent: db.prepare(
      `INSERT INTO events
        (position, stream, revision, id, type, is_json, created_ticks, data, metadata, checksum)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    revisionById: db.prepare(
      'SELECT max(revision) AS revision FROM events WHERE stream = ? AND id = ? GROUP BY stream',
    ),
    eventAt: db.prepare('SELECT position, id, data FROM events WHERE stream = ? AND revision = ?'),
    lastEvent: db.prepare(
      `SELECT position, length(data) + length(metadata) AS bytes
        FROM events ORDER BY position DESC LIMIT 1`,
    ),
  };
}
