import { describeInvariant } from '../checker/testing/judge.ts';
import { compensations } from './compensations.ts';

const RELEASED = 'r.undo-RESERVE_STOCK.event';
const VOIDED = 'r.undo-AUTHORIZE_PAYMENT.event';
const other = (payload: Readonly<Record<string, unknown>>) => ({
  value: { messageId: 'other', payload },
});
const released = { type: 'StockReleased', effective: true, lines: [{ sku: 'x', quantity: 2 }] };

const REFUSAL = {
  value: { payload: { type: 'OrderCancellationRefused', reason: 'x', contactEmail: '' } },
};

describeInvariant(
  compensations,
  [
    {
      anomaly: 'a rejected order whose stock is never released',
      edit: (to) => to.without(RELEASED),
      says: /Order order-r: it was rejected, but StockReserved was never undone/,
      shows: ['r.RESERVE_STOCK.event', 'r.OrderRejected'],
    },
    {
      anomaly: 'a compensation without effect',
      edit: (to) => to.edit(VOIDED, other({ type: 'PaymentVoided', effective: false })),
      says: /Order order-r: it was rejected, but PaymentAuthorized was never undone/,
      shows: ['r.AUTHORIZE_PAYMENT.event', 'r.OrderRejected'],
    },
    {
      anomaly: 'compensations in the order of the steps',
      edit: (to) =>
        to.moveAfter(
          'r.undo-AUTHORIZE_PAYMENT.SagaStepCompensated',
          'r.undo-RESERVE_STOCK.SagaStepCompensated',
        ),
      says: /Order order-r: AUTHORIZE_PAYMENT was undone after RESERVE_STOCK/,
      shows: [
        'r.undo-RESERVE_STOCK.SagaStepCompensated',
        'r.undo-AUTHORIZE_PAYMENT.SagaStepCompensated',
      ],
    },
    {
      anomaly: 'a compensation that takes effect twice',
      edit: (to) => to.again(RELEASED, other(released)),
      says: /Order order-r: StockReleased took effect twice/,
      shows: [RELEASED, `${RELEASED}.again`],
    },
    {
      anomaly: 'a compensation that is missing from order.events',
      edit: (to) => to.without('r.undo-RESERVE_STOCK.SagaStepCompensated'),
      says: /StockReleased took effect, but order.events does not say that RESERVE_STOCK was undone/,
      shows: [RELEASED, 'r.OrderRejected'],
    },
    {
      anomaly: 'the undoing of a step that never took effect',
      edit: (to) => to.without('r.RESERVE_STOCK.event'),
      says: /Order order-r: StockReleased took effect although there was no StockReserved/,
      shows: [RELEASED],
    },
    {
      anomaly: 'a step that takes effect after its undoing',
      edit: (to) => to.moveAfter('r.RESERVE_STOCK.event', RELEASED),
      says: /Order order-r: StockReserved came after StockReleased, which forbids it/,
      shows: [RELEASED, 'r.RESERVE_STOCK.event'],
    },
    {
      anomaly: 'stock of an approved order that is released',
      edit: (to) =>
        to.again('a.CAPTURE_PAYMENT.event', { ...other(released), topic: 'inventory.events' }),
      says: /Order order-a: it was approved, yet StockReleased took effect/,
      shows: ['a.CAPTURE_PAYMENT.event.again', 'a.OrderApproved'],
    },
    {
      anomaly: 'a shipment that is cancelled although its order is not',
      edit: (to) =>
        to.again(
          'a.SCHEDULE_SHIPMENT.event',
          other({ type: 'ShipmentCancelled', effective: true }),
        ),
      says: /Order order-a: it was approved and not cancelled, yet ShipmentCancelled/,
      shows: ['a.SCHEDULE_SHIPMENT.event.again', 'a.OrderApproved'],
    },
    {
      anomaly: 'an approved order whose shipment was never scheduled',
      edit: (to) => to.without('a.SCHEDULE_SHIPMENT.event'),
      says: /Order order-a: it was approved without SCHEDULE_SHIPMENT: no ShipmentScheduled/,
      shows: ['a.OrderApproved'],
    },
    {
      anomaly: 'a rejection after the payment was taken',
      edit: (to) =>
        to.again('r.SCHEDULE_SHIPMENT.event', {
          topic: 'payment.events',
          ...other({ type: 'PaymentCaptured', amount: { currency: 'JPY', minorUnits: 2_000 } }),
        }),
      says: /Order order-r: it was rejected after PaymentCaptured/,
      shows: ['r.SCHEDULE_SHIPMENT.event.again', 'r.OrderRejected'],
    },
    {
      anomaly: 'a cancelled order whose stock did not come back',
      edit: (to) => to.without('c.cancel.RESTOCK_ITEMS.event'),
      says: /Order order-c: it was cancelled without RESTOCK_ITEMS: no StockRestocked/,
      shows: ['c.cancel.OrderCancelled'],
    },
    {
      anomaly: 'a cancellation whose steps are in the wrong order',
      edit: (to) =>
        to.moveAfter(
          'c.cancel.REFUND_PAYMENT.SagaStepCompleted',
          'c.cancel.RESTOCK_ITEMS.SagaStepCompleted',
        ),
      says: /Order order-c: the cancellation did REFUND_PAYMENT after RESTOCK_ITEMS/,
      shows: [
        'c.cancel.RESTOCK_ITEMS.SagaStepCompleted',
        'c.cancel.REFUND_PAYMENT.SagaStepCompleted',
      ],
    },
    {
      anomaly: 'a refused cancellation that refunds all the same',
      edit: (to) =>
        to
          .edit('c.cancel.OrderCancelled', REFUSAL)
          .without('c.cancel.CANCEL_SHIPMENT.event', 'c.cancel.RESTOCK_ITEMS.event'),
      says: /Order order-c: its cancellation was refused, yet PaymentRefunded took effect/,
      shows: ['c.cancel.REFUND_PAYMENT.event', 'c.cancel.OrderCancelled'],
    },
  ],
  [
    {
      legal: 'a compensation that is asked for again and has no effect then',
      edit: (to) =>
        to.again(RELEASED, other({ type: 'StockReleased', effective: false, lines: [] })),
    },
    {
      legal: 'a compensation whose answer is published twice',
      edit: (to) => to.again(RELEASED, { offset: '99' }),
    },
  ],
);
