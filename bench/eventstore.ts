import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { type ChildServer, startChildServer } from '#harness/eventstore/child-server.ts';
import type { Bench, BenchOptions, Findings } from './bench.ts';
import { millis, percentile, times } from './stats.ts';

/**
 * Claims: one writer gets at least half of what a bare SQLite file with the same durability gives.
 * Checks: the same bytes are inserted into a table of SQLite, one transaction each, and appended
 * through the client, in turns, so that what else the machine does is in both.
 * Could be fooled: by a store that answers before its data is on disk; the component tests kill the
 * server and look for what it acknowledged.
 */
const WARM_UP = 50;
/** Writes in a row to one of the two, before the other has its turn. */
const TURN = 50;
const WRITERS = 64;
const EVENT_BYTES = 200;
const RATIO_MIN = 0.5;
const PADDING = 'x'.repeat(EVENT_BYTES);

export const eventstore: Bench = {
  name: 'eventstore',
  summary: 'appends to the embedded event store, compared with bare SQLite of the same durability',
  round: 'appends, one after the other',
  rounds: 1_000,
  run: measure,
};

async function measure({ rounds, signal, note }: BenchOptions): Promise<Findings> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-eventstore-'));
  try {
    using bare = openBare(join(folder, 'bare'));
    await using server = await startChildServer(join(folder, 'store'));
    const client = EventStoreDBClient.connectionString(server.connectionString);
    const append = () =>
      client.appendToStream('bench', jsonEvent({ type: 'bench', data: { PADDING } }));
    const [bareMs, storeMs]: [number[], number[]] = [[], []];
    for (let done = -WARM_UP; done < rounds; done += TURN) {
      signal.throwIfAborted();
      const [a, b] = [await timed(TURN, async () => bare.insert()), await timed(TURN, append)];
      if (done < 0) continue;
      bareMs.push(...a);
      storeMs.push(...b);
    }
    note('one writer measured');
    const manyPerSecond = await concurrent(server, rounds * 4);
    await client.dispose();
    return describe(bareMs, storeMs, manyPerSecond);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function openBare(folder: string) {
  mkdirSync(folder);
  const db = new DatabaseSync(join(folder, 'bare.sqlite'));
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  db.exec('CREATE TABLE events (position INTEGER PRIMARY KEY, id TEXT, data TEXT)');
  const insert = db.prepare('INSERT INTO events (id, data) VALUES (?, ?)');
  return {
    insert() {
      insert.run(randomUUID(), PADDING);
    },
    [Symbol.dispose]: () => db.close(),
  };
}

async function timed(count: number, write: () => Promise<unknown>): Promise<number[]> {
  const tookMs: number[] = [];
  for (let n = 0; n < count; n++) {
    const startMs = performance.now();
    await write();
    tookMs.push(performance.now() - startMs);
  }
  return tookMs;
}

async function concurrent(server: ChildServer, count: number): Promise<number> {
  const client = EventStoreDBClient.connectionString(server.connectionString);
  let left = count;
  const startMs = performance.now();
  const write = async (writer: number) => {
    while (left-- > 0) {
      await client.appendToStream(
        `bench-${writer}`,
        jsonEvent({ type: 'bench', data: { PADDING } }),
      );
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
  const perSecond = (count * 1_000) / (performance.now() - startMs);
  await client.dispose();
  return perSecond;
}

const perSecondOf = (tookMs: readonly number[]): number =>
  (tookMs.length * 1_000) / tookMs.reduce((sum, ms) => sum + ms, 0);

function describe(
  bareMs: readonly number[],
  storeMs: readonly number[],
  manyPerSecond: number,
): Findings {
  const ratio = perSecondOf(storeMs) / perSecondOf(bareMs);
  const row = (name: string, tookMs: readonly number[]) => [
    name,
    perSecondOf(tookMs).toFixed(0),
    millis(percentile(tookMs, 0.5)),
    millis(percentile(tookMs, 0.95)),
  ];
  return {
    title: 'The event store',
    method:
      `Events of ${EVENT_BYTES} bytes, appended one after the other through the client, and ` +
      'inserted into a table of SQLite in one transaction each, in turns; both wait for the disk.',
    tables: [
      {
        head: ['', 'events/s', 'p50', 'p95'],
        rows: [
          row('bare SQLite, one writer', bareMs),
          row('event store, one writer', storeMs),
          [`event store, ${WRITERS} writers`, manyPerSecond.toFixed(0), '', ''],
        ],
      },
    ],
    targets: [
      {
        claim: `one writer appends at least ${times(RATIO_MIN)} as fast as bare SQLite inserts`,
        seen: times(ratio),
        met: ratio >= RATIO_MIN,
      },
    ],
    figures: {
      barePerSecond: perSecondOf(bareMs),
      storePerSecond: perSecondOf(storeMs),
      manyPerSecond,
      ratio,
    },
  };
}
