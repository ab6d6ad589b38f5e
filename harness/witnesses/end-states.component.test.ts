import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Unrecorded } from '../history/event.ts';
import type { AddressBook } from '../kernel/address-book.ts';
import { useOwnRuns } from '../testbed/stack.testkit.ts';
import { bootStack, type Stack } from '../testbed/stack.ts';
import { recordMongodb } from './end-states-mongodb.ts';
import { outboxIds, recordPostgres } from './end-states-postgres.ts';
import { recordRedis } from './end-states-redis.ts';

const BOOT_TIMEOUT_MS = 180_000;
const HOUR_MS = 3_600_000;
const BEGAN_MS = Date.now();

const tests = useOwnRuns();
let stack: Stack;
let book: AddressBook;

beforeAll(async () => {
  stack = await bootStack({
    only: ['postgres', 'redis', 'mongodb'],
    installation: tests.installation(),
    fresh: true,
  });
  book = stack.addressBook;
}, BOOT_TIMEOUT_MS);

afterAll(() => stack[Symbol.asyncDispose]());

function recording(): { events: Unrecorded[]; record: (event: Unrecorded) => void } {
  const events: Unrecorded[] = [];
  return { events, record: (event) => events.push(event) };
}

describe('end states', () => {
  it('have no outbox row where none was written, and name a missing table', async () => {
    expect(await outboxIds(book, BEGAN_MS)).toEqual([]);
    const { events, record } = recording();
    // No service has run here, so the table of notifications does not exist.
    await expect(recordPostgres(book, BEGAN_MS, record)).rejects.toThrow(/notifications/);
    expect(events).toEqual([]);
  });

  it('have the jobs of the run and their time to live, and every socket', async () => {
    const client = new Redis(book.redis.url);
    const job = { userId: 'u', orderId: 'o', state: 'RUNNING', sequence: 3 };
    await client.hset('job:{new}', { ...job, issuedAt: BEGAN_MS + 1 });
    await client.pexpire('job:{new}', HOUR_MS);
    await client.hset('job:{new}:tail', job);
    await client.hset('job:{ever}', { ...job, issuedAt: BEGAN_MS + 1 });
    await client.hset('job:{old}', { ...job, issuedAt: BEGAN_MS - HOUR_MS });
    await client.hset('ws:socket:{s}', { userId: 'u', nodeId: 'websocket-1' });
    await client.pexpire('ws:socket:{s}', HOUR_MS);
    await client.quit();

    const { events, record } = recording();
    expect(await recordRedis(book.redis.url, BEGAN_MS, record)).toBe(3);
    const byKey = new Map(events.map((event) => [event.type === 'state' ? event.key : '', event]));
    expect([...byKey.keys()].sort()).toEqual(['ever', 'new', 's']);
    expect(byKey.get('new')).toMatchObject({
      kind: 'job',
      value: { userId: 'u', orderId: 'o', state: 'RUNNING', sequence: 3 },
    });
    expect(byKey.get('ever')).toMatchObject({ value: { ttlMs: null } });
    expect(byKey.get('s')).toMatchObject({ kind: 'ws-socket', value: { node: 'websocket-1' } });
  });

  it('have the orders of the run in the read model', async () => {
    const { url, database } = book.mongodb;
    const client = new MongoClient(url);
    const order = (id: string, placedAt: Date) => ({
      _id: id,
      userId: 'u',
      status: 'approved',
      total: { currency: 'JPY', minorUnits: 2_000 },
      reason: '',
      sequence: 6,
      placedAt,
    });
    const documents = [order('new', new Date()), order('old', new Date(BEGAN_MS - HOUR_MS))];
    await client.db(database).collection<{ _id: string }>('orders').insertMany(documents);
    await client.close();

    const { events, record } = recording();
    expect(await recordMongodb(book.mongodb, BEGAN_MS, record)).toBe(1);
    expect(events).toMatchObject([
      {
        kind: 'read-model',
        key: 'new',
        value: { userId: 'u', status: 'APPROVED', total: { minorUnits: 2_000 }, sequence: 6 },
      },
    ]);
  });
});
