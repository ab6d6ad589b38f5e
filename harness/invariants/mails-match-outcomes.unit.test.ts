import type { HistoryBuilder } from '../checker/testing/history-builder.ts';
import { describeInvariant } from '../checker/testing/judge.ts';
import type { EventOf } from '../history/event-schema.ts';
import { mailsMatchOutcomes } from './mails-match-outcomes.ts';

/** Lets the deadline of every mail pass. */
const muchLater = (to: HistoryBuilder) => to.edit('closed.spans', { atMs: Date.UTC(2030, 0) });

const mailOf = (to: HistoryBuilder, tag: string) => to.event(tag) as EventOf<'mail'>;

/** The mail again, so much later by the sender's clock. */
const again = (to: HistoryBuilder, tag: string, laterMs: number) =>
  to.again(tag, {
    headers: { date: new Date(mailOf(to, tag).receivedMs + laterMs).toUTCString() },
  });

describeInvariant(
  mailsMatchOutcomes,
  [
    {
      anomaly: 'an outcome that is never mailed',
      edit: (to) => muchLater(to).without('a.mail'),
      says: /Order order-a had 1 outcomes to mail \(OrderApproved\), and 0 were mailed/,
      shows: ['a.OrderApproved'],
    },
    {
      anomaly: 'a cancellation that is not mailed, after a mail of the approval',
      edit: (to) => muchLater(to).without('c.cancel.mail'),
      says: /order-c had 2 outcomes to mail \(OrderApproved, OrderCancelled\), and 1 were/,
      shows: ['c.OrderApproved', 'c.cancel.OrderCancelled'],
    },
    {
      anomaly: 'an outcome that is mailed twice under two names',
      edit: (to) => to.again('a.mail', { messageId: '<other@orders.example>' }),
      says: /order-a had 1 outcomes to mail .* 2 were mailed/,
      shows: ['a.mail', 'a.mail.again'],
      // Without the first, the second is the right one.
      minimal: true,
    },
    {
      anomaly: 'a mail that comes twice at once',
      edit: (to) => again(to, 'a.mail', 500),
      says: /The mail <n-a@orders\.example> .* came again, without a cause/,
      shows: ['a.mail', 'a.mail.again'],
    },
    {
      anomaly: 'a mail to another customer',
      edit: (to) => to.edit('a.mail', { to: ['user-r@customers.example'] }),
      says: /about order order-a went to user-r@.*; its customer is user-a@/,
      shows: ['a.OrderApproved', 'a.mail'],
    },
    {
      anomaly: 'a mail with another recipient in addition',
      edit: (to) =>
        to.edit('a.mail', { to: ['user-a@customers.example', 'copy@customers.example'] }),
      says: /went to user-a@customers\.example, copy@customers\.example/,
      shows: ['a.OrderApproved', 'a.mail'],
    },
    {
      anomaly: 'another amount than the one that was charged',
      edit: (to) => to.edit('a.mail', { text: 'We have charged ¥20,000.' }),
      says: /OrderApproved of order order-a does not say JPY2000: We have charged ¥20,000/,
      shows: ['a.OrderApproved', 'a.mail'],
    },
    {
      anomaly: 'an amount in another currency',
      edit: (to) => to.edit('a.mail', { text: 'We have charged $2,000.' }),
      says: /does not say JPY2000/,
      shows: ['a.OrderApproved', 'a.mail'],
    },
    {
      anomaly: 'an amount with a wrong fraction',
      edit: (to) => to.edit('a.mail', { text: 'We have charged ¥20.00.' }),
      says: /does not say JPY2000/,
      shows: ['a.OrderApproved', 'a.mail'],
    },
    {
      anomaly: 'a rejection with another reason',
      edit: (to) => to.edit('r.mail', { text: 'A product of the order is not available.' }),
      says: /OrderRejected of order order-r does not say Nocarrierdeliverstothisaddress/,
      shows: ['r.OrderRejected', 'r.mail'],
    },
    {
      anomaly: 'a mail to a customer that names no order',
      edit: (to) =>
        to.again('a.mail', { messageId: '<x@orders.example>', subject: 'News', text: 'Buy!' }),
      says: /<x@orders\.example> to user-a@customers\.example names no order/,
      shows: ['a.OrderApproved', 'a.mail.again'],
    },
  ],
  [
    {
      legal: 'an amount with its currency as a code',
      edit: (to) => to.edit('a.mail', { text: 'Charged: 2000 JPY.' }),
    },
    {
      legal: 'a mail that is sent again because the process died before it noted the first',
      edit: (to) => {
        again(to, 'a.mail', 500);
        to.after('a.mail', 'died', {
          type: 'process',
          instance: 'notification-1',
          what: 'exited',
          signal: 'SIGKILL',
        });
      },
    },
    {
      legal: 'a mail that is sent again because the mail server was too slow to answer',
      edit: (to) => again(to, 'a.mail', 4_500),
    },
    {
      legal: 'a customer who gave no address',
      edit: (to) => {
        const approved = to.event('a.OrderApproved') as EventOf<'kafka'>;
        const payload = { ...(approved.value?.['payload'] as object), contactEmail: '' };
        muchLater(to).edit('a.OrderApproved', { value: { payload } }).without('a.mail');
      },
    },
    {
      legal: 'a mail that is recorded before its outcome',
      edit: (to) => to.moveAfter('a.OrderApproved', 'a.mail'),
    },
    {
      legal: 'a mail to a customer of an earlier run',
      edit: (to) =>
        to.again('a.mail', {
          messageId: '<x@orders.example>',
          to: ['old@customers.example'],
          subject: 'Your order of last week',
          text: '',
        }),
    },
  ],
);
