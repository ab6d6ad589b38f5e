/** Requests that name, create, change and describe groups, between protobuf and the domain. */
import persistentPb from '@eventstore/db-client/generated/persistent_pb.js';
import type sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import type { FilterSpec } from '../filter.ts';
import { positionText } from '../persistent/group.ts';
import type { GroupInfo } from '../persistent/registry.ts';
import {
  ALL_SOURCE,
  CONSUMER_STRATEGIES,
  type ConsumerStrategy,
  type GroupConfig,
  type GroupKey,
  type GroupSettings,
  type StartFrom,
} from '../persistent/settings.ts';
import { invalidArgument } from './errors.ts';
import { fromFilterOptions } from './filter.ts';
import { fromStreamIdentifier } from './identifiers.ts';

const TICKS_PER_MS = 10_000;
/** The old field for the start of a stream group has the largest number for its end. */
const UINT64_MAX = 18_446_744_073_709_551_615n;
const GROUP_NAME_LENGTH_MAX = 1_024;

type CreateOptions = persistentPb.CreateReq.Options;
type UpdateOptions = persistentPb.UpdateReq.Options;

export interface NewGroup {
  readonly key: GroupKey;
  readonly settings: GroupSettings;
  readonly filter: FilterSpec | undefined;
}

/** What Create and Update ask for; only Create can name a filter. */
export function fromNewGroup(options: CreateOptions | UpdateOptions | undefined): NewGroup {
  const settings = options?.getSettings();
  if (options === undefined || settings === undefined) {
    throw invalidArgument('The options or settings of the group are missing.');
  }
  const all = options.getAll();
  const stream = options.getStream();
  const filter = all !== undefined && 'getFilter' in all ? all.getFilter() : undefined;
  const source =
    all === undefined
      ? fromStreamIdentifier(stream?.getStreamIdentifier() ?? options.getStreamIdentifier())
      : ALL_SOURCE;
  return {
    key: { source, group: groupName(options.getGroupName()) },
    settings: { ...fromSettings(settings), startFrom: fromStart(options) },
    filter: fromFilterOptions(filter)?.spec,
  };
}

function fromStart(options: CreateOptions | UpdateOptions): StartFrom {
  const all = options.getAll();
  if (all !== undefined) {
    if (all.hasStart()) return 'start';
    if (all.hasEnd()) return 'end';
    return BigInt(all.getPosition()?.getCommitPosition() ?? '0');
  }
  const stream = options.getStream();
  if (stream?.hasStart()) return 'start';
  if (stream?.hasEnd()) return 'end';
  const revision = BigInt(
    stream?.hasRevision() ? stream.getRevision() : (options.getSettings()?.getRevision() ?? '0'),
  );
  if (revision === UINT64_MAX) return 'end';
  return revision === 0n ? 'start' : revision;
}

type SettingsMessage = persistentPb.CreateReq.Settings | persistentPb.UpdateReq.Settings;

function fromSettings(settings: SettingsMessage): Omit<GroupSettings, 'startFrom'> {
  return {
    resolvesLinks: settings.getResolveLinks(),
    extraStatistics: settings.getExtraStatistics(),
    messageTimeoutMs: settings.hasMessageTimeoutMs()
      ? settings.getMessageTimeoutMs()
      : Number(settings.getMessageTimeoutTicks()) / TICKS_PER_MS,
    maxRetryCount: settings.getMaxRetryCount(),
    checkpointAfterMs: settings.hasCheckpointAfterMs()
      ? settings.getCheckpointAfterMs()
      : Number(settings.getCheckpointAfterTicks()) / TICKS_PER_MS,
    minCheckpointCount: settings.getMinCheckpointCount(),
    maxCheckpointCount: settings.getMaxCheckpointCount(),
    maxSubscriberCount: settings.getMaxSubscriberCount(),
    liveBufferSize: settings.getLiveBufferSize(),
    readBatchSize: settings.getReadBatchSize(),
    historyBufferSize: settings.getHistoryBufferSize(),
    strategy: fromStrategy(settings),
  };
}

const STRATEGY_NUMBERS: readonly ConsumerStrategy[] = ['DispatchToSingle', 'RoundRobin', 'Pinned'];

function fromStrategy(settings: SettingsMessage): ConsumerStrategy {
  const name = 'getConsumerStrategy' in settings ? settings.getConsumerStrategy() : '';
  const strategy =
    name === ''
      ? STRATEGY_NUMBERS[settings.getNamedConsumerStrategy()]
      : CONSUMER_STRATEGIES.find((known) => known === name);
  if (strategy === undefined) {
    const known = CONSUMER_STRATEGIES.join(', ');
    throw invalidArgument(`Unknown consumer strategy '${name}'; known: ${known}.`);
  }
  return strategy;
}

interface KeyMessage {
  hasAll(): boolean;
  getStreamIdentifier(): sharedPb.StreamIdentifier | undefined;
  getGroupName(): string;
}

