import type { Random } from '../harness/kernel/random.ts';
import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';

const ORDERS = 300;
const USERS = 10;
const PRODUCTS = 3;
const PIECES_MAX = 2;
/** Per product: fewer than are ordered. */
const STOCK = 60;
const CARDS = 10;
/** Per card, in pieces of 1,000 yen: less than is ordered with it. */
const CARD_PIECES = 22;

/**
 * Claims: under contention nothing is sold twice and no card exceeds its limit; every order ends.
 * Checks: the approved orders add up exactly to the reserved stock and the charged amounts. The
 * seed draws who orders what with which card; each user, product and card has its share.
 * Could be fooled: by a system that refuses everything; hence the number of pieces that must be
 * sold.
 */
export default defineScenario({
  name: 'three-hundred-orders',
  claims: '300 concurrent orders on scarce stock and limited cards add up',
  instances: { websocket: 2 },
  deadlineMs: 300_000,
  async play({ world }) {
    const users = await Promise.all(Array.from({ length: USERS }, () => world.user()));
    const skus = await Promise.all(Array.from({ length: PRODUCTS }, () => world.sku(STOCK)));
    const cards = await Promise.all(
      Array.from({ length: CARDS }, () => world.card(CARD_PIECES * 1_000)),
    );
    const sockets = await Promise.all(
      users.map(async (user, index) => {
        const socket = await user.socket({ node: index % 2 });
        await socket.subscribe({ level: 'outcome' });
        return socket;
      }),
    );
    const outcomes = await Promise.all(
      mixOf(world.random).map(async ({ who, product, card, quantity }) => {
        const user = users[who];
        const socket = sockets[who];
        const sku = skus[product] ?? '';
        const cardToken = cards[card] ?? '';
        if (user === undefined || socket === undefined) throw new Error('no such user');
        const order = await user.placeOrder({ lines: [{ sku, quantity }], cardToken });
        const { kind, reason } = await socket.terminal(order.jobId, 120_000);
        return { sku, cardToken, quantity, kind, reason };
      }),
    );
    const approved = outcomes.filter((outcome) => outcome.kind === 'SUCCEEDED');
    const refusals = new Set(
      outcomes.filter(({ kind }) => kind !== 'SUCCEEDED').map(({ reason }) => reason),
    );
    expect([...refusals].every((reason) => REFUSALS.has(reason ?? ''))).toBe(true);
    for (const sku of skus) {
      const sold = pieces(approved.filter((outcome) => outcome.sku === sku));
      const stock = await world.rpc.inventory.call('getStock', { sku });
      expect(stock).toMatchObject({ message: { stock: { reserved: BigInt(sold) } } });
      expect(sold).toBeLessThanOrEqual(STOCK);
    }
    for (const cardToken of cards) {
      const charged = pieces(approved.filter((outcome) => outcome.cardToken === cardToken));
      const card = await world.rpc.payment.call('getCard', { cardToken });
      expect(card).toMatchObject({
        message: {
          card: { captured: { minorUnits: BigInt(charged * 1_000) }, held: { minorUnits: 0n } },
        },
      });
      expect(charged).toBeLessThanOrEqual(CARD_PIECES);
    }
    // An order may be refused because of a reservation that is released later, so the last pieces
    // may stay unsold; half of the stock cannot.
    expect(pieces(approved)).toBeGreaterThan((PRODUCTS * STOCK) / 2);
  },
});

/** Who orders which product, how many, with which card. */
function mixOf(random: Random) {
  const shares = (of: number) =>
    random.shuffled(Array.from({ length: ORDERS }, (_, index) => index % of));
  const [whos, products, cards] = [shares(USERS), shares(PRODUCTS), shares(CARDS)];
  return whos.map((who, index) => ({
    who,
    product: products[index] ?? 0,
    card: cards[index] ?? 0,
    quantity: random.integer(1, PIECES_MAX),
  }));
}

const pieces = (outcomes: ReadonlyArray<{ readonly quantity: number }>): number =>
  outcomes.reduce((sum, { quantity }) => sum + quantity, 0);

const REFUSALS = new Set(['out-of-stock', 'credit-limit-exceeded']);
