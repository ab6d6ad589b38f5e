import { FaultNotLandedError } from '../harness/links/fault.ts';
import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';

/**
 * Claims: a client that reconnects and resumes after the last sequence number it saw misses no
 * update at its level and gets none twice.
 * Checks: the connection is cut after the first updates; a second socket resumes on another node; a
 * third replays the whole job: both views must be the same.
 * Could be fooled: by a cut after the outcome; hence the cut must come before it.
 */
export default defineScenario({
  name: 'reconnect-and-resume',
  claims: 'a resumed socket has no gap and no duplicate',
  instances: { websocket: 2 },
  async play({ world }) {
    const user = await world.user();
    const before = world.random.integer(1, 3);
    const [sku, cardToken] = await Promise.all([world.sku(3), world.card(10_000, 'tok_slow_2')]);
    const first = await user.socket({ node: 0 });
    // Before the order: its first updates must not be over when the socket is cut.
    await first.subscribe({ level: 'detail' });
    const order = await user.placeOrder({ lines: [{ sku, quantity: 1 }], cardToken });
    await first.waitFor(`${before} updates`, () => first.updates(order.jobId).length >= before);
    await first.cut();
    const seen = first.updates(order.jobId);
    if (seen.some(({ kind }) => kind === 'SUCCEEDED')) {
      throw new FaultNotLandedError('the socket was cut after the job had ended');
    }

    const second = await user.socket({ node: 1, via: 'subprotocol' });
    const last = seen.at(-1)?.sequence ?? 0;
    await second.resume({ [order.jobId]: last }, 'detail');
    await second.terminal(order.jobId);
    const sequences = [...seen, ...second.updates(order.jobId)].map((frame) => frame.sequence);
    expect(sequences).toEqual(sequences.map((_, index) => index + 1));

    const replay = await user.socket({ node: 0 });
    await replay.subscribe({ jobId: order.jobId, level: 'detail' });
    await replay.terminal(order.jobId);
    expect(replay.updates(order.jobId).map((frame) => frame.sequence)).toEqual(sequences);
  },
});
