/** Paged reads of the SQLite store, on a connection of their own. */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { checksumOf } from './checksum.ts';
import type { Row } from './sqlite-database.ts';
import {
  type AllPage,
  type AllQuery,
  type CurrentRevision,
  DELETED_REVISION,
  isMetastream,
  type RecordedEvent,
  StoreError,
  type StreamPage,
  type StreamQuery,
} from './store.ts';
import { firstVisibleRevision, isSoftDeleted, type Truncation } from './stream-metadata.ts';
import { uuidFromBytes } from './uuid.ts';

/** 4 MiB: a page ends early after this, so that big events do not multiply by the page size. */
const PAGE_BYTES_MAX = 4_194_304;
const TICKS_PER_SECOND = 10_000_000n;
const TICKS_PER_MS = 10_000n;
/** Only the last metadata of a stream is visible, as on the real server. */
const METASTREAM_TRUNCATION: Truncation = { maxCount: 1n };

interface StreamInfo {
  readonly id: bigint;
  readonly current: CurrentRevision;
  readonly isTombstoned: boolean;
  readonly truncation: Truncation;
}

export interface SqliteReader {
  readStream(query: StreamQuery): StreamPage;
  readAll(query: AllQuery): AllPage;
  readEvent(stream: string, revision: bigint): RecordedEvent | undefined;
  head(): bigint;
  lastRevision(stream: string): CurrentRevision;
}

/** The reading half of the store. */
export function createSqliteReader(db: DatabaseSync, nowMs: () => number): SqliteReader {
  const sql = prepare(db);

  function findStream(name: string): StreamInfo | undefined {
    const row = sql.findStream.get(name) as Row | undefined;
    return row === undefined ? undefined : toStreamInfo(name, row);
  }

  const oldestTicks = ({ maxAgeSeconds }: Truncation) =>
    maxAgeSeconds === undefined
      ? 0n
      : BigInt(nowMs()) * TICKS_PER_MS - maxAgeSeconds * TICKS_PER_SECOND;

  function readStream(query: StreamQuery): StreamPage {
    const stream = findStream(query.stream);
    if (stream === undefined) return { kind: 'not-found', lastRevision: 'no_stream' };
    if (stream.isTombstoned) return { kind: 'stream-deleted' };
    if (stream.current === 'no_stream' || isSoftDeleted(stream.truncation)) {
      return { kind: 'not-found', lastRevision: stream.current };
    }
    const visible = firstVisibleRevision(stream.truncation, stream.current);
    const oldest = oldestTicks(stream.truncation);
    const page =
      query.direction === 'forwards'
        ? readPage(
            sql.streamForwards,
            [stream.id, clamp(maxOf(query.from, visible)), oldest],
            query.limit,
          )
        : readPage(
            sql.streamBackwards,
            [stream.id, clamp(query.from), visible, oldest],
            query.limit,
          );
    return { kind: 'page', ...page };
  }

  return {
    readStream,
    readAll(query) {
      const statement = query.direction === 'forwards' ? sql.allForwards : sql.allBackwards;
      return readPage(statement, [clamp(query.from)], query.limit);
    },
    readEvent(stream, revision) {
      const page = readStream({ stream, from: revision, direction: 'forwards', limit: 1 });
      const event = page.kind === 'page' ? page.events[0] : undefined;
      return event?.revision === revision ? event : undefined;
    },
    head() {
      const position = (sql.lastPosition.get() as Row)['position'] as bigint | null;
      return position === null ? 0n : position + 1n;
    },
    lastRevision: (stream) => findStream(stream)?.current ?? 'no_stream',
  };
}

function toStreamInfo(name: string, row: Row): StreamInfo {
  const lastRevision = row['last_revision'] as bigint;
  return {
    id: row['id'] as bigint,
    current: lastRevision < 0n ? 'no_stream' : lastRevision,
    isTombstoned: row['is_tombstoned'] === 1n || row['is_original_tombstoned'] === 1n,
    truncation: isMetastream(name)
      ? METASTREAM_TRUNCATION
      : {
          ...(row['max_count'] === null ? {} : { maxCount: row['max_count'] as bigint }),
          ...(row['max_age_seconds'] === null
            ? {}
            : { maxAgeSeconds: row['max_age_seconds'] as bigint }),
          ...(row['truncate_before'] === null
            ? {}
            : { truncateBefore: row['truncate_before'] as bigint }),
        },
  };
}

function readPage(
  statement: StatementSync,
  parameters: readonly SQLInputValue[],
  limit: number,
): { events: RecordedEvent[]; isEnd: boolean } {
  const events: RecordedEvent[] = [];
  let bytes = 0;
  // One row more than asked for tells whether this is the end, without a second query.
  for (const row of statement.iterate(...parameters, limit + 1)) {
    if (events.length === limit || bytes >= PAGE_BYTES_MAX) return { events, isEnd: false };
    const event = toEvent(row as Row);
    events.push(event);
    bytes += event.data.length + event.metadata.length;
  }
  return { events, isEnd: true };
}

/** Throws for an event whose bytes are not those that were written. */
function toEvent(row: Row): RecordedEvent {
  const event = fromRow(row);
  const { checksum } = row;
  if (checksum !== null && checksum !== BigInt(checksumOf(event))) {
    const place = `event ${event.revision} of stream ${event.stream}`;
    throw new StoreError(
      'data-damaged',
      `The data at position ${event.position} (${place}) is not what was written.`,
    );
  }
  return event;
}

function fromRow(row: Row): RecordedEvent {
  return {
    stream: row['stream_name'] as string,
    revision: row['revision'] as bigint,
    position: row['position'] as bigint,
    id: uuidFromBytes(row['id'] as Uint8Array),
    type: row['type'] as string,
    isJson: row['is_json'] === 1n,
    createdTicks: row['created_ticks'] as bigint,
    data: row['data'] as Uint8Array,
    metadata: row['metadata'] as Uint8Array,
  };
}

const maxOf = (a: bigint, b: bigint) => (a > b ? a : b);
/** The wire has unsigned 64-bit numbers, SQLite signed ones; nothing is stored that high. */
const clamp = (value: bigint) => (value > DELETED_REVISION ? DELETED_REVISION : value);

function prepare(db: DatabaseSync) {
  const select = `
    SELECT e.position, e.revision, e.id, e.type, e.is_json, e.created_ticks, e.data, e.metadata,
      e.checksum, s.name AS stream_name
    FROM events e JOIN streams s ON s.id = e.stream`;
  return {
    findStream: db.prepare(`
      SELECT s.id, s.last_revision, s.is_tombstoned, s.max_count, s.max_age_seconds,
        s.truncate_before, original.is_tombstoned AS is_original_tombstoned
      FROM streams s
      LEFT JOIN streams original
        ON original.name = CASE WHEN substr(s.name, 1, 2) = '$$' THEN substr(s.name, 3) END
      WHERE s.name = ?`),
    streamForwards: db.prepare(
      `${select} WHERE e.stream = ? AND e.revision >= ? AND e.created_ticks >= ?
        ORDER BY e.revision LIMIT ?`,
    ),
    streamBackwards: db.prepare(
      `${select} WHERE e.stream = ? AND e.revision <= ? AND e.revision >= ?
        AND e.created_ticks >= ? ORDER BY e.revision DESC LIMIT ?`,
    ),
    allForwards: db.prepare(`${select} WHERE e.position >= ? ORDER BY e.position LIMIT ?`),
    allBackwards: db.prepare(`${select} WHERE e.position < ? ORDER BY e.position DESC LIMIT ?`),
    lastPosition: db.prepare('SELECT max(position) AS position FROM events'),
  };
}
