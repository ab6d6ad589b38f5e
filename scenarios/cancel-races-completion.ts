import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';
import type { World } from '../harness/scenario/world.ts';

/** Enough for several cancellations before and several after the approval. */
const RACES = 8;
/** Progress frames of an order that is approved. */
const FRAMES_MAX = 5;
const PIECES_MAX = 3;

/**
 * Claims: a cancellation that arrives while the order is being placed waits for its end: both jobs
 * succeed, each once, and the end state is that of a cancelled order.
 * Checks: cancellations of two users, sent at once or after each possible number of progress
 * frames.
 * Could be fooled: by one interleaving only; hence each number of frames occurs, and the seed
 * draws users and quantities.
 */
export default defineScenario({
  name: 'cancel-races-completion',
  claims: 'a cancellation during completion ends consistently',
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
