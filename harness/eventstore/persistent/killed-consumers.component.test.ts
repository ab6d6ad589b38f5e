import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  EventStoreDBClient,
  jsonEvent,
  type PersistentSubscriptionToAll,
  type PersistentSubscriptionToStream,
  persistentSubscriptionToAllSettingsFromDefaults,
  persistentSubscriptionToStreamSettingsFromDefaults,
  START,
  streamNameFilter,
} from '@eventstore/db-client';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ChildServer, startChildServer } from '../child-server.ts';
import { CLASSIC } from '../contract/target.ts';

/** `SAGAPROOF_TEST_KILLS=200` for the long run. */
const ROUNDS = Number(process.env['SAGAPROOF_TEST_KILLS'] ?? 3);
const SEED = Number(process.env['SAGAPROOF_TEST_SEED'] ?? Date.now() % 1_000_000);
const ROUND_TIMEOUT_MS = 20_000;

const STREAM = 'killed';
const GROUP = 'killed';
const CHECKPOINTS = { checkPointAfter: 50, checkPointLowerBound: 1, checkPointUpperBound: 4 };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eventstore-killed-'));
});
afterEach(() => rm(folder, { recursive: true }));

type Subscription = PersistentSubscriptionToStream | PersistentSubscriptionToAll;

/** One group, and the revisions for which its consumer sent an answer, before it sent it. */
interface Subject {
  readonly source: string;
  readonly acked: Set<bigint>;
  readonly parked: Set<bigint>;
  readonly subscribe: (client: EventStoreDBClient) => Subscription;
}

const subjects = (): readonly [Subject, Subject] => [
  {
    source: STREAM,
    acked: new Set(),
    parked: new Set(),
    subscribe: (client) => client.subscribeToPersistentSubscriptionToStream(STREAM, GROUP),
  },
  {
    source: '$all',
    acked: new Set(),
    parked: new Set(),
    subscribe: (client) => client.subscribeToPersistentSubscriptionToAll(GROUP),
  },
];

async function createGroups(client: EventStoreDBClient): Promise<void> {
  const settings = { startFrom: START, maxRetryCount: 1_000_000, ...CHECKPOINTS } as const;
  await client.createPersistentSubscriptionToStream(
    STREAM,
    GROUP,
    persistentSubscriptionToStreamSettingsFromDefaults(settings),
  );
  await client.createPersistentSubscriptionToAll(
    GROUP,
    persistentSubscriptionToAllSettingsFromDefaults(settings),
    { filter: streamNameFilter({ regex: `^${STREAM}$` }) },
  );
}

/** Every event of the stream, by revision, with its position. */
async function readEvents(client: EventStoreDBClient, stream: string) {
  const events = client.readStream(stream);
  return Array.fromAsync(events).catch(() => []);
}

/** Nothing up to the checkpoint may be without an answer. */
async function expectBehindAnswers(client: EventStoreDBClient, subject: Subject): Promise<void> {
  const stream = `$persistentsubscription-${subject.source}::${GROUP}-checkpoint`;
  const last = (await readEvents(client, stream)).at(-1)?.event?.data;
  if (typeof last !== 'string') return;
  const checkpoint = BigInt(/^C:(\d+)/.exec(last)?.[1] ?? last);
  for (const { event } of await readEvents(client, STREAM)) {
    if (event === undefined) continue;
    const position = subject.source === '$all' ? (event.position?.commit ?? 0n) : event.revision;
    if (position > checkpoint) break;
    const isAnswered = subject.acked.has(event.revision) || subject.parked.has(event.revision);
    expect(isAnswered, `${subject.source}: ${event.revision} <= ${last}, seed ${SEED}`).toBe(true);
  }
}

