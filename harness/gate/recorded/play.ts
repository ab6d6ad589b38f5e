import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { deadLetterTopic } from '#contracts/spec/topics.ts';
import { readEveryCompression } from '../../clients/kafka-compression.ts';
import { GateError } from '../error.ts';
import { deleteGroup } from './groups.ts';

const STANDSTILL_MS = 20_000;
const POLL_MS = 100;
const READ_MS_MAX = 10_000;

/** A record to replay to the consumers of its topic. */
export interface Play {
  readonly topic: string;
  readonly key: string;
  readonly value: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  /** By the names of the topic table. */
  readonly consumers: readonly string[];
}

/**
 * What a consumer did with a record: read it, send it to the dead-letter topic with a cause, or not
 * get past it; absent: the broker has no group of the consumer.
 */
export type Reception =
  | { readonly outcome: 'read' }
  | { readonly outcome: 'stuck' }
  | { readonly outcome: 'absent' }
  | { readonly outcome: 'put-aside'; readonly cause: string };

interface Placed {
  readonly play: Play;
  readonly partition: number;
  readonly offset: bigint;
}

/**
 * Replays records to running consumers and observes the result on the broker alone: the committed
 * offset of a group passes a processed record, and a rejected one is on the dead-letter topic,
 * which names the group.
 *
 * @param standstillMs Consumers have stopped when none of them reads anything for this long
 * @returns By record, in the order given: by consumer, what it did
 */
