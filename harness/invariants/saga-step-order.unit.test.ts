import { describeInvariant } from '../checker/testing/judge.ts';
import { sagaStepOrder } from './saga-step-order.ts';

const step = (name: string) => `a.${name}.SagaStepCompleted`;
const failed = (timedOut: boolean) => ({
  value: {
    payload: {
      type: 'SagaStepFailed',
      saga: 'PLACE_ORDER',
      step: 'SCHEDULE_SHIPMENT',
      reason: 'step-timed-out',
      timedOut,
    },
  },
});

describeInvariant(
  sagaStepOrder,
  [
    {
      anomaly: 'a step that is recorded before its turn',
      edit: (to) => to.without(step('AUTHORIZE_PAYMENT')),
      says: /Order order-a: SagaStepCompleted of SCHEDULE_SHIPMENT came, but AUTHORIZE_PAYMENT was next/,
      shows: [step('RESERVE_STOCK'), step('SCHEDULE_SHIPMENT')],
    },
    {
      anomaly: 'an approval before the money was taken',
      edit: (to) => to.without(step('CAPTURE_PAYMENT')),
      says: /Order order-a: OrderApproved came, but CAPTURE_PAYMENT was not recorded/,
      shows: [step('SCHEDULE_SHIPMENT'), 'a.OrderApproved'],
    },
    {
      anomaly: 'a rejection although no step had failed',
      edit: (to) => to.without('r.SagaStepFailed', 'r.SagaCompensationStarted'),
      says: /Order order-r: OrderRejected came, but no step had failed/,
      shows: ['r.undo-RESERVE_STOCK.SagaStepCompensated', 'r.OrderRejected'],
    },
    {
      anomaly: 'a step that was undone before the compensation started',
      edit: (to) => to.without('r.SagaCompensationStarted'),
      says: /Order order-r: SagaStepCompensated of AUTHORIZE_PAYMENT came, but no compensation had started/,
      shows: ['r.SagaStepFailed', 'r.undo-AUTHORIZE_PAYMENT.SagaStepCompensated'],
    },
    {
      anomaly: 'a step that goes on after one that failed',
      edit: (to) => to.again(step('AUTHORIZE_PAYMENT'), failed(false), 'a.failed'),
      says: /Order order-a: SagaStepCompleted of SCHEDULE_SHIPMENT came, but SCHEDULE_SHIPMENT had failed/,
      shows: ['a.failed', step('SCHEDULE_SHIPMENT')],
    },
    {
      anomaly: 'a cancellation without a request',
      edit: (to) => to.without('c.cancel.OrderCancellationRequested'),
      says: /Order order-c: SagaStepCompleted of CANCEL_SHIPMENT came, but no cancellation was requested/,
      shows: ['c.OrderApproved', 'c.cancel.CANCEL_SHIPMENT.SagaStepCompleted'],
    },
    {
      anomaly: 'a cancellation without its refund',
      edit: (to) => to.without('c.cancel.RESTOCK_ITEMS.SagaStepCompleted'),
      says: /Order order-c: OrderCancelled came, but RESTOCK_ITEMS was not recorded/,
      shows: ['c.cancel.REFUND_PAYMENT.SagaStepCompleted', 'c.cancel.OrderCancelled'],
    },
    {
      anomaly: 'a step that is recorded because of an event that does not fit',
      edit: (to) => {
        const { value } = to.event('a.SCHEDULE_SHIPMENT.event') as {
          value?: { messageId?: string };
        };
        return to.edit(step('CAPTURE_PAYMENT'), { value: { causationId: value?.messageId } });
      },
      says: /SagaStepCompleted CAPTURE_PAYMENT was recorded because of ShipmentScheduled/,
      shows: ['a.SCHEDULE_SHIPMENT.event', step('CAPTURE_PAYMENT')],
    },
    {
      anomaly: "a step that is recorded because of another order's answer",
      edit: (to) => {
        const { value } = to.event('r.RESERVE_STOCK.event') as { value?: { messageId?: string } };
        return to.edit(step('RESERVE_STOCK'), { value: { causationId: value?.messageId } });
      },
      says: /Order order-a: SagaStepCompleted RESERVE_STOCK was recorded because of StockReserved/,
      shows: [step('RESERVE_STOCK'), 'r.RESERVE_STOCK.event'],
    },
  ],
  [
    {
      legal: 'a step that was given up and turns out to be done for good',
      edit: (to) => to.again(step('AUTHORIZE_PAYMENT'), failed(true)),
    },
    {
      legal: 'a record that is published again',
      edit: (to) => to.again(step('RESERVE_STOCK'), { offset: '99' }),
    },
  ],
);
