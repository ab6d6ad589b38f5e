import { randomBytes, randomUUID } from 'node:crypto';
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabases } from './sqlite-database.ts';
import { openSqliteStore } from './sqlite-store.ts';
import type { AppendResult, EventStore, ProposedEvent } from './store.ts';

const PAGE_BYTES = 4_096;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eventstore-'));
});
afterEach(() => rm(folder, { recursive: true }));

function events(count: number, bytes = 10): ProposedEvent[] {
  return Array.from({ length: count }, () => ({
    id: randomUUID(),
    type: 'event',
    isJson: false,
    data: new Uint8Array(bytes),
    metadata: new Uint8Array(),
  }));
}

function append(store: EventStore, stream: string, proposed: readonly ProposedEvent[]) {
  return store.append({ stream, expected: 'any', events: proposed });
}

function appended(result: AppendResult) {
  if (result.kind !== 'appended' || result.position === undefined) {
    throw new Error(`Not appended: ${result.kind}.`);
  }
  return { current: result.current, position: result.position };
}

describe('the SQLite store', () => {
  it('goes on with revisions and positions when it is opened again', async () => {
    const first = openSqliteStore({ folder });
    const before = appended(await append(first, 'a', events(2, 1_000)));
    const repeated = events(1);
    const known = appended(await append(first, 'a', repeated));
    await first[Symbol.asyncDispose]();
    await using second = openSqliteStore({ folder });
    expect(appended(await append(second, 'a', repeated))).toEqual(known);
    const after = appended(await append(second, 'a', events(1)));
    expect(after.current).toBe(3n);
    expect(after.position).toBeGreaterThan(known.position);
    expect(known.position).toBeGreaterThan(before.position + 1_000n);
  });

  it('commits the appends of one turn of the event loop together', async () => {
    await using store = openSqliteStore({ folder });
    const commits: ReadonlySet<string>[] = [];
    const stop = store.onCommit((streams) => void commits.push(streams));
    await Promise.all(['a', 'b', 'c'].map((stream) => append(store, stream, events(1))));
    expect(commits).toEqual([new Set(['a', 'b', 'c'])]);
    stop();
    await append(store, 'a', events(1));
    expect(commits).toHaveLength(1);
  });

  it('waits for the disk before it acknowledges', () => {
    using databases = openDatabases(folder, 1_000_000);
    const full = 2n;
    expect(databases.writer.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: full });
    expect(databases.writer.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
  });

  it('ends a page early when its events are big', async () => {
    await using store = openSqliteStore({ folder });
    await append(store, 'big', events(12, 1_000_000));
    const query = { stream: 'big', direction: 'forwards', limit: 256 } as const;
    const first = await store.readStream({ ...query, from: 0n });
    const count = first.kind === 'page' ? first.events.length : 0;
    expect(first).toMatchObject({ kind: 'page', isEnd: false });
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThan(12);
    const rest = await store.readStream({ ...query, from: 11n });
    expect(rest).toMatchObject({ kind: 'page', isEnd: true });
  });

  it('fails an append that the disk has no room for, and keeps what was there', async () => {
    const small = openSqliteStore({ folder, dataBytesMax: 200_000 });
    const kept = appended(await append(small, 'a', events(3)));
    const outcomes = await Promise.allSettled([
      append(small, 'b', events(1)),
      append(small, 'b', events(10, 100_000)),
    ]);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'disk-full' } });
      expect(String((outcome as PromiseRejectedResult).reason)).toContain(folder);
    }
    const b = { stream: 'b', from: 0n, direction: 'forwards', limit: 9 } as const;
    expect(await small.readStream(b)).toMatchObject({ kind: 'not-found' });
    expect(appended(await append(small, 'a', events(1)))).toMatchObject({ current: 3n });
    await small[Symbol.asyncDispose]();
    await using roomy = openSqliteStore({ folder });
    const after = appended(await append(roomy, 'b', events(10, 100_000)));
    expect(after.position).toBeGreaterThan(kept.position);
  });

  it('writes nothing of a transaction in which one append fails, and goes on', async () => {
    await using store = openSqliteStore({ folder });
    const impossible = events(1).map((event) => ({ ...event, type: null as unknown as string }));
    const outcomes = await Promise.allSettled([
      append(store, 'a', events(1)),
      append(store, 'b', impossible),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await store.head()).toBe(0n);
    expect(appended(await append(store, 'a', events(1)))).toMatchObject({ current: 0n });
  });

  it('refuses a folder that another store uses, and takes it when that one is closed', async () => {
    const first = openSqliteStore({ folder });
    expect(() => openSqliteStore({ folder })).toThrow(`${folder} is in use by another event store`);
    await first[Symbol.asyncDispose]();
    await openSqliteStore({ folder })[Symbol.asyncDispose]();
  });

  it('refuses a file of a format that it does not know, and leaves it as it was', () => {
    const file = join(folder, 'events.sqlite');
    const foreign = new DatabaseSync(file);
    foreign.exec('PRAGMA user_version = 7');
    foreign.close();
    const before = readFileSync(file);
    expect(() => openSqliteStore({ folder })).toThrow('it has format 0/7');
    expect(readFileSync(file)).toEqual(before);
  });

  it('refuses the database of another program, and names its tables', () => {
    const file = join(folder, 'events.sqlite');
    const foreign = new DatabaseSync(file);
    foreign.exec('CREATE TABLE invoices (id INTEGER)');
    foreign.close();
    const before = readFileSync(file);
    expect(() => openSqliteStore({ folder })).toThrow(/not the file of an event store.*invoices/);
    expect(readFileSync(file)).toEqual(before);
  });

  it('refuses a file that is no database', () => {
    const file = join(folder, 'events.sqlite');
    writeFileSync(file, 'Dear diary, '.repeat(1_000));
    expect(() => openSqliteStore({ folder })).toThrow(`${file} is not an SQLite database`);
  });

  it('refuses a file with a page that was overwritten', async () => {
    const file = join(folder, 'events.sqlite');
    const store = openSqliteStore({ folder });
    await append(store, 'a', events(500, 200));
    await store[Symbol.asyncDispose]();
    const pages = readFileSync(file).length / PAGE_BYTES;
    const handle = openSync(file, 'r+');
    writeSync(handle, randomBytes(PAGE_BYTES), 0, PAGE_BYTES, Math.floor(pages / 2) * PAGE_BYTES);
    closeSync(handle);
    const open = () => openSqliteStore({ folder });
    expect(open).toThrow(expect.objectContaining({ code: 'data-damaged' }));
    expect(open).toThrow(`${file} is damaged`);
  });

  it('refuses to give out an event whose bytes changed on disk', async () => {
    const file = join(folder, 'events.sqlite');
    const first = openSqliteStore({ folder });
    const [event] = events(1);
    if (event === undefined) throw new Error('One event was asked for.');
    await append(first, 'a', [{ ...event, data: Buffer.from('{"amount":"1000"}') }]);
    await first[Symbol.asyncDispose]();
    const bytes = readFileSync(file);
    bytes.write('9', bytes.indexOf('{"amount":"1000"}') + 11);
    writeFileSync(file, bytes);
    await using second = openSqliteStore({ folder });
    const query = { stream: 'a', from: 0n, direction: 'forwards', limit: 1 } as const;
    await expect(second.readStream(query)).rejects.toMatchObject({ code: 'data-damaged' });
  });

  it('takes over a file from before events had checksums', async () => {
    const file = join(folder, 'events.sqlite');
    const first = openSqliteStore({ folder });
    await append(first, 'a', events(2));
    await first[Symbol.asyncDispose]();
    const old = new DatabaseSync(file);
    old.exec('ALTER TABLE events DROP COLUMN checksum; PRAGMA user_version = 1');
    old.close();
    await using second = openSqliteStore({ folder });
    await append(second, 'a', events(1));
    const query = { stream: 'a', from: 0n, direction: 'forwards', limit: 9 } as const;
    const page = await second.readStream(query);
    expect(page.kind === 'page' && page.events.length).toBe(3);
  });

  it('finishes what is queued when it is closed, and refuses what comes later', async () => {
    const store = openSqliteStore({ folder });
    const queued = append(store, 'a', events(1));
    await store[Symbol.asyncDispose]();
    expect(appended(await queued).current).toBe(0n);
    await expect(append(store, 'a', events(1))).rejects.toMatchObject({ code: 'closed' });
  });

  it('refuses more waiting appends than it has room for, and writes the others', async () => {
    await using store = openSqliteStore({ folder });
    const one = events(1);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20_001 }, () => append(store, 'a', one)),
    );
    const refused = outcomes.filter(({ status }) => status === 'rejected');
    expect(refused).toMatchObject([{ reason: { code: 'overloaded' } }]);
    expect(await store.lastRevision('a')).toBe(0n);
  });
});
