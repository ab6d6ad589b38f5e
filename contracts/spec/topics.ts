import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { parseFacts, readFactSource, refuseProblems, repeated } from './fact-file.ts';

/** Schema Registry compatibility modes (Confluent API). */
export const COMPATIBILITY_MODES = [
  'NONE',
  'BACKWARD',
  'BACKWARD_TRANSITIVE',
  'FORWARD',
  'FORWARD_TRANSITIVE',
  'FULL',
  'FULL_TRANSITIVE',
] as const;
const Compatibility = z.enum(COMPATIBILITY_MODES);

const Topic = z.strictObject({
  name: z.string().regex(/^[\w.-]{1,249}$/),
  key: z.string(),
  partitions: z.int().min(1).max(64),
  retentionMs: z.int().min(-1),
  compatibility: Compatibility,
  producers: z.array(z.string()).min(1),
  consumers: z.array(z.string()),
});
export type Topic = z.infer<typeof Topic>;

/** contracts/spec/topics.yaml, as it is written. */
export const TopicTableSchema = z.strictObject({
  compatibilityDefault: Compatibility,
  deadLetter: z.strictObject({ partitions: z.int().min(1), retentionMs: z.int().min(-1) }),
  topics: z.array(Topic).min(1),
});
export type TopicTable = z.infer<typeof TopicTableSchema>;

export const TOPIC_TABLE_PATH = fileURLToPath(new URL('./topics.yaml', import.meta.url));

/**
 * Reads the topic table. Throws when its content is invalid: nothing can run without it.
 *
 * @param path another table, for tests and for the gate
 */
export function readTopicTable(path: string = TOPIC_TABLE_PATH): TopicTable {
  const { value, problem } = parseFacts(readFactSource(path), TopicTableSchema);
  refuseProblems(
    repeated(value.topics.map(({ name }) => name)).map(({ name, index }) =>
      problem(['topics', index], `the topic ${name} is listed twice`, 'remove one'),
    ),
  );
  return value;
}

/** The dead-letter topic of a topic. */
export const deadLetterTopic = (topic: string): string => `${topic}.dlq`;

/** The Schema Registry subject of a topic's value (TopicNameStrategy). */
export const valueSubject = (topic: string): string => `${topic}-value`;
