/** All groups of a store: creates, changes and finds them. */
import type { FilterSpec } from '../filter.ts';
import type { EventStore } from '../store.ts';
import { readConfigs, saveConfigs } from './config-stream.ts';
import type { Consumer, Peer } from './consumer.ts';
import { PersistentSubscriptionError } from './errors.ts';
import { Group, type NackAction } from './group.ts';
import {
  ALL_SOURCE,
  checkpointStreamOf,
  type GroupConfig,
  type GroupKey,
  type GroupSettings,
  parkedStreamOf,
  settingsProblem,
} from './settings.ts';

/** Bounds the size of the event that holds the configuration. */
const GROUPS_MAX = 1_000;

/** A consumer's side of its group. */
export interface Connection {
  ack(ids: readonly string[]): void;
  nack(ids: readonly string[], action: NackAction, reason: string): void;
  close(): void;
}

export type GroupInfo = ReturnType<Group['info']>;

export class PersistentSubscriptions implements AsyncDisposable {
  readonly #store: EventStore;
  readonly #nowMs: () => number;
  readonly #groups = new Map<string, Group>();
  /** Changes wait for one another. */
  #changing: Promise<unknown> = Promise.resolve();

  private constructor(store: EventStore, nowMs: () => number) {
    this.#store = store;
    this.#nowMs = nowMs;
  }

  /** Opens every group that the store has. */
  static async open(store: EventStore, nowMs = Date.now): Promise<PersistentSubscriptions> {
    const subscriptions = new PersistentSubscriptions(store, nowMs);
    await subscriptions.#openAll();
    return subscriptions;
  }

  create(key: GroupKey, settings: GroupSettings, filter: FilterSpec | undefined): Promise<void> {
    return this.#change(async () => {
      if (this.#groups.has(nameOf(key))) throw new PersistentSubscriptionError('exists', key);
      if (this.#groups.size >= GROUPS_MAX) {
        throw new PersistentSubscriptionError('failed', key, `There are ${GROUPS_MAX} groups.`);
      }
      await this.#set(await this.#toConfig(key, settings, filter));
    });
  }

  /** Disconnects every consumer; the checkpoint stays. */
  update(key: GroupKey, settings: GroupSettings): Promise<void> {
    return this.#change(async () => {
      const group = this.#get(key);
      const config = await this.#toConfig(key, settings, group.config.filter);
      await group.close(new PersistentSubscriptionError('dropped', key));
      await this.#set(config);
    });
  }

  delete(key: GroupKey): Promise<void> {
    return this.#change(async () => {
      const group = this.#get(key);
      const others = [...this.#groups.values()].filter((other) => other !== group);
      await saveConfigs(
        this.#store,
        others.map(({ config }) => config),
      );
      this.#groups.delete(nameOf(key));
      group.stop(new PersistentSubscriptionError('does-not-exist', key));
      for (const stream of [checkpointStreamOf(key), parkedStreamOf(key)]) {
        await this.#store.delete({ stream, expected: 'any', mode: 'soft' });
      }
    });
  }

  connect(key: GroupKey, peer: Peer): Connection {
    const group = this.#get(key);
    const consumer: Consumer = group.connect(peer);
    return {
      ack: (ids) => group.ack(consumer, ids),
      nack: (ids, action, reason) => group.nack(consumer, ids, action, reason),
      close: () => group.disconnect(consumer),
    };
  }

  replayParked(key: GroupKey, stopAt: bigint | undefined): void {
    this.#get(key).replayParked(stopAt);
  }

  info(key: GroupKey): GroupInfo {
    return this.#get(key).info();
  }

  /** Every group, or those of one source. */
  list(source?: string): GroupInfo[] {
    return [...this.#groups.values()]
      .filter(({ config }) => source === undefined || config.source === source)
      .map((group) => group.info());
  }

  /** Disconnects every consumer and opens all groups again. */
  restart(): Promise<void> {
    return this.#change(async () => {
      await this.#closeAll((key) => new PersistentSubscriptionError('dropped', key));
      await this.#openAll();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#change(() =>
      this.#closeAll((key) => new PersistentSubscriptionError('dropped', key)),
    );
  }

  #change(work: () => Promise<void>): Promise<void> {
    const result = this.#changing.then(work);
    this.#changing = result.catch(() => undefined);
    return result;
  }

  #get(key: GroupKey): Group {
    const group = this.#groups.get(nameOf(key));
    if (group === undefined) throw new PersistentSubscriptionError('does-not-exist', key);
    return group;
  }

  async #toConfig(
    key: GroupKey,
    settings: GroupSettings,
    filter: FilterSpec | undefined,
  ): Promise<GroupConfig> {
    const problem = settingsProblem(settings);
    if (problem !== undefined) throw new PersistentSubscriptionError('failed', key, problem);
    return { ...key, settings, filter, beginsAt: await this.#begin(key, settings.startFrom) };
  }

  async #begin({ source }: GroupKey, from: GroupSettings['startFrom']): Promise<bigint> {
    if (typeof from === 'bigint') return from;
    if (from === 'start') return 0n;
    if (source === ALL_SOURCE) return this.#store.head();
    const last = await this.#store.lastRevision(source);
    return last === 'no_stream' ? 0n : last + 1n;
  }

  async #set(config: GroupConfig): Promise<void> {
    const name = nameOf(config);
    const configs = [...this.#groups.values()].map((group) => group.config);
    const others = configs.filter((other) => nameOf(other) !== name);
    await saveConfigs(this.#store, [...others, config]);
    this.#groups.set(name, await Group.open(config, this.#store, this.#nowMs));
  }

  async #openAll(): Promise<void> {
    for (const config of await readConfigs(this.#store)) {
      this.#groups.set(nameOf(config), await Group.open(config, this.#store, this.#nowMs));
    }
  }

  async #closeAll(errorOf: (key: GroupKey) => Error): Promise<void> {
    const groups = [...this.#groups.values()];
    this.#groups.clear();
    await Promise.all(groups.map((group) => group.close(errorOf(group.config))));
  }
}

const nameOf = ({ source, group }: GroupKey) => `${source}\n${group}`;
