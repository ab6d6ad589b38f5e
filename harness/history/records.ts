import type { TopicValues } from '#avro/types.generated.ts';
import { SAGAS } from '#contracts/spec/sagas.generated.ts';
import type { EndStateKind, EndStates } from './end-state.ts';
import type { KafkaRecord, StateSeen } from './event.ts';

/** The record's value when it is of this topic and could be decoded. */
export function contentOf<T extends keyof TopicValues>(
  record: KafkaRecord,
  topic: T,
): TopicValues[T] | undefined {
  // The witness decodes with the reader's schema of avro/, so the shape is the schema's.
  return record.topic === topic ? (record.value as TopicValues[T] | undefined) : undefined;
}

type Step = (typeof SAGAS)[number]['steps'][number];
type ReplyTopic = Step['replies']['topic'];
type CommandTopic = Step['command']['topic'];

/** What each saga says on Kafka: where participants reply, and where they take commands. */
const STEPS: readonly Step[] = SAGAS.flatMap<Step>(({ steps }) => steps);
const REPLY_TOPICS: readonly string[] = [...new Set(STEPS.map(({ replies }) => replies.topic))];
const COMMAND_TOPICS: readonly string[] = [...new Set(STEPS.map(({ command }) => command.topic))];

/** An event of a participant, whichever it was. */
export const participantEvent = (record: KafkaRecord): TopicValues[ReplyTopic] | undefined =>
  REPLY_TOPICS.includes(record.topic)
    ? (record.value as TopicValues[ReplyTopic] | undefined)
    : undefined;

/** A saga's command to a participant, whichever it was. */
export const participantCommand = (record: KafkaRecord): TopicValues[CommandTopic] | undefined =>
  COMMAND_TOPICS.includes(record.topic)
    ? (record.value as TopicValues[CommandTopic] | undefined)
    : undefined;

/** The end state's value when it is of this kind. */
export function stateOf<K extends EndStateKind>(
  state: StateSeen,
  kind: K,
): EndStates[K] | undefined {
  return state.kind === kind ? (state.value as unknown as EndStates[K]) : undefined;
}

const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}/;

/** The trace id of a W3C traceparent, unless it is malformed: no service continues such a trace. */
export function traceIdOf(traceparent: unknown): string | undefined {
  return typeof traceparent === 'string' && TRACEPARENT.test(traceparent)
    ? traceparent.slice(3, 35)
    : undefined;
}

/** Topics of dead letters, whose records are copies of others. */
export const isDeadLetter = (topic: string): boolean => topic.endsWith('.dlq');
