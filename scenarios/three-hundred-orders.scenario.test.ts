import { expect } from 'vitest';
import { scenario } from '../harness/scenario/scenario.ts';

const ORDERS = 300;
const USERS = 10;
const PRODUCTS = 3;
/** Per product: fewer than are asked for. */
const STOCK = 60;
const CARDS = 10;
/** Per card, in orders of 1,000 yen: some cards are too small for what they are asked. */
const CARD_ORDERS = 22;

/**
 * Claims: under contention nothing is sold twice and no card is overdrawn; every order ends.
 * Checks: outcomes add up exactly to what stock and cards have left.
 * Could be fooled: by a system that refuses everything; approved must reach what must be possible.
 */
scenario(
  {
    name: 'three-hundred-orders',
    claims: '300 concurrent orders on scarce stock and limited cards add up',
    deadlineMs: 180_000,
  },
  async ({ world }) => {
    const users = await Promise.all(Array.from({ length: USERS }, () => world.user()));
    const skus = await Promise.all(Array.from({ length: PRODUCTS }, () => world.sku(STOCK)));
    const cards = await Promise.all(
      Array.from({ length: CARDS }, () => world.card(CARD_ORDERS * 1_000)),
    );
    const sockets = await Promise.all(
      users.map(async (user, index) => {
        const socket = await user.socket({ node: index % 2 });
        await socket.subscribe({ level: 'outcome' });
        return socket;
      }),
    );
    const outcomes = await Promise.all(
      Array.from({ length: ORDERS }, async (_, index) => {
        const user = users[index % USERS];
        const socket = sockets[index % USERS];
        const sku = skus[index % PRODUCTS] ?? '';
        // 7 and 10 have no common factor: each card meets every product and user.
        const cardToken = cards[(index * 7 + Math.floor(index / CARDS)) % CARDS] ?? '';
        if (user === undefined || socket === undefined) throw new Error('no such user');
        const order = await user.placeOrder({ lines: [{ sku, quantity: 1 }], cardToken });
        const { kind, reason } = await socket.terminal(order.jobId, 120_000);
        return { sku, cardToken, kind, reason };
      }),
    );
    const approved = outcomes.filter((outcome) => outcome.kind === 'SUCCEEDED');
    const refusals = new Set(
      outcomes.filter(({ kind }) => kind !== 'SUCCEEDED').map(({ reason }) => reason),
    );
    expect([...refusals].every((reason) => REFUSALS.has(reason ?? ''))).toBe(true);
    for (const sku of skus) {
      const sold = approved.filter((outcome) => outcome.sku === sku).length;
      const stock = await world.rpc.inventory.call('getStock', { sku });
      expect(stock).toMatchObject({ message: { stock: { reserved: BigInt(sold) } } });
      expect(sold).toBeLessThanOrEqual(STOCK);
    }
    for (const cardToken of cards) {
      const charged = approved.filter((outcome) => outcome.cardToken === cardToken).length;
      const card = await world.rpc.payment.call('getCard', { cardToken });
      expect(card).toMatchObject({
        message: {
          card: { captured: { minorUnits: BigInt(charged * 1_000) }, held: { minorUnits: 0n } },
        },
      });
      expect(charged).toBeLessThanOrEqual(CARD_ORDERS);
    }
    // A refusal for want of stock may have met a reservation that was released later, so the last
    // pieces may stay unsold; half of the stock cannot.
    expect(approved.length).toBeGreaterThan((PRODUCTS * STOCK) / 2);
  },
);

const REFUSALS = new Set(['out-of-stock', 'credit-limit-exceeded']);
