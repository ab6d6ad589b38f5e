import { describe, expect, it } from 'vitest';
import {
  CANCEL_JOB,
  OrderLife,
  PLACE_JOB,
  placedWithReplies,
  UNTIL_APPROVED,
} from './domain.testkit.ts';

const started = (step: string) => `Publish SagaStepCompleted PLACE_ORDER ${step}`;

describe('CancelOrder', () => {
  const done = (step: string) => `Publish SagaStepCompleted CANCEL_ORDER ${step}`;
  const approved = () => placedWithReplies(...UNTIL_APPROVED);

  it('cancels the shipment, refunds, restocks, and then the order is cancelled', () => {
    const life = approved();
    expect(life.cancel()).toEqual([
      'Publish OrderCancellationRequested',
      'Send CancelShipment attempt 1',
    ]);
    expect(life.state.status).toBe('cancelling');
    expect(life.receives('ShipmentCancelled')).toEqual([
      done('CANCEL_SHIPMENT'),
      'Send RefundPayment attempt 1',
    ]);
    expect(life.receives('PaymentRefunded')).toEqual([
      done('REFUND_PAYMENT'),
      'Send RestockItems attempt 1',
    ]);
    expect(life.receives('StockRestocked')).toEqual([
      done('RESTOCK_ITEMS'),
      'Complete OrderCancelled',
    ]);
    expect(life.state.status).toBe('cancelled');
  });

  it('reports under its own job', () => {
    const life = approved();
    life.cancel();
    for (const type of ['ShipmentCancelled', 'PaymentRefunded', 'StockRestocked'] as const) {
      life.receives(type);
    }
    const from = life.stored.findIndex(({ fact }) => fact.jobId === CANCEL_JOB);
    expect(life.stored.slice(0, from).every(({ fact }) => fact.jobId === PLACE_JOB)).toBe(true);
    expect(life.stored.slice(from).every(({ fact }) => fact.jobId === CANCEL_JOB)).toBe(true);
  });

  it('is refused when the parcel was dispatched, and may be asked for again', () => {
    const life = approved();
    life.cancel();
    const first = life.command().id;
    expect(life.receives('ShipmentCancellationRefused')).toEqual([
      'Publish SagaStepFailed CANCEL_ORDER CANCEL_SHIPMENT shipment-dispatched false',
      'Complete OrderCancellationRefused shipment-dispatched',
    ]);
    expect(life.state).toMatchObject({ status: 'approved', reason: 'shipment-dispatched' });
    expect(life.cancel()).toEqual(['Ignore command-repeated']);
    expect(life.cancel('job-again')).toEqual([
      'Publish OrderCancellationRequested',
      'Send CancelShipment attempt 1',
    ]);
    expect(life.receives('ShipmentCancellationRefused', first)).toEqual([
      'Ignore answered-already',
    ]);
  });

  it.each([
    { received: [], undo: 'CANCEL_SHIPMENT', sent: 'CancelShipment' },
    { received: ['ShipmentCancelled'], undo: 'REFUND_PAYMENT', sent: 'RefundPayment' },
    {
      received: ['ShipmentCancelled', 'PaymentRefunded'],
      undo: 'RESTOCK_ITEMS',
      sent: 'RestockItems',
    },
  ] as const)('repeats a silent $undo until it is done', ({ received, undo, sent }) => {
    const life = approved();
    life.cancel();
    for (const type of received) life.receives(type);
    expect(life.timer()).toEqual([
      `Publish SagaStepRetried CANCEL_ORDER ${undo} 2 step-timed-out`,
      `Send ${sent} attempt 2`,
    ]);
  });

  it('waits for the end of PlaceOrder and then starts', () => {
    const life = placedWithReplies('StockReserved', 'PaymentAuthorized', 'ShipmentScheduled');
    expect(life.cancel()).toEqual(['Publish OrderCancellationRequested']);
    expect(life.state.status).toBe('pending');
    expect(life.receives('PaymentCaptured')).toEqual([
      started('CAPTURE_PAYMENT'),
      'Complete OrderApproved',
      'Send CancelShipment attempt 1',
    ]);
    expect(life.command().fact.jobId).toBe(CANCEL_JOB);
    expect(life.state.status).toBe('cancelling');
  });

  it('is refused when PlaceOrder ends in a rejection', () => {
    const life = placedWithReplies();
    life.cancel();
    expect(life.receives('StockReservationRefused')).toEqual([
      'Publish SagaStepFailed PLACE_ORDER RESERVE_STOCK out-of-stock false',
      'Complete OrderRejected out-of-stock',
      'Complete OrderCancellationRefused order-rejected',
    ]);
    expect(life.state).toMatchObject({ status: 'rejected', reason: 'out-of-stock' });
  });

  it('is refused after a compensation, with its own job', () => {
    const life = placedWithReplies('StockReserved');
    life.cancel();
    life.receives('PaymentDeclined');
    life.receives('StockReleased');
    expect(life.stored.slice(-2).map(({ fact }) => fact.jobId)).toEqual([PLACE_JOB, CANCEL_JOB]);
  });

  it('answers a repeat as the first, whatever its state', () => {
    const life = placedWithReplies();
    life.cancel();
    expect(life.cancel()).toEqual(['Ignore command-repeated']);
    life.receives('StockReservationRefused');
    expect(life.cancel()).toEqual(['Ignore command-repeated']);
  });

  it.each([
    { title: 'waits for PlaceOrder', received: [], cancelFirst: true },
    { title: 'runs', received: UNTIL_APPROVED, cancelFirst: true },
    { title: 'is of no use: it was rejected', received: ['StockReservationRefused'] },
  ] as const)('refuses another job when a cancellation $title', (situation) => {
    const life = placedWithReplies(...situation.received);
    if ('cancelFirst' in situation) life.cancel();
    expect(life.cancel('job-other')).toEqual(['rejected order-not-cancellable']);
  });

  it('refuses another job when the order is cancelled', () => {
    const life = approved();
    life.cancel();
    for (const type of ['ShipmentCancelled', 'PaymentRefunded', 'StockRestocked'] as const) {
      life.receives(type);
    }
    expect(life.cancel('job-other')).toEqual(['rejected order-not-cancellable']);
  });

  it('does not tell a stranger that the order exists', () => {
    expect(approved().cancel(CANCEL_JOB, 'user-2')).toEqual(['rejected order-not-found']);
    expect(new OrderLife().cancel()).toEqual(['rejected order-not-found']);
  });
});
