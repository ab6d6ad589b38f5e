import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';

/** Schema Registry compatibility modes (Confluent API). */
const Compatibility = z.enum([
  'NONE',
  'BACKWARD',
  'BACKWARD_TRANSITIVE',
  'FORWARD',
  'FORWARD_TRANSITIVE',
  'FULL',
  'FULL_TRANSITIVE',
]);

const Topic = z.strictObject({
  name: z.string().regex(/^[a-z]+(\.[a-z]+)+$/),
  key: z.string(),
  partitions: z.int().min(1).max(64),
  retentionMs: z.int().min(-1),
  compatibility: Compatibility,
  producers: z.array(z.string()).min(1),
  consumers: z.array(z.string()),
});
export type Topic = z.infer<typeof Topic>;

const TopicTable = z.strictObject({
  compatibilityDefault: Compatibility,
  deadLetter: z.strictObject({ partitions: z.int().min(1), retentionMs: z.int().min(-1) }),
  topics: z.array(Topic).min(1),
});
export type TopicTable = z.infer<typeof TopicTable>;

/** Where the table lives, for whoever has to name it in a message. */
export const TOPIC_TABLE_PATH = fileURLToPath(new URL('./topics.yaml', import.meta.url));

/**
 * Reads the topic table. Throws when it does not parse: nothing can run without it.
 *
 * @param path another table, for tests and for the gate
 */
export function readTopicTable(path: string = TOPIC_TABLE_PATH): TopicTable {
  const parsed = TopicTable.safeParse(parse(readFileSync(path, 'utf8')));
  if (!parsed.success) {
    throw new Error(`${path} is not a topic table: ${z.prettifyError(parsed.error)}`);
  }
  return parsed.data;
}

/** The dead-letter topic of a topic. */
export const deadLetterTopic = (topic: string): string => `${topic}.dlq`;

/** The Schema Registry subject of a topic's value (TopicNameStrategy). */
export const valueSubject = (topic: string): string => `${topic}-value`;
