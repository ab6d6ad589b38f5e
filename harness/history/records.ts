import type { TopicValues } from '#avro/types.generated.ts';
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

/** The topics on which participants answer. */
export const PARTICIPANT_EVENTS = [
  'inventory.events',
  'payment.events',
  'shipping.events',
] as const;
export type ParticipantEvents = (typeof PARTICIPANT_EVENTS)[number];

/** What a participant said, whichever it was. */
export function participantEvent(record: KafkaRecord): TopicValues[ParticipantEvents] | undefined {
  const { topic } = record;
  return topic === 'inventory.events' || topic === 'payment.events' || topic === 'shipping.events'
    ? (record.value as TopicValues[ParticipantEvents] | undefined)
    : undefined;
}

/** What the saga asked of a participant, whichever it was. */
export function participantCommand(
  record: KafkaRecord,
): TopicValues['inventory.commands' | 'payment.commands' | 'shipping.commands'] | undefined {
  const { topic } = record;
  return topic === 'inventory.commands' ||
    topic === 'payment.commands' ||
    topic === 'shipping.commands'
    ? (record.value as TopicValues['inventory.commands'] | undefined)
    : undefined;
}

/** The end state's value when it is of this kind. */
export function stateOf<K extends EndStateKind>(
  state: StateSeen,
  kind: K,
): EndStates[K] | undefined {
  return state.kind === kind ? (state.value as unknown as EndStates[K]) : undefined;
}

/** The trace id of a W3C traceparent. */
export function traceIdOf(traceparent: unknown): string | undefined {
  return typeof traceparent === 'string' && traceparent.length >= 52
    ? traceparent.slice(3, 35)
    : undefined;
}

/** Topics of dead letters, whose records are copies of others. */
export const isDeadLetter = (topic: string): boolean => topic.endsWith('.dlq');
