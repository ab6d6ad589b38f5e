import { describeInvariant } from '../checker/testing/judge.ts';
import { noAcknowledgedCommandLost } from './no-acknowledged-command-lost.ts';

describeInvariant(
  noAcknowledgedCommandLost,
  [
    {
      anomaly: 'a 202 whose OrderPlaced is not on order.events',
      edit: (to) => to.without('a.OrderPlaced'),
      says: /Job job-a was acknowledged, but order.events has no OrderPlaced/,
      shows: ['a.place.ok'],
    },
    {
      anomaly: 'a 202 whose OrderPlaced is not in the event store',
      edit: (to) => to.without('a.stored.OrderPlaced'),
      says: /Job job-a was acknowledged, but the event store has no OrderPlaced/,
      shows: ['a.place.ok'],
    },
    {
      anomaly: 'a cancellation that was taken and never requested on order.events',
      edit: (to) => to.without('c.cancel.OrderCancellationRequested'),
      says: /Job job-cc was acknowledged, but order.events has no OrderCancellationRequested/,
      shows: ['c.cancel.ok'],
    },
    {
      anomaly: 'a cancellation that was taken and is not in the event store',
      edit: (to) => to.without('c.cancel.stored.OrderCancellationRequested'),
      says: /Job job-cc was acknowledged, but the event store has no OrderCancellationRequested/,
      shows: ['c.cancel.ok'],
    },
    {
      anomaly: 'a command that was carried out for another user',
      edit: (to) => to.edit('a.OrderPlaced', { value: { userId: 'user-r' } }),
      says: /command of user user-a, but was carried out for user-r/,
      shows: ['a.OrderPlaced', 'a.place.ok'],
    },
    {
      anomaly: 'an order of other lines than were asked for',
      edit: (to) =>
        to.edit('a.OrderPlaced', {
          value: {
            payload: {
              type: 'OrderPlaced',
              lines: [
                { sku: 'sku-a', quantity: 20, unitPrice: { currency: 'JPY', minorUnits: 1_000 } },
              ],
              total: { currency: 'JPY', minorUnits: 2_000 },
            },
          },
        }),
      says: /asked to order 2 × sku-a at 1000, but 20 × sku-a at 1000 was ordered/,
      shows: ['a.OrderPlaced', 'a.place.ok'],
    },
  ],
  [
    {
      legal: 'a command that was refused and left nothing',
      edit: (to) => to.after('a.place.ok', 'refused', REFUSED),
    },
  ],
);

const REFUSED = {
  type: 'fail',
  operation: 'op-refused',
  name: 'place-order',
  scenario: 'story',
  status: 503,
  code: 'unavailable',
} as const;
