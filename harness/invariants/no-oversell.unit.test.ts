import { expect, it } from 'vitest';
import { describeInvariant, judge } from '../checker/testing/judge.ts';
import { goodStory } from '../checker/testing/story.ts';
import { noOversell } from './no-oversell.ts';

const RESERVED = 'a.RESERVE_STOCK.event';
const RELEASED = 'r.undo-RESERVE_STOCK.event';
const lines = (quantity: number, sku = 'sku-a') => [{ sku, quantity }];
const reservedFor = (orderId: string, quantity: number) => ({
  key: orderId,
  value: {
    messageId: `reserved-${orderId}`,
    orderId,
    payload: { type: 'StockReserved', lines: lines(quantity) },
  },
});

describeInvariant(
  noOversell,
  [
    {
      anomaly: 'more reserved than was received',
      edit: (to) => to.again(RESERVED, reservedFor('order-r', 1)),
      says: /3 of sku-a were reserved at once; only 2 were received/,
      shows: [RESERVED, `${RESERVED}.again`],
    },
    {
      anomaly: 'more reserved than was received for a while only',
      edit: (to) =>
        // The other order holds its piece until its undoing is asked for, much later.
        to
          .edit('r.RESERVE_STOCK.event', {
            timestampMs: to.nowMs,
            value: { payload: { type: 'StockReserved', lines: lines(1) } },
          })
          .edit('r.undo-RESERVE_STOCK.command', { timestampMs: to.nowMs + 1_000 })
          .edit(RELEASED, {
            timestampMs: to.nowMs + 2_000,
            value: { payload: { type: 'StockReleased', effective: true, lines: lines(1) } },
          }),
      says: /3 of sku-a were reserved at once; only 2 were received/,
      shows: [RESERVED, 'r.RESERVE_STOCK.event'],
    },
    {
      anomaly: 'a release that frees something else than was held',
      edit: (to) =>
        to.edit(RELEASED, {
          value: {
            payload: { type: 'StockReleased', effective: true, lines: lines(1, 'sku-r') },
          },
        }),
      says: /StockReleased of order order-r frees 1 × sku-r; held was 2 × sku-r/,
      shows: ['r.RESERVE_STOCK.event', RELEASED],
    },
    {
      anomaly: 'stock that inventory itself counts as oversold',
      edit: (to) =>
        to.edit('state.stock.a', { value: { received: 2, reserved: 3, available: -1 } }),
      says: /Inventory has 3 of sku-a reserved and 2 received/,
      shows: ['state.stock.a'],
    },
    {
      anomaly: 'a receipt that was lost',
      edit: (to) => to.edit('state.stock.a', { value: { received: 1, reserved: 1, available: 0 } }),
      says: /Inventory counts 1 of sku-a received; its events say 2/,
      shows: ['a.StockReceived', 'state.stock.a'],
    },
    {
      anomaly: 'a reservation that inventory does not count',
      edit: (to) => to.edit('state.stock.a', { value: { received: 2, reserved: 0, available: 2 } }),
      says: /Inventory counts 0 of sku-a reserved; its events add up to 2/,
      shows: [RESERVED, 'state.stock.a'],
    },
  ],
  [
    {
      legal: 'a reservation that is said again in answer to another message',
      edit: (to) => to.again(RESERVED, { value: { messageId: 'other', causationId: 'other' } }),
    },
    {
      legal: 'stock that is sold again after it was released',
      edit: (to) =>
        to
          .edit('c.RESERVE_STOCK.event', {
            value: { payload: { type: 'StockReserved', lines: lines(2, 'sku-r') } },
          })
          .edit('c.cancel.RESTOCK_ITEMS.event', {
            value: {
              payload: { type: 'StockRestocked', effective: true, lines: lines(2, 'sku-r') },
            },
          }),
    },
  ],
);

it('does not judge a product that was received before the run', () => {
  const { to } = goodStory();
  to.edit('state.stock.a', { value: { received: 12, reserved: 9, available: 3 } });
  expect(judge(noOversell, to.build())).toMatchObject({
    verdict: 'unknown',
    reason: expect.stringContaining('sku-a'),
  });
});
