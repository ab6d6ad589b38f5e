import { describeInvariant } from '../checker/testing/judge.ts';
import { commandsAnswered } from './commands-answered.ts';

/** So that the grace time has passed when the history ends. */
const LATER = { atMs: Date.UTC(2030, 0) };

describeInvariant(
  commandsAnswered,
  [
    {
      anomaly: 'a command without an answer',
      edit: (to) => to.without('a.RESERVE_STOCK.event').edit('closed.spans', LATER),
      says: /ReserveStock m-\d+ of order order-a was never answered/,
      shows: ['a.RESERVE_STOCK.command'],
    },
    {
      anomaly: 'an answer that does not fit its command',
      edit: (to) =>
        to.edit('a.RESERVE_STOCK.event', {
          value: { payload: { type: 'StockReleased', effective: true, lines: [] } },
        }),
      says: /ReserveStock m-\d+ was answered with StockReleased of order order-a/,
      shows: ['a.RESERVE_STOCK.command', 'a.RESERVE_STOCK.event'],
    },
    {
      anomaly: 'an answer about another order',
      edit: (to) => to.edit('c.AUTHORIZE_PAYMENT.event', { value: { orderId: 'order-a' } }),
      says: /AuthorizePayment m-\d+ was answered with PaymentAuthorized of order order-a/,
      shows: ['c.AUTHORIZE_PAYMENT.command', 'c.AUTHORIZE_PAYMENT.event'],
    },
  ],
  [
    {
      legal: 'an answer that is read before its command',
      edit: (to) => to.moveAfter('a.RESERVE_STOCK.command', 'a.RESERVE_STOCK.event'),
    },
    {
      legal: 'a command that is published and answered again',
      edit: (to) =>
        to
          .again('a.RESERVE_STOCK.command', { offset: '99' })
          .again('a.RESERVE_STOCK.event', { offset: '99' }),
    },
  ],
);
