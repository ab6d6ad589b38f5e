import { posix } from 'node:path';
import { valueSubject } from '#contracts/spec/topics.ts';
import { type Comparison, topicsOf } from '../comparison.ts';
import type { AvroSource } from '../config.ts';
import type { Mode } from './compatibility.ts';
import { type AvroLibrary, type AvroSubject, topicOf } from './library.ts';
import type { Names } from './resolution.ts';

/** What a schema is used for, and by which services. */
export interface Roles {
  readonly topic: string;
  /** In a registry. */
  readonly subject: string;
  readonly mode: Mode;
  readonly names: Names;
  readonly producers: readonly string[];
  readonly consumers: readonly string[];
}

/** The same subject, or where its type is now when no topic is named after the file. */
export function movedTo(
  now: AvroLibrary,
  before: AvroSubject | undefined,
  id: string,
  { subjects }: AvroSource,
): AvroSubject | undefined {
  const same = now.subjects.get(id);
  if (same !== undefined || before?.fullName === undefined) return same;
  const isFileName = subjects !== 'record' && !id.includes('#');
  if (isFileName) return undefined;
  return [...now.subjects.values()].find(({ fullName }) => fullName === before.fullName);
}

/** From the topic table, or from the settings of the folder. */
export function rolesOf(
  { base, head }: Comparison,
  { folder, mode, subjects, names }: AvroSource,
  subject: AvroSubject | undefined,
): Roles {
  const fullName = subject?.fullName ?? '';
  const topic = topicOf(subject?.file ?? '', folder);
  const byStrategy = {
    topic: valueSubject(topic),
    record: fullName,
    'topic-record': `${topic}-${fullName}`,
  };
  // The old mode applies: a change must not weaken it for itself.
  const [promised, asked] = [base.tree, head].map((tree) => topicsOf(tree));
  const isTopic = ({ name }: { name: string }): boolean =>
    name === topic || name === posix.basename(topic);
  const entry = promised?.topics.find(isTopic) ?? asked?.topics.find(isTopic);
  return {
    topic: entry?.name ?? topic,
    subject: byStrategy[subjects],
    mode: entry?.compatibility ?? mode ?? asked?.compatibilityDefault ?? 'FULL_TRANSITIVE',
    names,
    producers: entry?.producers ?? [],
    consumers: entry?.consumers ?? [],
  };
}
