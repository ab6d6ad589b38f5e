import { readProblems } from '../avro/resolution.ts';
import { parseAvro } from '../avro/schema.ts';
import { type Comparison, runningOf, topicsOf } from '../comparison.ts';
import { schemaFileOf } from '../config.ts';
import type { Finding } from '../finding.ts';
import { decode, encode } from './avro-values.ts';
import { type RecordedMessage, recordedMessages } from './recorded.ts';

/** The schemas of one topic: the deployed one, and the new one. */
interface Subject {
  readonly topic: string;
  readonly file: string;
  readonly base: string | undefined;
  readonly head: string;
}

interface Attempt {
  readonly reader: string;
  readonly writer: string;
  /** Who reads, and what, in the words of the answer. */
  readonly readers: readonly string[];
  readonly fails: string;
  /** The Avro rules do not compare with this writer's version: only this check does. */
  readonly unlisted: boolean;
}

/**
 * Recorded messages: those of a real broker are decoded with the new schema; re-encoded with the
 * new schema, they are decoded with the deployed one. The result must agree with the rules.
 */
export async function checkRecorded(comparison: Comparison): Promise<Finding[]> {
  const { base, head, config } = comparison;
  const byTopic = Map.groupBy(recordedMessages(head), ({ topic }) => topic);
  return [...byTopic].flatMap(([topic, messages]) => {
    const file = schemaFileOf(head, config, topic);
    if (file === undefined) return [];
    const text = head.read(file);
    if (text === undefined) return [];
    const subject = { topic, file, base: base.tree.read(file), head: text };
    return [...kept(comparison, subject, messages), ...rewritten(comparison, subject, messages)];
  });
}

/** Recorded messages, read by the new schema. */
function kept(
  comparison: Comparison,
  subject: Subject,
  messages: readonly RecordedMessage[],
): Finding[] {
  const consumers = consumersOf(comparison, subject.topic);
  return [...Map.groupBy(messages, ({ writerSchema }) => writerSchema)].flatMap(([writer, some]) =>
    contradictions(comparison, subject, some, {
      reader: subject.head,
      writer,
      readers: consumers.map((name) => `the new ${name}`),
      fails: `cannot read recorded messages of ${subject.topic}`,
      unlisted: writer !== (subject.base && JSON.stringify(JSON.parse(subject.base))),
    }),
  );
}

/** Messages as the new writer would encode them, read by the deployed schema. */
function rewritten(
  comparison: Comparison,
  subject: Subject,
  messages: readonly RecordedMessage[],
): Finding[] {
  const { base, topic, head } = subject;
  if (base === undefined || base === head) return [];
  const running = runningOf(comparison.base, consumersOf(comparison, topic));
  const reencoded = messages.flatMap((message) => {
    const value = decode(head, message.writerSchema, message.value);
    return 'error' in value ? [] : [{ ...message, value: encode(head, value.value) }];
  });
  return contradictions(comparison, subject, reencoded, {
    reader: base,
    writer: head,
    readers: running,
    fails: `cannot read ${topic} of ${comparison.head.label}`,
    unlisted: false,
  });
}

const consumersOf = ({ base, head }: Comparison, topic: string): readonly string[] =>
  [base.tree, head]
    .flatMap((tree) => topicsOf(tree).topics.filter(({ name }) => name === topic))
    .at(0)?.consumers ?? [];

/** Where decoding and the rules disagree. Where both fail, the rules report it. */
function contradictions(
  { base }: Comparison,
  { topic, file }: Subject,
  messages: readonly RecordedMessage[],
  { reader, writer, readers, fails, unlisted }: Attempt,
): Finding[] {
  const [first] = messages;
  if (first === undefined) return [];
  const problems = readProblems(parseAvro(reader, file), parseAvro(writer, file), 'backward');
  const failed = messages.flatMap((message) => {
    const result = decode(reader, writer, message.value);
    return 'error' in result ? [{ message, error: result.error }] : [];
  });
  const [failure] = failed;
  const safe = problems.length === 0;
  const structural = problems.some(({ rule }) => !/promotion|logical/.test(rule));
  if (failure !== undefined && safe) {
    const { message, error } = failure;
    const place = `${message.file}:${message.line}`;
    const what = `contradiction: the rules say safe, and ${message.eventType} at ${place} cannot be decoded: ${error}`;
    return [finding('recorded/rule-says-safe', what, message, 'breaks')];
  }
  if (failure !== undefined && unlisted) {
    const { message } = failure;
    const what = `${problems[0]?.what}: ${message.eventType} at ${message.file}:${message.line}`;
    return [finding('recorded/unreadable', what, message, 'breaks')];
  }
  if (failure === undefined && structural) {
    const reason = problems[0]?.what ?? '';
    const what = `contradiction: the rules say "${reason}", and all ${messages.length} recorded messages are decoded`;
    return [finding('recorded/rule-says-broken', what, first, 'unknown')];
  }
  return [];

  function finding(
    rule: string,
    what: string,
    { file: recorded, line }: RecordedMessage,
    certainty: Finding['certainty'],
  ): Finding {
    return {
      format: 'recorded',
      subject: `${topic} next to ${base.tree.label}`,
      rule,
      file: recorded,
      line,
      causes: [],
      breaks: readers.length > 0 ? readers : [`readers of ${topic}`],
      fails,
      what,
      fix:
        rule === 'recorded/unreadable'
          ? 'keep reading old messages, or remove this one from contracts/corpus once it has expired'
          : 'trust the message, and report the rule with it (a new case for bench/gate/corpus)',
      certainty,
    };
  }
}
