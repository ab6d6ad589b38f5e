import { until } from '../harness/kernel/poll.ts';
import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';
import type { World } from '../harness/scenario/world.ts';
import { socketEntries } from './sockets/entries.ts';

/**
 * Claims: a user with sockets on two nodes gets all updates on both, and closing one socket does
 * not affect the others.
 * Checks: the same frames on both; then one socket closes, a new one opens on the same node, and
 * the next order reaches the open ones; in Redis exactly one entry is removed.
 * Could be fooled: by one node that serves both sockets; hence they are opened by address.
 */
export default defineScenario({
  name: 'two-websocket-nodes',
  claims: 'one user on two nodes sees the same on both',
  instances: { websocket: 2 },
  async play({ world }) {
    const user = await world.user();
    const [sku, cardToken] = await Promise.all([world.sku(5), world.card()]);
    const [node, other] = world.random.shuffled([0, 1]) as [number, number];
    const [left, right] = await Promise.all([user.socket({ node }), user.socket({ node: other })]);
    await Promise.all([
      left.subscribe({ level: 'progress' }),
      right.subscribe({ level: 'progress' }),
    ]);
    const place = () => user.placeOrder({ lines: [{ sku, quantity: 1 }], cardToken });
    const first = await place();
    await Promise.all([left.terminal(first.jobId), right.terminal(first.jobId)]);
    const sequences = (socket: typeof left) =>
      socket.updates(first.jobId).map((frame) => frame.sequence);
    expect(sequences(left).length).toBeGreaterThan(1);
    expect(sequences(left)).toEqual(sequences(right));

    const newer = await user.socket({ node });
    await newer.subscribe({ level: 'outcome' });
    const before = await entriesOf(world, user.userId);
    await left.close();
    const after = await until('the entry of the closed socket to be removed', async () => {
      const entries = await entriesOf(world, user.userId);
      return entries === undefined || entries !== before ? { entries } : undefined;
    });
    expect(after.entries).toBe(before === undefined ? undefined : before - 1);
    const second = await place();
    await Promise.all([right.terminal(second.jobId), newer.terminal(second.jobId)]);
    expect(left.updates(second.jobId)).toEqual([]);
  },
});

const entriesOf = async (world: World, userId: string): Promise<number | undefined> =>
  (await socketEntries(world, userId))?.length;
