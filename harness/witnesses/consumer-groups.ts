import type { Admin } from 'kafkajs';
import type { RecordEvent } from './recorder.ts';

/** Consumer groups of the broker: how far behind they are, and which ones a run leaves. */
export class ConsumerGroups {
  readonly #admin: Admin;
  /** The witness's own group, which is not part of the system. */
  readonly #own: string;
  readonly #before: ReadonlySet<string>;

  private constructor(admin: Admin, own: string, before: ReadonlySet<string>) {
    this.#admin = admin;
    this.#own = own;
    this.#before = before;
  }

  /** Notes the groups that are there now. */
  static async start(admin: Admin, own: string): Promise<ConsumerGroups> {
    const { groups } = await admin.listGroups();
    return new ConsumerGroups(admin, own, new Set(groups.map(({ groupId }) => groupId)));
  }

  /** Records that groups have not read yet, over all groups with members. */
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

  /** Records the groups that came up since the start. */
  async record(record: RecordEvent): Promise<void> {
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
    }
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
