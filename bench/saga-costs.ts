/**
 * What a saga costs in writes and round trips: figures that depend on the code and not on the
 * machine, so that they can only be allowed to fall.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { EventStoreDBClient } from '@eventstore/db-client';
import { Redis } from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';
import type { Stack } from '#harness/testbed/stack.ts';
import type { FindingsTable, Target } from './bench.ts';

/** How long the stack is watched while nothing happens. */
const IDLE_MS = 4_000;
/** Postgres counts a transaction up to a second after it; groups commit later than they read. */
const COUNTED_WITHIN_MS = 1_500;
/** Where Kafka keeps the offsets that groups commit. */
const OFFSETS_TOPIC = '__consumer_offsets';

export interface SagaCosts {
  /** Records of all topics that services and Debezium produce. */
  readonly producedRecords: number;
  /** Offsets that groups commit: one for each partition in a request. */
  readonly committedOffsets: number;
  /** Calls of scripts in Redis, each of which is a round trip. */
  readonly redisScripts: number;
  /** Transactions of Postgres. */
  readonly postgresCommits: number;
  /** Appends to the event store, each of which it syncs. */
  readonly appends: number;
}

/**
 * What a saga may cost, with its share of what a customer costs. These figures only fall: lower
 * them when a change makes sagas cheaper.
 */
export const SAGA_COSTS_MAX: SagaCosts = {
  producedRecords: 28,
  committedOffsets: 30,
  redisScripts: 45,
  postgresCommits: 13,
  appends: 6,
};

/** Counts what sagas cost, without what the idle system does in the same time. */
export async function measureCosts(
  stack: Stack,
  sagas: number,
  play: () => Promise<unknown>,
): Promise<SagaCosts> {
  const began = await countSoFar(stack);
  await pause(IDLE_MS);
  const before = await countSoFar(stack);
  await play();
  await pause(COUNTED_WITHIN_MS);
  const after = await countSoFar(stack);
  const share = (name: keyof Counts): number => {
    const perMs = (before[name] - began[name]) / (before.atMs - began.atMs);
    return (after[name] - before[name] - perMs * (after.atMs - before.atMs)) / sagas;
  };
  return {
    producedRecords: share('producedRecords'),
    committedOffsets: share('committedOffsets'),
    redisScripts: share('redisScripts'),
    postgresCommits: share('postgresCommits'),
    appends: share('appends'),
  };
}

interface Counts extends SagaCosts {
  readonly atMs: number;
}

/** Counts since the servers began. */
async function countSoFar(stack: Stack): Promise<Counts> {
  const [offsets, redisScripts, postgresCommits, appends] = await Promise.all([
    countRecords(stack),
    countScripts(stack),
    countCommits(stack),
    countAppends(stack),
  ]);
  return { ...offsets, redisScripts, postgresCommits, appends, atMs: performance.now() };
}

async function countRecords({
  addressBook,
}: Stack): Promise<Pick<SagaCosts, 'producedRecords' | 'committedOffsets'>> {
  const brokers = [addressBook.kafka.bootstrap];
  const kafka = new Kafka({ clientId: 'bench', brokers, logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  try {
    const counted = { producedRecords: 0, committedOffsets: 0 };
    for (const topic of await admin.listTopics()) {
      const ends = await admin.fetchTopicOffsets(topic);
      const records = ends.reduce((sum, { high }) => sum + Number(high), 0);
      if (topic === OFFSETS_TOPIC) counted.committedOffsets += records;
      else counted.producedRecords += records;
    }
    return counted;
  } finally {
    await admin.disconnect();
  }
}

async function countScripts({ addressBook }: Stack): Promise<number> {
  const client = new Redis(addressBook.redis.url);
  try {
    const stats = await client.info('commandstats');
    return Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1] ?? 0);
  } finally {
    client.disconnect();
  }
}

async function countCommits({ addressBook }: Stack): Promise<number> {
  const [database] = Object.values(addressBook.postgres.databases);
  if (database === undefined) throw new Error('the stack has no database');
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    const { rows } = await client.query<{ commits: string }>(
      'select sum(xact_commit) as commits from pg_stat_database where datname is not null',
    );
    return Number(rows[0]?.commits ?? 0);
  } finally {
    await client.end();
  }
}

interface PartOfAppend {
  readonly part?: { readonly index: number };
}

async function countAppends({ addressBook }: Stack): Promise<number> {
  const client = EventStoreDBClient.connectionString(addressBook.eventstore.connectionString);
  try {
    let appends = 0;
    for await (const { event } of client.readAll()) {
      const { part } = (event?.metadata ?? {}) as PartOfAppend;
      if (part?.index === 0) appends += 1;
    }
    return appends;
  } finally {
    await client.dispose();
  }
}

const NAMES: Readonly<Record<keyof SagaCosts, string>> = {
  producedRecords: 'records produced to Kafka',
  committedOffsets: 'offsets committed',
  redisScripts: 'script calls of Redis',
  postgresCommits: 'transactions of Postgres',
  appends: 'appends, each synced by the event store',
};

export function costTable(costs: SagaCosts): FindingsTable {
  const names = Object.keys(NAMES) as Array<keyof SagaCosts>;
  return {
    head: ['writes and round trips per saga', 'seen', 'allowed'],
    rows: names.map((name) => [NAMES[name], costs[name].toFixed(1), SAGA_COSTS_MAX[name]]),
  };
}

export function costTargets(costs: SagaCosts): Target[] {
  const names = Object.keys(NAMES) as Array<keyof SagaCosts>;
  return names.map((name) => ({
    claim: `${NAMES[name]}: at most ${SAGA_COSTS_MAX[name]} per saga`,
    seen: costs[name].toFixed(1),
    met: costs[name] <= SAGA_COSTS_MAX[name],
  }));
}
