import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';
import type { World } from '../harness/scenario/world.ts';

/** Enough races for several to fall on either side of the approval. */
const RACES = 8;
/** Progress frames of an order that nothing stands against. */
const FRAMES_MAX = 5;
const PIECES_MAX = 3;

/**
 * Claims: a cancellation that comes while the order is being placed waits its turn: both jobs end,
 * each once, and the end state is one that some order of the two explains.
 * Checks: cancellations of two users, sent at once or after up to as many progress frames as come.
 * Could be fooled: by always the same interleaving; each count occurs, who and what else is drawn.
 */
export default defineScenario({
  name: 'cancel-races-completion',
  claims: 'cancel and completion at once end consistently',
  async play({ world }) {
    const { random } = world;
    const races = random
      .shuffled(Array.from({ length: RACES }, (_, index) => index))
      .map((index) => ({
        updatesBefore: index <= FRAMES_MAX ? index : random.integer(0, FRAMES_MAX),
        who: random.integer(0, 1),
        quantity: random.integer(1, PIECES_MAX),
      }));
    const pieces = RACES * PIECES_MAX;
    const [sku, cardToken] = await Promise.all([world.sku(pieces), world.card(pieces * 1_000)]);
    const users = await Promise.all([customer(world), customer(world)]);
    const race = async ({ updatesBefore, who, quantity }: (typeof races)[number]) => {
      const { user, socket } = users[who] as (typeof users)[number];
      const order = await user.placeOrder({ lines: [{ sku, quantity }], cardToken });
      await socket.waitFor(
        `${updatesBefore} updates of job ${order.jobId}`,
        () => socket.updates(order.jobId).length >= updatesBefore,
      );
      const cancel = await user.cancelOrder(order.orderId);
      const [placed, cancelled] = await Promise.all([
        socket.terminal(order.jobId),
        socket.terminal(cancel.jobId),
      ]);
      expect([placed.kind, cancelled.kind]).toEqual(['SUCCEEDED', 'SUCCEEDED']);
      expect(await user.wholeOrder(order.orderId)).toMatchObject({
        status: 'CANCELLED',
        payment: { status: 'REFUNDED' },
      });
    };
    await Promise.all(races.map(race));
    const stock = await world.rpc.inventory.call('getStock', { sku });
    expect(stock).toMatchObject({ message: { stock: { available: BigInt(pieces) } } });
    const card = await world.rpc.payment.call('getCard', { cardToken });
    expect(card).toMatchObject({ message: { card: { captured: { minorUnits: 0n } } } });
  },
});

async function customer(world: World) {
  const user = await world.user();
  const socket = await user.socket();
  await socket.subscribe({ level: 'progress' });
  return { user, socket };
}