/** Answers at random and leaves some messages without an answer; resolves after `count` acks. */
function consume(
  client: EventStoreDBClient,
  subject: Subject,
  count: number,
  random: () => number,
): Promise<void> {
  const enough = Promise.withResolvers<void>();
  const subscription = subject.subscribe(client);
  let acks = 0;
  const ignoreCut = () => undefined;
  subscription.on('error', ignoreCut);
  subscription.on('data', (delivery: Parameters<Subscription['ack']>[0]) => {
    const revision = delivery.event?.revision ?? -1n;
    const chance = random();
    if (chance < 5) return;
    if (chance < 12) return void subscription.nack('retry', 'again', delivery).catch(ignoreCut);
    if (chance < 18) {
      subject.parked.add(revision);
      return void subscription.nack('park', 'later', delivery).catch(ignoreCut);
    }
    subject.acked.add(revision);
    acks += 1;
    if (acks === count) enough.resolve();
    void subscription.ack(delivery).catch(ignoreCut);
  });
  return enough.promise;
}

/** Appends one event after the other until the server is gone; gives how many were acknowledged. */
async function write(client: EventStoreDBClient): Promise<number> {
  for (let count = 0; ; count++) {
    const isAppended = await client
      .appendToStream(STREAM, jsonEvent({ type: 'killed', data: {} }), CLASSIC)
      .then(() => true)
      .catch(() => false);
    if (!isAppended) return count;
  }
}

async function playRound(
  server: ChildServer,
  both: readonly Subject[],
  random: () => number,
): Promise<number> {
  const client = EventStoreDBClient.connectionString(server.connectionString);
  for (const subject of both) await expectBehindAnswers(client, subject);
  const written = write(client);
  const late = AbortSignal.timeout(ROUND_TIMEOUT_MS);
  const enough = both.map((subject) => consume(client, subject, 5 + (random() % 40), random));
  await Promise.race([
    Promise.all(enough),
    new Promise((_resolve, reject) => {
      late.addEventListener('abort', () => reject(new Error(`Too few messages, seed ${SEED}.`)));
    }),
  ]);
  await server.end('SIGKILL');
  const appended = await written;
  await client.dispose();
  return appended;
}

describe(`persistent subscriptions under kill -9, seed ${SEED}`, () => {
  it('never checkpoint what was not answered, and deliver everything that was not', {
    timeout: (ROUNDS + 2) * ROUND_TIMEOUT_MS,
  }, async () => {
    const generator = xoroshiro128plus(SEED);
    const random = () => uniformInt(generator, 0, 99);
    const both = subjects();
    {
      await using server = await startChildServer(folder);
      const client = EventStoreDBClient.connectionString(server.connectionString);
      await createGroups(client);
      await client.dispose();
    }
    let appended = 0;
    for (let round = 0; round < ROUNDS; round++) {
      appended += await playRound(await startChildServer(folder), both, random);
    }
    await using server = await startChildServer(folder);
    const client = EventStoreDBClient.connectionString(server.connectionString);
    const events = await readEvents(client, STREAM);
    expect(events.length).toBeGreaterThanOrEqual(appended);
    expect(appended).toBeGreaterThan(ROUNDS);
    for (const subject of both) {
      await expectBehindAnswers(client, subject);
      await expectComplete(client, subject, events.length);
    }
    await client.dispose();
  });
});

/** The revision in the data of a link. */
function revisionOf(data: unknown): bigint {
  return BigInt(
    Buffer.from(data as Uint8Array)
      .toString()
      .split('@')[0] ?? -1,
  );
}

/** At the end, every event was acknowledged or is in the parked stream. */
async function expectComplete(client: EventStoreDBClient, subject: Subject, count: number) {
  const subscription = subject.subscribe(client);
  subscription.on('data', (delivery: Parameters<Subscription['ack']>[0]) => {
    subject.acked.add(delivery.event?.revision ?? -1n);
    void subscription.ack(delivery);
  });
  const parkedStream = `$persistentsubscription-${subject.source}::${GROUP}-parked`;
  const missing = async () => {
    const links = await readEvents(client, parkedStream);
    const parked = new Set(links.map(({ event }) => revisionOf(event?.data)));
    const all = Array.from({ length: count }, (_, revision) => BigInt(revision));
    return all.filter((revision) => !subject.acked.has(revision) && !parked.has(revision));
  };
  await expect.poll(missing, { timeout: ROUND_TIMEOUT_MS }).toEqual([]);
  await subscription.unsubscribe();
}