export async function play(
  bootstrap: string,
  plays: readonly Play[],
  standstillMs = STANDSTILL_MS,
): Promise<ReadonlyArray<ReadonlyMap<string, Reception>>> {
  readEveryCompression();
  const kafka = new Kafka({
    clientId: `sagaproof-gate-${randomUUID()}`,
    brokers: [bootstrap],
    logLevel: logLevel.NOTHING,
    retry: { retries: 3 },
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    const groups = await groupsOf(admin, plays);
    const before = await endsOf(admin, deadLetterTopics(plays));
    const placed = await produce(kafka, plays);
    const passed = await watch(admin, placed, groups, standstillMs);
    const dead = await readBetween(kafka, before, await endsOf(admin, deadLetterTopics(plays)));
    return placed.map((one) => receptions(one, groups, passed, dead));
  } catch (error) {
    if (error instanceof GateError) throw error;
    throw new GateError(`Kafka at ${bootstrap} does not answer (${(error as Error).message})`, {
      code: 'stack-unavailable',
      fix: 'check the stack with sagaproof status',
    });
  } finally {
    await admin.disconnect();
  }
}

const deadLetterTopics = (plays: readonly Play[]): string[] => [
  ...new Set(plays.map(({ topic }) => deadLetterTopic(topic))),
];

/** By consumer: its groups on this broker. Each instance may have one of its own. */
async function groupsOf(
  admin: Admin,
  plays: readonly Play[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const known = (await admin.listGroups()).groups.map(({ groupId }) => groupId);
  const consumers = new Set(plays.flatMap((one) => one.consumers));
  return new Map(
    [...consumers].map((consumer) => [
      consumer,
      known.filter(
        (id) => id.startsWith(consumer) && /^([.:_-]|$)/.test(id.slice(consumer.length)),
      ),
    ]),
  );
}

async function produce(kafka: Kafka, plays: readonly Play[]): Promise<Placed[]> {
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  try {
    const placed: Placed[] = [];
    for (const one of plays) {
      const { topic, key, value, headers } = one;
      const [sent] = await producer.send({ topic, messages: [{ key, value, headers }] });
      if (sent?.baseOffset === undefined) throw new Error(`${topic} took no record`);
      placed.push({ play: one, partition: sent.partition, offset: BigInt(sent.baseOffset) });
    }
    return placed;
  } finally {
    await producer.disconnect();
  }
}

/** Where groups are: `<group> <topic> <partition>` by the next offset that they will read. */
type Committed = ReadonlyMap<string, bigint>;

const lane = (group: string, topic: string, partition: number): string =>
  `${group} ${topic} ${partition}`;

/** Waits until every group is past every record, or no group moves for too long. */
async function watch(
  admin: Admin,
  placed: readonly Placed[],
  groups: ReadonlyMap<string, readonly string[]>,
  standstillMs: number,
): Promise<Committed> {
  const wanted = placed.flatMap(({ play: { topic, consumers }, partition, offset }) =>
    consumers
      .flatMap((consumer) => groups.get(consumer) ?? [])
      .map((group) => ({ group, topic, partition, offset })),
  );
  let committed = await committedOf(admin, wanted);
  let movedAt = performance.now();
  for (;;) {
    const left = wanted.filter(
      ({ group, topic, partition, offset }) =>
        (committed.get(lane(group, topic, partition)) ?? -1n) <= offset,
    );
    if (left.length === 0 || performance.now() - movedAt > standstillMs) return committed;
    await pause(POLL_MS);
    const now = await committedOf(admin, left);
    if ([...now].some(([key, offset]) => offset !== committed.get(key))) {
      movedAt = performance.now();
    }
    committed = new Map([...committed, ...now]);
  }
}

async function committedOf(
  admin: Admin,
  wanted: ReadonlyArray<{ readonly group: string; readonly topic: string }>,
): Promise<Committed> {
  const byGroup = Map.groupBy(wanted, ({ group }) => group);
  const found = await Promise.all(
    [...byGroup].map(async ([groupId, some]) => {
      const topics = [...new Set(some.map(({ topic }) => topic))];
      const answers = await admin.fetchOffsets({ groupId, topics });
      return answers.flatMap(({ topic, partitions }) =>
        partitions.map(
          ({ partition, offset }) => [lane(groupId, topic, partition), BigInt(offset)] as const,
        ),
      );
    }),
  );
  return new Map(found.flat());
}

/** End offset of each partition of topics; missing topics have none. */
async function endsOf(admin: Admin, topics: readonly string[]): Promise<Map<string, bigint[]>> {
  const known = await admin.listTopics();
  const ends = await Promise.all(
    topics
      .filter((topic) => known.includes(topic))
      .map(async (topic) => {
        const offsets = await admin.fetchTopicOffsets(topic);
        const high = offsets.toSorted((a, b) => a.partition - b.partition);
        return [topic, high.map((one) => BigInt(one.high))] as const;
      }),
  );
  return new Map(ends);
}

/** Headers of the records between two ends. */
async function readBetween(
  kafka: Kafka,
  from: ReadonlyMap<string, readonly bigint[]>,
  to: ReadonlyMap<string, readonly bigint[]>,
): Promise<ReadonlyArray<Readonly<Record<string, string>>>> {
  const ranges = [...to].flatMap(([topic, ends]) =>
    ends
      .map((end, partition) => ({
        topic,
        partition,
        start: from.get(topic)?.[partition] ?? 0n,
        end,
      }))
      .filter(({ start, end }) => start < end),
  );
  if (ranges.length === 0) return [];
  const left = new Set(ranges.map(({ topic, partition }) => `${topic} ${partition}`));
  const headers: Array<Readonly<Record<string, string>>> = [];
  const groupId = `sagaproof-gate-${randomUUID()}`;
  const consumer = kafka.consumer({ groupId });
  const done = Promise.withResolvers<void>();
  const deadline = setTimeout(
    () => done.reject(new Error(`${[...left].join(', ')} could not be read to its end`)),
    READ_MS_MAX,
  );
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...new Set(ranges.map(({ topic }) => topic))] });
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ topic, partition, message }) => {
        const range = ranges.find((one) => one.topic === topic && one.partition === partition);
        if (range === undefined || BigInt(message.offset) >= range.end) return;
        headers.push(
          Object.fromEntries(
            Object.entries(message.headers ?? {}).map(([name, text]) => [name, String(text)]),
          ),
        );
        if (BigInt(message.offset) === range.end - 1n) left.delete(`${topic} ${partition}`);
        if (left.size === 0) done.resolve();
      },
    });
    for (const { topic, partition, start } of ranges) {
      consumer.seek({ topic, partition, offset: String(start) });
    }
    await done.promise;
  } finally {
    clearTimeout(deadline);
    await consumer.disconnect();
    await deleteGroup(kafka, groupId);
  }
  return headers;
}

function receptions(
  { play: { topic, consumers }, partition, offset }: Placed,
  groups: ReadonlyMap<string, readonly string[]>,
  committed: Committed,
  dead: ReadonlyArray<Readonly<Record<string, string>>>,
): ReadonlyMap<string, Reception> {
  return new Map(consumers.map((consumer) => [consumer, receptionBy(groups.get(consumer) ?? [])]));

  function receptionBy(its: readonly string[]): Reception {
    if (its.length === 0) return { outcome: 'absent' };
    const grave = dead.find(
      (headers) =>
        headers['dlq-topic'] === topic &&
        headers['dlq-partition'] === String(partition) &&
        headers['dlq-offset'] === String(offset) &&
        its.includes(headers['dlq-group'] ?? ''),
    );
    if (grave !== undefined) {
      const cause = [grave['dlq-cause'], grave['dlq-detail']].filter(Boolean).join(': ');
      return { outcome: 'put-aside', cause };
    }
    const isPast = its.every(
      (group) => (committed.get(lane(group, topic, partition)) ?? -1n) > offset,
    );
    return { outcome: isPast ? 'read' : 'stuck' };
  }
}
