import { expect } from 'vitest';
import { scenario } from '../harness/scenario/scenario.ts';

/**
 * Claims: a user who is on two nodes at once gets everything on both, and leaving one does not
 * silence the other.
 * Checks: the same frames on both; then one socket goes, a new one comes on the same node, and the
 * next order reaches what is open.
 * Could be fooled: by one node that serves both; the sockets are opened by address.
 */
scenario(
  { name: 'two-websocket-nodes', claims: 'one user on two nodes sees the same on both' },
  async ({ world }) => {
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
    await left.close();
    const second = await place();
    await Promise.all([right.terminal(second.jobId), newer.terminal(second.jobId)]);
    expect(left.updates(second.jobId)).toEqual([]);
  },
);
