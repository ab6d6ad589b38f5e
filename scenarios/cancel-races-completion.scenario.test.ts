import { expect } from 'vitest';
import { scenario } from '../harness/scenario/scenario.ts';

/** Enough races for several to fall on either side of the approval. */
const RACES = 8;

/**
 * Claims: a cancellation that comes while the order is being placed waits its turn: both jobs end,
 * each once, and the end state is one that some order of the two explains.
 * Checks: cancellations sent at once or after a growing number of progress frames.
 * Could be fooled: by always the same interleaving; hence the spread.
 */
scenario(
  { name: 'cancel-races-completion', claims: 'cancel and completion at once end consistently' },
  async ({ world }) => {
    const user = await world.user();
    const [sku, cardToken] = await Promise.all([world.sku(RACES), world.card(RACES * 1_000)]);
    const socket = await user.socket();
    await socket.subscribe({ level: 'progress' });
    const race = async (updatesBefore: number): Promise<void> => {
      const order = await user.placeOrder({ lines: [{ sku, quantity: 1 }], cardToken });
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
    await Promise.all(Array.from({ length: RACES }, (_, index) => race(index % 6)));
    const stock = await world.rpc.inventory.call('getStock', { sku });
    expect(stock).toMatchObject({ message: { stock: { available: BigInt(RACES) } } });
    const card = await world.rpc.payment.call('getCard', { cardToken });
    expect(card).toMatchObject({ message: { card: { captured: { minorUnits: 0n } } } });
  },
);
