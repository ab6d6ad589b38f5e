import { expect, it } from 'vitest';
import { describeInvariant, judge } from '../checker/testing/judge.ts';
import { goodStory } from '../checker/testing/story.ts';
import { outboxConservation } from './outbox-conservation.ts';

const RESERVED = 'a.RESERVE_STOCK.event';
const ROW = 'a.RESERVE_STOCK.event.outbox';

describeInvariant(
  outboxConservation,
  [
    {
      anomaly: 'a committed row that is never published',
      edit: (to) => to.without(RESERVED),
      says: /Row m-\d+ \(StockReserved, key order-a\) of inventory was committed, but never published/,
      shows: [ROW],
    },
    {
      anomaly: 'a message that no outbox has a row of',
      edit: (to) => to.without(ROW),
      says: /Event \d+ was published on inventory.events, but no outbox has a committed row/,
      shows: [RESERVED],
    },
    {
      anomaly: 'a row that is published under another key',
      edit: (to) => to.edit(RESERVED, { key: 'order-r' }),
      says: /Row m-\d+ of inventory is StockReserved with key order-a, but was published/,
      shows: [RESERVED, ROW],
    },
    {
      anomaly: 'a row that is published as another type',
      edit: (to) => to.edit(ROW, { value: { eventType: 'StockReleased' } }),
      says: /is StockReleased with key order-a, but was published on inventory.events with another/,
      shows: [RESERVED, ROW],
    },
    {
      anomaly: 'a row that is published on another topic',
      edit: (to) => to.edit(ROW, { value: { topic: 'payment.events' } }),
      says: /Row m-\d+ \(StockReserved, key order-a\) of inventory was committed, but never published on payment.events/,
      shows: [ROW],
    },
  ],
  [
    {
      legal: 'a row that is published twice',
      edit: (to) => to.again(RESERVED, { offset: '99' }),
    },
    {
      legal: 'a message that is read after its row was',
      edit: (to) => to.moveAfter(RESERVED, ROW),
    },
    {
      legal: 'an unpublished-looking row from before the run',
      edit: (to) => to.again(ROW, { key: 'before', value: { createdAtMs: 1_000_000_000_000 } }),
    },
  ],
);

it('says so when a service shows no outbox rows at all', () => {
  const { to } = goodStory();
  const shipping = ['a.SCHEDULE_SHIPMENT', 'r.SCHEDULE_SHIPMENT', 'c.SCHEDULE_SHIPMENT'];
  to.without(...shipping.map((tag) => `${tag}.event.outbox`));
  to.without('c.cancel.CANCEL_SHIPMENT.event.outbox');
  expect(judge(outboxConservation, to.build())).toMatchObject({
    verdict: 'unknown',
    reason: expect.stringContaining('no outbox row of shipping.events'),
  });
});
