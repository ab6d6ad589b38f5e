import type { Topic } from '#contracts/spec/topics.ts';
import { promises } from '../avro/compatibility.ts';
import { type Comparison, concerns, runningOf, TOPICS_FILE, topicsOf } from '../comparison.ts';
import type { Finding } from '../finding.ts';
import { type Path, Positions } from '../sources/position.ts';

type Problem = Pick<Finding, 'rule' | 'fails' | 'what' | 'fix'> & {
  readonly path: Path;
  readonly breaks: readonly string[];
};

/** The topic table: what consumers lose when a topic's key, partitions or retention change. */
export async function checkTopics(comparison: Comparison): Promise<Finding[]> {
  const { base, head } = comparison;
  const text = head.read(TOPICS_FILE) ?? '';
  if (base.tree.read(TOPICS_FILE) === text) return [];
  const [before, after] = [topicsOf(base.tree), topicsOf(head)];
  const positions = new Positions(text);
  const findings: Finding[] = [];
  for (const topic of before.topics) {
    // A topic without consumers cannot break any.
    if (topic.consumers.length === 0) continue;
    const index = after.topics.findIndex(({ name }) => name === topic.name);
    const next = after.topics[index];
    const problems =
      next === undefined
        ? goneOf(topic, after.topics, before.topics)
        : changesOf(topic, next, ['topics', index]);
    for (const { path, breaks, ...problem } of problems) {
      if (!concerns(base, breaks)) continue;
      const running = runningOf(base, breaks);
      findings.push({
        format: 'topics',
        subject: topic.name,
        file: TOPICS_FILE,
        line: positions.lineOf(path),
        causes: [...topic.producers, ...topic.consumers],
        breaks: running.length > 0 ? running : [`users of ${topic.name}`],
        certainty: 'breaks',
        ...problem,
      });
    }
  }
  return findings;
}

function goneOf(topic: Topic, now: readonly Topic[], old: readonly Topic[]): Problem[] {
  const renamed = now.find(
    ({ name, producers }) =>
      !old.some((known) => known.name === name) && producers.join() === topic.producers.join(),
  );
  return [
    {
      rule: renamed === undefined ? 'topics/topic-removed' : 'topics/topic-renamed',
      breaks: topic.consumers,
      fails: `cannot get any more messages of ${topic.name}`,
      what:
        renamed === undefined
          ? `topic ${topic.name} is gone`
          : `topic ${topic.name} is now called ${renamed.name}`,
      path: ['topics'],
      fix: `add the new topic, write to both, move the consumers, and remove ${topic.name} last`,
    },
  ];
}

function changesOf(topic: Topic, next: Topic, path: Path): Problem[] {
  return [
    ...partitions(topic, next, path),
    ...keyOf(topic, next, path),
    ...retention(topic, next, path),
    ...mode(topic, next, path),
    ...roles(topic, next, path),
  ];
}

function partitions(topic: Topic, next: Topic, path: Path): Problem[] {
  if (next.partitions === topic.partitions) return [];
  const shrinks = next.partitions < topic.partitions;
  return [
    {
      rule: shrinks ? 'topics/partitions-fewer' : 'topics/partitions-more',
      breaks: topic.consumers,
      fails: shrinks
        ? `cannot read the removed partitions of ${topic.name}`
        : `cannot keep the order of one ${topic.key} on ${topic.name}`,
      what: `partitions went from ${topic.partitions} to ${next.partitions}`,
      path: [...path, 'partitions'],
      fix: shrinks
        ? 'Kafka cannot remove partitions: create a new topic and migrate to it'
        : 'a key moves to another partition while its old messages are unread: drain the topic first, or create a new one',
    },
  ];
}

function keyOf(topic: Topic, next: Topic, path: Path): Problem[] {
  if (next.key === topic.key) return [];
  return [
    {
      rule: 'topics/key-changed',
      breaks: topic.consumers,
      fails: `cannot keep the order of one ${topic.key} on ${topic.name}`,
      what: `its key went from ${topic.key} to ${next.key}`,
      path: [...path, 'key'],
      fix: 'publish under the new key on a new topic',
    },
  ];
}

const lasting = (retentionMs: number): number =>
  retentionMs === -1 ? Number.POSITIVE_INFINITY : retentionMs;

function retention(topic: Topic, next: Topic, path: Path): Problem[] {
  if (lasting(next.retentionMs) >= lasting(topic.retentionMs)) return [];
  const inWords = (ms: number): string => (ms === -1 ? 'forever' : `${ms} ms`);
  return [
    {
      rule: 'topics/retention-shorter',
      breaks: topic.consumers,
      fails: `cannot read messages of ${topic.name} that are older than the new retention`,
      what: `retention went from ${inWords(topic.retentionMs)} to ${inWords(next.retentionMs)}`,
      path: [...path, 'retentionMs'],
      fix: 'keep it, or show that no consumer is ever down or rebuilt for that long',
    },
  ];
}

function mode(topic: Topic, next: Topic, path: Path): Problem[] {
  if (promises(next.compatibility, topic.compatibility)) return [];
  return [
    {
      rule: 'topics/compatibility-weaker',
      breaks: topic.consumers,
      fails: `cannot count on reading the next schema of ${topic.name}`,
      what: `its mode went from ${topic.compatibility} to ${next.compatibility}`,
      path: [...path, 'compatibility'],
      fix: `keep ${topic.compatibility}, or agree with the consumers and record it in an ADR`,
    },
  ];
}

function roles(topic: Topic, next: Topic, path: Path): Problem[] {
  const gone = topic.producers.filter((producer) => !next.producers.includes(producer));
  const stillWritten = next.producers.some((producer) => topic.producers.includes(producer));
  if (gone.length === 0 || stillWritten) return [];
  return [
    {
      rule: 'topics/producer-removed',
      breaks: topic.consumers,
      fails: `cannot get any more messages of ${topic.name}`,
      what: `${gone.join(', ')} no longer writes it`,
      path: [...path, 'producers'],
      fix: 'deploy the new producer before the old one stops',
    },
  ];
}
