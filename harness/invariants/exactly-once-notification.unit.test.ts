import { describeInvariant } from '../checker/testing/judge.ts';
import { exactlyOnceNotification } from './exactly-once-notification.ts';

describeInvariant(
  exactlyOnceNotification,
  [
    {
      anomaly: 'an outcome without a notification',
      edit: (to) => to.without('a.notification'),
      says: /OrderApproved of order order-a came 1 times and was notified 0 times/,
      shows: ['a.OrderApproved'],
    },
    {
      anomaly: 'an outcome that is notified twice',
      edit: (to) => to.again('a.notification', { key: 'other' }),
      says: /OrderApproved of order order-a came 1 times and was notified 2 times/,
      shows: ['a.notification', 'a.notification.again'],
    },
    {
      anomaly: 'a notification to another user',
      edit: (to) => to.edit('a.notification', { value: { userId: 'user-r' } }),
      says: /OrderApproved of order order-a was notified to user-r, the order is user-a's/,
      shows: ['a.OrderPlaced', 'a.notification'],
    },
    {
      anomaly: 'a notification of an outcome that did not happen',
      edit: (to) => to.edit('r.notification', { value: { outcome: 'OrderApproved' } }),
      says: /OrderApproved of order order-r came 0 times and was notified 1 times/,
      shows: ['r.notification'],
    },
    {
      anomaly: 'a notification of an order that does not exist',
      edit: (to) => to.again('a.notification', { key: 'x', value: { orderId: 'order-x' } }),
      says: /User user-a was notified of OrderApproved of unknown order order-x/,
      shows: ['a.notification.again'],
    },
  ],
  [
    {
      legal: 'an outcome that is published twice and notified once',
      edit: (to) => to.again('a.OrderApproved', { offset: '99' }),
    },
    {
      legal: "a notification of an earlier run's user",
      edit: (to) =>
        to.again('a.notification', { key: 'x', value: { orderId: 'o', userId: 'user-before' } }),
    },
  ],
);
