import { expect, it } from 'vitest';
import { describeInvariant, judge } from '../checker/testing/judge.ts';
import { goodStory } from '../checker/testing/story.ts';
import { eventStoreMatchesKafka } from './event-store-matches-kafka.ts';

const STEP = 'a.RESERVE_STOCK.SagaStepCompleted';
const STORED = 'a.RESERVE_STOCK.stored.SagaStepCompleted';

describeInvariant(
  eventStoreMatchesKafka,
  [
    {
      anomaly: 'a stored event that is never published',
      edit: (to) => to.without('a.OrderApproved'),
      says: /Order order-a: public event 6 is OrderApproved in the event store and nothing on/,
      shows: ['a.stored.OrderApproved'],
    },
    {
      anomaly: 'a published event that is not stored',
      edit: (to) => to.without('a.stored.OrderApproved'),
      says: /Order order-a: public event 6 is nothing in the event store and OrderApproved on/,
      shows: ['a.OrderApproved'],
    },
    {
      anomaly: 'a gap in the stream',
      edit: (to) => to.without(STORED),
      says: /order-order-a: revision 3 after 1 leaves a gap/,
      shows: ['a.RESERVE_STOCK.stored.command', 'a.AUTHORIZE_PAYMENT.stored.command'],
    },
    {
      anomaly: 'a stream that forks',
      edit: (to) => to.again(STORED, { id: 'other' }),
      says: /order-order-a: revision 2 after 2 is there twice: the stream forks/,
      shows: [STORED, `${STORED}.again`],
    },
    {
      anomaly: 'an event that is appended twice',
      edit: (to) => to.again('a.stored.OrderApproved', { revision: '10' }),
      says: /order-order-a has event m-\d+ \(OrderApproved\) twice/,
      shows: ['a.stored.OrderApproved', 'a.stored.OrderApproved.again'],
    },
    {
      anomaly: 'a gap in the numbers on order.events',
      edit: (to) => to.without(STEP),
      says: /Order order-a: record 3 \(SagaStepCompleted\) follows record 1/,
      shows: ['a.OrderPlaced', 'a.AUTHORIZE_PAYMENT.SagaStepCompleted'],
    },
    {
      anomaly: 'a first record that is not number 1',
      edit: (to) => to.edit('a.OrderPlaced', { value: { sequence: 2 } }),
      says: /The first record of order order-a has the number 2, not 1/,
      shows: ['a.OrderPlaced'],
    },
    {
      anomaly: 'records of one order that change places',
      edit: (to) => to.moveAfter(STEP, 'a.AUTHORIZE_PAYMENT.SagaStepCompleted'),
      says: /Order order-a: record 2 \(SagaStepCompleted\) follows record 3/,
      shows: ['a.AUTHORIZE_PAYMENT.SagaStepCompleted', STEP],
    },
    {
      anomaly: 'records of one order on two partitions',
      edit: (to) => to.edit(STEP, { partition: 9 }),
      says: /Order order-a is on partitions \d and 9/,
      shows: ['a.OrderPlaced', STEP],
    },
    {
      anomaly: 'a record under another key',
      edit: (to) => to.edit(STEP, { key: 'order-r' }),
      says: /A record of order order-a has the key order-r/,
      shows: [STEP],
    },
    {
      anomaly: 'a command that is stored and never sent',
      edit: (to) => to.without('a.CAPTURE_PAYMENT.command'),
      says: /Order order-a: CapturePayment is in the event store and was not sent once/,
      shows: ['a.CAPTURE_PAYMENT.stored.command'],
    },
    {
      anomaly: 'a command that is sent twice under two ids',
      edit: (to) => to.again('a.CAPTURE_PAYMENT.command', { value: { messageId: 'other' } }),
      says: /Order order-a: CapturePayment was sent more often than the event store has it/,
      shows: ['a.CAPTURE_PAYMENT.command.again'],
    },
  ],
  [
    { legal: 'a record that is published twice', edit: (to) => to.again(STEP, { offset: '99' }) },
    {
      legal: 'a whole stretch that is published again after a restart',
      edit: (to) =>
        to
          .again(STEP, { offset: '98' })
          .moveAfter(`${STEP}.again`, 'a.AUTHORIZE_PAYMENT.SagaStepCompleted'),
    },
  ],
);

it('knows nothing when the store speaks another language', () => {
  const events = goodStory()
    .to.build()
    .map((event) =>
      event.type === 'eventstore' ? { ...event, eventType: `x-${event.eventType}` } : event,
    );
  expect(judge(eventStoreMatchesKafka, events)).toMatchObject({ verdict: 'unknown' });
});
