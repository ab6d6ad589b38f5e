import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';

const ORDERS = 5;
const PAGE_SIZE = 2;
const PAGES_MAX = 10;

/**
 * Claims: a customer's orders are listed page by page, newest first, each once.
 * Checks: all pages of a customer who placed several orders in sequence.
 * Could be fooled: by a first page that has them all; hence each page is at most as long as asked.
 */
export default defineScenario({
  name: 'order-history-pages',
  claims: 'pages have each order once, newest first',
  async play({ world }) {
    const user = await world.user();
    const [sku, cardToken] = await Promise.all([world.sku(ORDERS), world.card()]);
    const placed: string[] = [];
    for (let n = 0; n < ORDERS; n += 1) {
      const order = await user.placeOrder({ lines: [{ sku, quantity: 1 }], cardToken });
      await user.jobEnded(order.jobId);
      await world.historyShows(user, order.orderId, 'APPROVED');
      placed.unshift(order.orderId);
    }
    const listed: string[] = [];
    let token: unknown = '';
    for (let page = 1; page <= PAGES_MAX && token !== null; page += 1) {
      const after = token === '' ? '' : `&pageToken=${encodeURIComponent(String(token))}`;
      const { status, body } = await user.listOrders(`?pageSize=${PAGE_SIZE}${after}`);
      expect(status).toBe(200);
      const orders = body['orders'] as ReadonlyArray<{ orderId: string }>;
      expect(orders.length).toBeLessThanOrEqual(PAGE_SIZE);
      listed.push(...orders.map(({ orderId }) => orderId));
      token = body['nextPageToken'];
    }
    expect(listed).toEqual(placed);
  },
});
