import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EventData, EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ChildServer, startChildServer } from './child-server.ts';

/** Each kill -9 comes after this many further acknowledgements, with all writers in flight. */
const ACKNOWLEDGED_PER_ROUND = 150;
const ROUNDS = 3;
const WRITERS = 8;
const EVENTS_PER_APPEND = 5;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eventstore-'));
});
afterEach(() => rm(folder, { recursive: true }));

interface Attempt {
  readonly stream: string;
  readonly append: number;
  readonly events: readonly EventData[];
  /** Absent when the server died before it answered. */
  acknowledged?: { readonly revision: bigint; readonly commit: bigint };
}

function attemptOf(round: number, writer: number, append: number): Attempt {
  const stream = `round-${round}-writer-${writer}`;
  const events = Array.from({ length: EVENTS_PER_APPEND }, (_, part) =>
    jsonEvent({ type: 'durable', data: { append, part } }),
  );
  return { stream, append, events };
}

async function send(client: EventStoreDBClient, attempt: Attempt): Promise<void> {
  const result = await client.appendToStream(attempt.stream, [...attempt.events]);
  attempt.acknowledged = {
    revision: result.nextExpectedRevision,
    commit: result.position?.commit ?? -1n,
  };
}

/** Writers append without pause until the server is killed beneath them. */
async function writeUntilKilled(server: ChildServer, round: number): Promise<Attempt[]> {
  const client = EventStoreDBClient.connectionString(server.connectionString);
  const attempts: Attempt[] = [];
  const enough = Promise.withResolvers<void>();
  let acknowledged = 0;
  const write = async (writer: number) => {
    for (let append = 0; ; append++) {
      const attempt = attemptOf(round, writer, append);
      attempts.push(attempt);
      await send(client, attempt);
      acknowledged += 1;
      if (acknowledged === ACKNOWLEDGED_PER_ROUND) enough.resolve();
    }
  };
  const writers = Array.from({ length: WRITERS }, (_, writer) => write(writer));
  const ended = Promise.allSettled(writers);
  await Promise.race([enough.promise, ended]);
  await server.end('SIGKILL');
  await ended;
  await client.dispose();
  return attempts;
}

async function readAttempts(client: EventStoreDBClient) {
  const found = new Map<string, { part: number; revision: bigint; commit: bigint }[]>();
  let previous = -1n;
  for await (const { event } of client.readAll()) {
    if (event?.type !== 'durable') continue;
    const { append, part } = event.data as { append: number; part: number };
    const commit = event.position?.commit ?? -1n;
    expect(commit).toBeGreaterThan(previous);
    previous = commit;
    const key = `${event.streamId}/${append}`;
    found.set(key, [...(found.get(key) ?? []), { part, revision: event.revision, commit }]);
  }
  return found;
}

function expectWhole(
  attempts: readonly Attempt[],
  found: Awaited<ReturnType<typeof readAttempts>>,
) {
  const parts = Array.from({ length: EVENTS_PER_APPEND }, (_, part) => part);
  for (const { stream, append, acknowledged } of attempts) {
    const events = found.get(`${stream}/${append}`) ?? [];
    const label = `append ${append} to ${stream}`;
    if (acknowledged === undefined && events.length === 0) continue;
    expect(
      events.map(({ part }) => part),
      label,
    ).toEqual(parts);
    if (acknowledged === undefined) continue;
    expect(events.at(-1), label).toMatchObject(acknowledged);
  }
}

describe('the event store under kill -9 in the middle of appends', () => {
  it('has every acknowledged append afterwards, and no append in part', async () => {
    const attempts: Attempt[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      attempts.push(...(await writeUntilKilled(await startChildServer(folder), round)));
    }
    const acknowledged = attempts.filter((attempt) => attempt.acknowledged !== undefined);
    expect(acknowledged.length).toBeGreaterThanOrEqual(ROUNDS * ACKNOWLEDGED_PER_ROUND);
    await using server = await startChildServer(folder);
    const client = EventStoreDBClient.connectionString(server.connectionString);
    expectWhole(attempts, await readAttempts(client));

    // A writer that got no answer repeats its append; the event is stored once.
    const unknown = attempts.filter((attempt) => attempt.acknowledged === undefined);
    expect(unknown.length).toBeGreaterThan(0);
    for (const attempt of unknown) await send(client, attempt);
    const found = await readAttempts(client);
    expectWhole(attempts, found);
    expect(found.size).toBe(attempts.length);
    await client.dispose();
  });
});

it('the files of a store can be read by their owner only', async () => {
  const server = await startChildServer(folder);
  await server.end('SIGKILL');
  for (const name of await readdir(folder)) {
    const { mode } = await stat(join(folder, name));
    expect([name, mode & 0o077]).toEqual([name, 0]);
  }
});
