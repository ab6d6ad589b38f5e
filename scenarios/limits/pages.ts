import pMap from 'p-map';
import { LIMITS } from '../../contracts/spec/limits.generated.ts';
import type { RestResponse } from '../../harness/clients/rest.ts';
import type { RecordedSocket } from '../../harness/clients/socket.ts';
import { until } from '../../harness/kernel/poll.ts';
import { expect } from '../../harness/scenario/expect.ts';
import type { User } from '../../harness/scenario/user.ts';
import type { World } from '../../harness/scenario/world.ts';

const SIZE_DEFAULT = 20;
const SIZE_MAX = LIMITS.query.page;
const ENTRIES = SIZE_MAX + 1;
const AT_ONCE = 8;
const PAGES_MAX = 50;

/** Ids of the commands that a user sent. */
export interface Placed {
  readonly orderId: string;
  readonly jobId: string;
}

/**
 * Reads the orders and jobs of a user who has more than a page may have, in pages of the default
 * size and of the largest. Each entry comes once, and no page is longer than it may be.
 */
export async function checkPages(given: {
  readonly world: World;
  readonly user: User;
  /** Sees how all jobs of the user end. */
  readonly socket: RecordedSocket;
  readonly before: readonly Placed[];
}): Promise<void> {
  const { world, user, socket, before } = given;
  const lines = [{ sku: world.name('sku'), quantity: 1 }];
  const missing = Array.from({ length: Math.max(1, ENTRIES - before.length) });
  const more = await pMap(missing, () => user.placeOrder({ lines, cardToken: 'none' }), {
    concurrency: AT_ONCE,
  });
  for (const { jobId } of more) await socket.terminal(jobId);
  const placed = [...before, ...more];
  const lists = [
    ['orders', 'orderId', (query: string) => user.listOrders(query)],
    ['jobs', 'jobId', (query: string) => user.listJobs(query)],
  ] as const;
  for (const [name, id, read] of lists) {
    const due = placed.map((one) => one[id]).toSorted();
    const pages = (size: number | undefined) => readAll({ name, id, read, size });
    await until(`the list of ${name} to be complete`, async () => {
      return (await pages(SIZE_MAX)).ids.length >= due.length;
    });
    for (const size of [undefined, SIZE_MAX]) {
      const label = `${name} in pages of ${size ?? 'the default'}`;
      const { ids, lengths } = await pages(size);
      expect(ids.toSorted(), label).toEqual(due);
      expect(Math.max(...lengths), label).toBe(size ?? SIZE_DEFAULT);
    }
  }
}

async function readAll(list: {
  readonly name: string;
  readonly id: string;
  readonly read: (query: string) => Promise<RestResponse>;
  readonly size: number | undefined;
}): Promise<{ readonly ids: readonly string[]; readonly lengths: readonly number[] }> {
  const ids: string[] = [];
  const lengths: number[] = [];
  for (let token: string | null = ''; token !== null; ) {
    const query: URLSearchParams = new URLSearchParams({
      ...(list.size === undefined ? {} : { pageSize: `${list.size}` }),
      ...(token === '' ? {} : { pageToken: token }),
    });
    const { status, body } = await list.read(`?${query}`);
    expect(status, list.name).toBe(200);
    const items = body[list.name] as ReadonlyArray<Readonly<Record<string, string>>>;
    ids.push(...items.map((item) => item[list.id] ?? ''));
    lengths.push(items.length);
    token = body['nextPageToken'] as string | null;
    if (lengths.length > PAGES_MAX) throw new Error(`the list of ${list.name} does not end`);
  }
  return { ids, lengths };
}