/** The group that a request names. */
export function fromKey(options: KeyMessage | undefined): GroupKey {
  if (options === undefined) throw invalidArgument('The options of the call are missing.');
  const source = options.hasAll()
    ? ALL_SOURCE
    : fromStreamIdentifier(options.getStreamIdentifier());
  return { source, group: groupName(options.getGroupName()) };
}

function groupName(name: string): string {
  if (name === '') throw invalidArgument('The group name is missing.');
  if (name.length > GROUP_NAME_LENGTH_MAX) {
    throw invalidArgument(`The group name is longer than ${GROUP_NAME_LENGTH_MAX} characters.`);
  }
  return name;
}

/** A group with its consumers, as GetInfo and List describe it. */
export function toInfo(info: GroupInfo): persistentPb.SubscriptionInfo {
  const { config } = info;
  const { settings } = config;
  const text = (position: bigint | undefined) =>
    position === undefined ? '' : positionText(config, position);
  return new persistentPb.SubscriptionInfo()
    .setEventSource(config.source)
    .setGroupName(config.group)
    .setStatus('Live')
    .setConnectionsList(info.consumers.map((consumer) => toConnection(consumer, settings)))
    .setAveragePerSecond(info.averagePerSecond)
    .setTotalItems(`${info.totalItems}`)
    .setCountSinceLastMeasurement(`${info.countSinceLastMeasurement}`)
    .setLastCheckpointedEventPosition(text(info.checkpoint))
    .setLastKnownEventPosition(text(info.lastKnown))
    .setStartFrom(startText(config))
    .setMessageTimeoutMilliseconds(settings.messageTimeoutMs)
    .setCheckPointAfterMilliseconds(settings.checkpointAfterMs)
    .setResolveLinkTos(settings.resolvesLinks)
    .setExtraStatistics(settings.extraStatistics)
    .setMaxRetryCount(settings.maxRetryCount)
    .setLiveBufferSize(settings.liveBufferSize)
    .setBufferSize(settings.historyBufferSize)
    .setReadBatchSize(settings.readBatchSize)
    .setMinCheckPointCount(settings.minCheckpointCount)
    .setMaxCheckPointCount(settings.maxCheckpointCount)
    .setMaxSubscriberCount(settings.maxSubscriberCount)
    .setNamedConsumerStrategy(settings.strategy)
    .setReadBufferCount(info.bufferedCount)
    .setLiveBufferCount('0')
    .setRetryBufferCount(info.retryCount)
    .setTotalInFlightMessages(info.inFlightCount)
    .setOutstandingMessagesCount(info.inFlightCount)
    .setParkedMessageCount(`${info.parkedCount}`);
}

function startText(config: GroupConfig): string {
  const { startFrom } = config.settings;
  if (typeof startFrom === 'bigint') return positionText(config, startFrom);
  return positionText(config, startFrom === 'start' ? 0n : -1n);
}

function toConnection(
  consumer: GroupInfo['consumers'][number],
  { extraStatistics }: GroupSettings,
): persistentPb.SubscriptionInfo.ConnectionInfo {
  return new persistentPb.SubscriptionInfo.ConnectionInfo()
    .setFrom(consumer.peer.from)
    .setUsername(consumer.peer.username)
    .setConnectionName(consumer.peer.connectionName)
    .setAverageItemsPerSecond(consumer.averagePerSecond)
    .setTotalItems(`${consumer.totalItems}`)
    .setCountSinceLastMeasurement(`${consumer.countSinceLastMeasurement}`)
    .setAvailableSlots(consumer.availableSlots)
    .setInFlightMessages(consumer.inFlightCount)
    .setObservedMeasurementsList(extraStatistics ? toMeasurements(consumer.latenciesMs) : []);
}

/** The keys of the real server: the share of the messages that were at most this slow. */
const SHARES: Readonly<Record<string, number>> = {
  Median: 0.5,
  Fastest: 0,
  'Quintile 1': 0.2,
  'Quintile 2': 0.4,
  'Quintile 3': 0.6,
  'Quintile 4': 0.8,
  'Quintile 5': 1,
  '90%': 0.9,
  '95%': 0.95,
  '99%': 0.99,
  '99.5%': 0.995,
  '99.9%': 0.999,
  Highest: 1,
};

function toMeasurements(latenciesMs: readonly number[]) {
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  const sum = sorted.reduce((total, latency) => total + latency, 0);
  const values = Object.entries(SHARES).map(([key, share]): [string, number] => {
    const index = Math.min(Math.floor(share * sorted.length), sorted.length - 1);
    return [key, sorted[index] ?? 0];
  });
  values.unshift(['Mean', sorted.length === 0 ? 0 : sum / sorted.length]);
  return values.map(([key, value]) =>
    new persistentPb.SubscriptionInfo.Measurement().setKey(key).setValue(`${Math.round(value)}`),
  );
}
