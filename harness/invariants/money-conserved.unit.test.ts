import { describeInvariant } from '../checker/testing/judge.ts';
import { moneyConserved } from './money-conserved.ts';

const AUTHORIZED = 'a.AUTHORIZE_PAYMENT.event';
const CAPTURED = 'a.CAPTURE_PAYMENT.event';
const yen = (minorUnits: number) => ({ currency: 'JPY', minorUnits });
const payload = (type: string, more: Readonly<Record<string, unknown>>) => ({
  value: { payload: { type, ...more } },
});

describeInvariant(
  moneyConserved,
  [
    {
      anomaly: 'an authorisation of another amount than the total',
      edit: (to) =>
        to.edit(AUTHORIZED, payload('PaymentAuthorized', { cardToken: 'x', amount: yen(1_999) })),
      says: /Order order-a: 1999 was authorised, its total is 2000/,
      shows: ['a.OrderPlaced', AUTHORIZED],
    },
    {
      anomaly: 'a capture of more than was authorised',
      edit: (to) => to.edit(CAPTURED, payload('PaymentCaptured', { amount: yen(2_001) })),
      says: /Order order-a: 2001 was captured of 2000 authorised/,
      shows: [AUTHORIZED, CAPTURED],
    },
    {
      anomaly: 'an approved order that was charged less than its total',
      edit: (to) => to.edit(CAPTURED, payload('PaymentCaptured', { amount: yen(1) })),
      says: /Order order-a was approved with 1 captured, its total is 2000/,
      shows: ['a.OrderPlaced', CAPTURED, 'a.OrderApproved'],
    },
    {
      anomaly: 'an approved order that was not charged at all',
      edit: (to) => to.without(CAPTURED),
      says: /Order order-a was approved with 0 captured/,
      shows: ['a.OrderPlaced', 'a.OrderApproved'],
    },
    {
      anomaly: 'a hold that is given up although it was captured',
      edit: (to) =>
        to.again(CAPTURED, {
          value: {
            messageId: 'other',
            payload: { type: 'PaymentVoided', effective: true, amount: yen(2_000) },
          },
        }),
      says: /Order order-a: 2000 was voided and 2000 captured of 2000 authorised/,
      shows: [AUTHORIZED, CAPTURED, `${CAPTURED}.again`],
    },
    {
      anomaly: 'a refund of more than was captured',
      edit: (to) =>
        to.edit(
          'c.cancel.REFUND_PAYMENT.event',
          payload('PaymentRefunded', { effective: true, amount: yen(3_000) }),
        ),
      says: /Order order-c: 3000 was refunded of 2000 captured/,
      shows: ['c.CAPTURE_PAYMENT.event', 'c.cancel.REFUND_PAYMENT.event'],
    },
    {
      anomaly: 'a rejected order whose money is kept',
      edit: (to) =>
        to.again('r.undo-AUTHORIZE_PAYMENT.event', {
          value: {
            messageId: 'other',
            payload: { type: 'PaymentCaptured', amount: yen(2_000) },
          },
        }),
      says: /Order order-r was rejected, but 2000 of it is kept/,
      shows: ['r.undo-AUTHORIZE_PAYMENT.event.again', 'r.OrderRejected'],
    },
    {
      anomaly: 'a rejected order whose hold is never given up',
      edit: (to) => to.without('r.undo-AUTHORIZE_PAYMENT.event'),
      says: /Order order-r was rejected, but 2000 is still held/,
      shows: ['r.AUTHORIZE_PAYMENT.event', 'r.OrderRejected'],
    },
    {
      anomaly: 'a void that says it had no effect',
      edit: (to) =>
        to.edit(
          'r.undo-AUTHORIZE_PAYMENT.event',
          payload('PaymentVoided', { effective: false, amount: null }),
        ),
      says: /Order order-r was rejected, but 2000 is still held/,
      shows: ['r.AUTHORIZE_PAYMENT.event', 'r.OrderRejected'],
    },
    {
      anomaly: 'a cancelled order that was not refunded',
      edit: (to) => to.without('c.cancel.REFUND_PAYMENT.event'),
      says: /Order order-c was cancelled, but 2000 of it is kept/,
      shows: ['c.CAPTURE_PAYMENT.event', 'c.cancel.OrderCancelled'],
    },
    {
      anomaly: 'a refund without a cancellation',
      edit: (to) =>
        to.again(CAPTURED, {
          value: {
            messageId: 'other',
            payload: { type: 'PaymentRefunded', effective: true, amount: yen(2_000) },
          },
        }),
      says: /Order order-a was approved and not cancelled, but 2000 was refunded/,
      shows: [`${CAPTURED}.again`, 'a.OrderApproved'],
    },
    {
      anomaly: 'a card that carries more than its limit',
      edit: (to) =>
        to.edit('c.AUTHORIZE_PAYMENT.event', {
          ...payload('PaymentAuthorized', { cardToken: 'card-a', amount: yen(2_000) }),
        }),
      says: /Card card-a carried 4000 at once; its limit is 2000/,
      shows: ['a.CardRegistered', AUTHORIZED, 'c.AUTHORIZE_PAYMENT.event'],
    },
    {
      anomaly: 'a card on which payment counts another amount than it published',
      edit: (to) => to.edit('state.card.a', { value: { captured: 4_000 } }),
      says: /counts 0 held and 4000 captured on card card-a; its events add up to 0 and 2000/,
      shows: [AUTHORIZED, 'state.card.a'],
    },
  ],
  [
    {
      legal: 'a capture that is said again in answer to another attempt',
      edit: (to) => to.again(CAPTURED, { value: { messageId: 'other', causationId: 'other' } }),
    },
    {
      legal: 'a void that comes again and has no effect',
      edit: (to) =>
        to.again('r.undo-AUTHORIZE_PAYMENT.event', {
          value: {
            messageId: 'other',
            payload: { type: 'PaymentVoided', effective: false, amount: null },
          },
        }),
    },
  ],
);
