import { Partitioners } from 'kafkajs';
import type { TopicTable } from '#contracts/spec/topics.ts';
import type { Mode } from '../../harness/gate/avro/compatibility.ts';
import { avroCounterexample } from './avro-labels.ts';

type Topic = TopicTable['topics'][number];
const KEYS = 200;
/** Ages of messages that a consumer may still have to read, from minutes to years. */
const AGES_MS = [60_000, 3_600_001, 86_400_001, 604_800_001, 31_536_000_000];

/**
 * Uses each topic as services do: partitions keys as Kafka clients do, reads messages of every age,
 * looks for a running producer, and decodes the worst schema that its mode allows. Returns the
 * first failure of a consumer.
 */
export function topicsCounterexample(before: TopicTable, after: TopicTable): string | undefined {
  for (const old of before.topics) {
    if (old.consumers.length === 0) continue;
    const now = after.topics.find(({ name }) => name === old.name);
    if (now === undefined) return `${old.name}: unknown topic`;
    const failure =
      disordered(old, now) ?? expired(old, now) ?? silent(old, now) ?? unread(old, now);
    if (failure !== undefined) return `${old.name}: ${failure}`;
  }
  return undefined;
}

function partitionOf(topic: Topic, key: string): number {
  const partitionMetadata = Array.from({ length: topic.partitions }, (_, partitionId) => ({
    partitionId,
    leader: 1,
    partitionErrorCode: 0,
    replicas: [],
    isr: [],
  }));
  return Partitioners.DefaultPartitioner()({
    topic: topic.name,
    partitionMetadata,
    message: { key, value: null },
  });
}

/** One order's messages before and after the change: they must share a partition. */
function disordered(old: Topic, now: Topic): string | undefined {
  for (let index = 0; index < KEYS; index += 1) {
    const message: Record<string, string> = {
      [old.key]: `one-${index}`,
      [now.key]: `other-${index}`,
    };
    message[old.key] = `one-${index}`;
    const [first, then] = [old, now].map((topic) => partitionOf(topic, message[topic.key] ?? ''));
    if (first !== then) return `${message[old.key]} moves from partition ${first} to ${then}`;
  }
  return undefined;
}

function expired(old: Topic, now: Topic): string | undefined {
  const isKept = ({ retentionMs }: Topic, ageMs: number): boolean =>
    retentionMs === -1 || ageMs < retentionMs;
  const ageMs = [...AGES_MS, old.retentionMs - 1].find(
    (age) => isKept(old, age) && !isKept(now, age),
  );
  return ageMs === undefined ? undefined : `a message is gone after ${ageMs} ms`;
}

function silent(old: Topic, now: Topic): string | undefined {
  const running = old.producers.filter((producer) => now.producers.includes(producer));
  return running.length === 0 ? 'no running producer writes it' : undefined;
}

const record = (...fields: object[]) => ({ type: 'record', name: 'Event', fields });
const id = { name: 'id', type: 'string' };
const count = { name: 'count', type: 'int' };
/** Changes that only some modes allow. */
const CHANGES = [
  { before: record(id), after: record(id, count), earlier: [] },
  { before: record(id, count), after: record(id), earlier: [] },
  {
    before: record(id),
    after: record(id, { ...count, default: 0 }),
    earlier: [record(id, { name: 'count', type: 'string' })],
  },
  {
    before: record(id),
    after: record(id, count),
    earlier: [record(id, { ...count, type: 'string', default: '' })],
  },
];

/** A change that the new mode allows and that a consumer under the old mode cannot read. */
function unread(old: Topic, now: Topic): string | undefined {
  for (const change of CHANGES) {
    const under = (mode: Mode): string | undefined =>
      avroCounterexample({ name: '', label: 'safe', mode, ...change });
    const harm = under(old.compatibility);
    if (harm !== undefined && under(now.compatibility) === undefined) return harm;
  }
  return undefined;
}
