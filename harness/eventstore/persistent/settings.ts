/** What a persistent subscription is created with, by the names of the real server. */
import type { FilterSpec } from '../filter.ts';

export const CONSUMER_STRATEGIES = [
  'DispatchToSingle',
  'RoundRobin',
  'Pinned',
  'PinnedByCorrelation',
] as const;
export type ConsumerStrategy = (typeof CONSUMER_STRATEGIES)[number];

/** The source of a group that reads every stream. */
export const ALL_SOURCE = '$all';

export interface GroupKey {
  /** A stream, or `$all`. */
  readonly source: string;
  readonly group: string;
}

/** A revision of the stream or a position of `$all`; inclusive. */
export type StartFrom = 'start' | 'end' | bigint;

export interface GroupSettings {
  readonly resolvesLinks: boolean;
  readonly startFrom: StartFrom;
  readonly extraStatistics: boolean;
  /** 0 for no time limit. */
  readonly messageTimeoutMs: number;
  readonly maxRetryCount: number;
  readonly checkpointAfterMs: number;
  readonly minCheckpointCount: number;
  readonly maxCheckpointCount: number;
  /** 0 for any number of consumers. */
  readonly maxSubscriberCount: number;
  readonly liveBufferSize: number;
  readonly readBatchSize: number;
  readonly historyBufferSize: number;
  readonly strategy: ConsumerStrategy;
}

/** A group as it is kept on disk. */
export interface GroupConfig extends GroupKey {
  readonly settings: GroupSettings;
  readonly filter: FilterSpec | undefined;
  /**
   * Where the group began: what `end` meant when the group was created, so that a restart before
   * the first checkpoint skips no event.
   */
  readonly beginsAt: bigint;
}

const PREFIX = '$persistentsubscription-';

/** The streams in which the group keeps its state, named as the real server names them. */
export function checkpointStreamOf({ source, group }: GroupKey): string {
  return `${PREFIX}${source}::${group}-checkpoint`;
}

export function parkedStreamOf({ source, group }: GroupKey): string {
  return `${PREFIX}${source}::${group}-parked`;
}

/** The state of groups on `$all`, which they would otherwise read as events and never end. */
export function isStateOfAllGroup(stream: string): boolean {
  return stream.startsWith(`${PREFIX}${ALL_SOURCE}::`) || stream === '$epoch-information';
}

/** The reason why the real server refuses these settings, if it does. */
export function settingsProblem(settings: GroupSettings): string | undefined {
  const { readBatchSize, historyBufferSize, liveBufferSize } = settings;
  if (readBatchSize <= 0) return 'The read batch size must be greater than 0.';
  if (historyBufferSize <= 0) return 'The history buffer size must be greater than 0.';
  if (liveBufferSize < 0) return 'The live buffer size must not be negative.';
  if (readBatchSize >= historyBufferSize) {
    return 'The read batch size must be smaller than the history buffer size.';
  }
  if (settings.maxRetryCount < 0) return 'The maximum retry count must not be negative.';
  if (settings.messageTimeoutMs < 0) return 'The message timeout must not be negative.';
  if (settings.maxSubscriberCount < 0) return 'The subscriber count must not be negative.';
  return undefined;
}
