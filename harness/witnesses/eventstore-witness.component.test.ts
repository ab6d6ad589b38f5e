import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type ChildServer, startChildServer } from '../eventstore/child-server.ts';
import type { Unrecorded } from '../history/event.ts';
import { EventStoreWitness } from './eventstore-witness.ts';

const SETTLE_MS = 5_000;

const folder = mkdtempSync(join(tmpdir(), 'witness-'));
let server: ChildServer;
let client: EventStoreDBClient;

beforeAll(async () => {
  server = await startChildServer(folder);
  client = EventStoreDBClient.connectionString(server.connectionString);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const events: Unrecorded[] = [];
afterEach(() => {
  events.length = 0;
});

const witness = () =>
  EventStoreWitness.start(server.connectionString, (event) => events.push(event));
const placed = (orderId: string) =>
  jsonEvent({ type: 'OrderPlaced', data: { orderId }, metadata: { jobId: 'j' } });

it('records an empty store from its first event on', async () => {
  await using seen = await witness();
  await client.appendToStream('order-0', placed('0'));
  await seen.settle(SETTLE_MS);
  expect(events).toMatchObject([{ stream: 'order-0', revision: '0' }]);
});

it('records $all from its start on, up to the end', async () => {
  await client.appendToStream('order-before', placed('before'));
  await using seen = await witness();
  await client.appendToStream('order-1', [placed('1'), placed('2')]);
  await seen.settle(SETTLE_MS);
  expect(events).toMatchObject([
    { type: 'eventstore', stream: 'order-1', revision: '0', eventType: 'OrderPlaced' },
    { revision: '1', data: { orderId: '2' }, metadata: { jobId: 'j' } },
  ]);
  expect(seen.events).toBe(2);
  const [first] = events;
  const createdMs = first?.type === 'eventstore' ? first.createdMs : undefined;
  expect(Math.abs(Date.now() - (createdMs ?? 0))).toBeLessThan(60_000);
});

it('takes a publisher that renews its lease for quiet, and an order that moves not', async () => {
  await using seen = await witness();
  const beganMs = performance.now();
  await client.appendToStream('orderPublisher-lease', placed('none'));
  await seen.settle(SETTLE_MS);
  expect(events).toMatchObject([{ stream: 'orderPublisher-lease' }]);
  expect(seen.quietMs).toBeGreaterThan(performance.now() - beganMs - 1);
  await client.appendToStream('order-2', placed('3'));
  await seen.settle(SETTLE_MS);
  expect(seen.quietMs).toBeLessThan(performance.now() - beganMs);
});

it('is incomplete when the store does not answer', async () => {
  const other = mkdtempSync(join(tmpdir(), 'witness-'));
  const gone = await startChildServer(other);
  const seen = await EventStoreWitness.start(gone.connectionString, () => undefined);
  await gone.end('SIGKILL');
  await expect(seen.settle(500)).rejects.toThrow();
  await seen.close();
  rmSync(other, { recursive: true });
});
