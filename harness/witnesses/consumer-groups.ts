import { type Admin, Kafka, logLevel } from 'kafkajs';
import { witnessGroup } from './kafka-witness.ts';
import type { RecordEvent, Witness } from './witness.ts';

export const consumerGroups: Witness = {
  name: 'consumer-groups',
  sources: ['kafka'],
  settles: 'snapshot',
  async start({ book, run, record }) {
    const clientId = `sagaproof-groups-${run}`;
    const kafka = new Kafka({
      clientId,
      brokers: [book.kafka.bootstrap],
      logLevel: logLevel.NOTHING,
    });
    const admin = kafka.admin();
    await admin.connect();
    const groups = await ConsumerGroups.start(admin, witnessGroup(run));
    let events = 0;
    return {
      get events() {
        return events;
      },
      drained: async () => (await groups.lag()) === 0,
      async settle() {
        events = await groups.record(record);
      },
      close: () => admin.disconnect(),
    };
  },
};

/** Consumer groups of the broker: their lag, and which ones a run leaves. */
export class ConsumerGroups {
  readonly #admin: Admin;
  /** The group of the Kafka witness, which is not part of the system. */
  readonly #own: string;
  readonly #before: ReadonlySet<string>;

  private constructor(admin: Admin, own: string, before: ReadonlySet<string>) {
    this.#admin = admin;
    this.#own = own;
    this.#before = before;
  }

  /** Remembers the groups that exist now. */
  static async start(admin: Admin, own: string): Promise<ConsumerGroups> {
    const { groups } = await admin.listGroups();
    return new ConsumerGroups(admin, own, new Set(groups.map(({ groupId }) => groupId)));
  }

  /** Records that all groups with members together have not read yet. */
  async lag(): Promise<number> {
    const ends = new Map<string, bigint>();
    let lag = 0n;
    for (const group of await this.#describe()) {
      if (group.members.length === 0) continue;
      for (const { topic, partitions } of await this.#admin.fetchOffsets({
        groupId: group.groupId,
      })) {
        for (const { partition, offset } of partitions) {
          // -1: the group has not committed anything of this partition.
          if (Number(offset) < 0) continue;
          lag += (await this.#end(ends, topic, partition)) - BigInt(offset);
        }
      }
    }
    return Number(lag);
  }

  /** Records the groups that were created since the start. Resolves with how many. */
  async record(record: RecordEvent): Promise<number> {
    let recorded = 0;
    for (const { groupId, state, members } of await this.#describe()) {
      if (this.#before.has(groupId)) continue;
      record({
        type: 'state',
        source: 'kafka',
        kind: 'group',
        service: '',
        key: groupId,
        value: { state, members: members.length },
      });
      recorded++;
    }
    return recorded;
  }

  async #describe() {
    const { groups } = await this.#admin.listGroups();
    const ids = groups.map(({ groupId }) => groupId).filter((id) => id !== this.#own);
    if (ids.length === 0) return [];
    return (await this.#admin.describeGroups(ids)).groups;
  }

  async #end(ends: Map<string, bigint>, topic: string, partition: number): Promise<bigint> {
    const known = ends.get(`${topic}/${partition}`);
    if (known !== undefined) return known;
    for (const { partition: each, high } of await this.#admin.fetchTopicOffsets(topic)) {
      ends.set(`${topic}/${each}`, BigInt(high));
    }
    return ends.get(`${topic}/${partition}`) ?? 0n;
  }
}
