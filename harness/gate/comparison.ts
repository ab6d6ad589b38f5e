import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readTopicTable, type TopicTable } from '#contracts/spec/topics.ts';
import type { GateConfig } from './config.ts';
import { GateError } from './error.ts';
import type { Finding } from './finding.ts';
import type { RegisteredSubject } from './sources/registry.ts';
import type { Tree } from './sources/tree.ts';

/** What runs today, or the merge base of a branch: the side that must keep working. */
export interface Baseline {
  readonly tree: Tree;
  /** Versions by service; `all` when the tree represents every service. */
  readonly services: 'all' | ReadonlyMap<string, string>;
}

/** An earlier text of a file. */
export interface EarlierText {
  readonly label: string;
  readonly text: string;
}

/** Input of the check of a format. */
export interface Comparison {
  readonly base: Baseline;
  readonly head: Tree;
  readonly config: GateConfig;
  /** Texts of a file before the base, the newest first: for transitive modes. */
  earlier(path: string): Promise<readonly EarlierText[]>;
  /** Versions of a subject in a registry; absent without `--registry`. */
  registered?(subject: string): Promise<RegisteredSubject>;
  /** Receives remarks that do not change the answer. */
  readonly note?: ((text: string) => void) | undefined;
  /** Receives each schema, module or document that both or one of the versions has. */
  readonly compared?: ((name: string, hasChanged: boolean) => void) | undefined;
  /** The service to deploy, with `--service`. */
  readonly asked?: { readonly service: string; readonly version: string | undefined };
}

/** Compares one format; changes nothing. */
export type FormatCheck = (comparison: Comparison) => Promise<Finding[]>;

/** Those of the given services that the baseline has, as named in the answer. */
export function runningOf(base: Baseline, services: readonly string[]): string[] {
  const { services: versions } = base;
  if (versions === 'all') return [...services];
  return services.flatMap((service) => {
    const version = versions.get(service);
    return version === undefined ? [] : [`${service} ${version}`];
  });
}

/** True when the baseline runs one of the services: others cannot break. */
export const concerns = (base: Baseline, services: readonly string[]): boolean =>
  base.services === 'all' || services.length === 0 || runningOf(base, services).length > 0;

const NO_TOPICS: TopicTable = {
  compatibilityDefault: 'FULL_TRANSITIVE',
  deadLetter: { partitions: 1, retentionMs: -1 },
  topics: [],
};
export const TOPICS_FILE = 'contracts/spec/topics.yaml';

/** The topic table of a version; an empty one when it has none. */
export function topicsOf(tree: Tree): TopicTable {
  const path = join(tree.root, TOPICS_FILE);
  if (!existsSync(path)) return NO_TOPICS;
  try {
    return readTopicTable(path);
  } catch (error) {
    const reason = (error as Error).message.replaceAll(path, TOPICS_FILE);
    throw new GateError(`${tree.label}: ${reason}`);
  }
}
