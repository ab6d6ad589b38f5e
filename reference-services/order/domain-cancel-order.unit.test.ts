import { describe, expect, it } from 'vitest';
import {
  CANCEL_JOB,
  OrderLife,
  PLACE_JOB,
  placedAndHeard,
  UNTIL_APPROVED,
} from './domain.testkit.ts';

const started = (step: string) => `Publish SagaStepCompleted PLACE_ORDER ${step}`;

describe('CancelOrder', () => {
  const done = (step: string) => `Publish SagaStepCompleted CANCEL_ORDER ${step}`;
  const approved = () => placedAndHeard(...UNTIL_APPROVED);

  it('cancels the shipment, refunds, restocks, and then the order is cancelled', () => {
    const life = approved();
    expect(life.cancel()).toEqual([
      'Publish OrderCancellationRequested',
      'Send CancelShipment attempt 1',
    ]);
    expect(life.state.status).toBe('cancelling');
    expect(life.hears('ShipmentCancelled')).toEqual([
      done('CANCEL_SHIPMENT'),
      'Send RefundPayment attempt 1',
    ]);
    expect(life.hears('PaymentRefunded')).toEqual([
      done('REFUND_PAYMENT'),
      'Send RestockItems attempt 1',
    ]);
    expect(life.hears('StockRestocked')).toEqual([
      done('RESTOCK_ITEMS'),
      'Complete OrderCancelled',
    ]);
    expect(life.state.status).toBe('cancelled');
  });

  it('reports under its own job', () => {
    const life = approved();
    life.cancel();
    for (const type of ['ShipmentCancelled', 'PaymentRefunded', 'StockRestocked'] as const) {
      life.hears(type);
    }
    const from = life.stored.findIndex(({ fact }) => fact.jobId === CANCEL_JOB);
    expect(life.stored.slice(0, from).every(({ fact }) => fact.jobId === PLACE_JOB)).toBe(true);
    expect(life.stored.slice(from).every(({ fact }) => fact.jobId === CANCEL_JOB)).toBe(true);
  });

  it('is refused when the parcel was dispatched, and may be asked for again', () => {
    const life = approved();
    life.cancel();
    const first = life.command().id;
    expect(life.hears('ShipmentCancellationRefused')).toEqual([
      'Publish SagaStepFailed CANCEL_ORDER CANCEL_SHIPMENT shipment-dispatched false',
      'Complete OrderCancellationRefused shipment-dispatched',
    ]);
    expect(life.state).toMatchObject({ status: 'approved', reason: 'shipment-dispatched' });
    expect(life.cancel()).toEqual(['Ignore command-repeated']);
    expect(life.cancel('job-again')).toEqual([
      'Publish OrderCancellationRequested',
      'Send CancelShipment attempt 1',
    ]);
    expect(life.hears('ShipmentCancellationRefused', first)).toEqual(['Ignore answered-already']);
  });

  it.each([
    { heard: [], undo: 'CANCEL_SHIPMENT', sent: 'CancelShipment' },
    { heard: ['ShipmentCancelled'], undo: 'REFUND_PAYMENT', sent: 'RefundPayment' },
    {
      heard: ['ShipmentCancelled', 'PaymentRefunded'],
      undo: 'RESTOCK_ITEMS',
      sent: 'RestockItems',
    },
  ] as const)('repeats a silent $undo until it is done', ({ heard, undo, sent }) => {
    const life = approved();
    life.cancel();
    for (const type of heard) life.hears(type);
    expect(life.timer()).toEqual([
      `Publish SagaStepRetried CANCEL_ORDER ${undo} 2 step-timed-out`,
      `Send ${sent} attempt 2`,
    ]);
  });

  it('waits for the end of PlaceOrder and then starts', () => {
    const life = placedAndHeard('StockReserved', 'PaymentAuthorized', 'ShipmentScheduled');
    expect(life.cancel()).toEqual(['Publish OrderCancellationRequested']);
    expect(life.state.status).toBe('pending');
    expect(life.hears('PaymentCaptured')).toEqual([
      started('CAPTURE_PAYMENT'),
      'Complete OrderApproved',
      'Send CancelShipment attempt 1',
    ]);
    expect(life.command().fact.jobId).toBe(CANCEL_JOB);
    expect(life.state.status).toBe('cancelling');
  });

  it('is refused when PlaceOrder ends in a rejection', () => {
    const life = placedAndHeard();
    life.cancel();
    expect(life.hears('StockReservationRefused')).toEqual([
      'Publish SagaStepFailed PLACE_ORDER RESERVE_STOCK out-of-stock false',
      'Complete OrderRejected out-of-stock',
      'Complete OrderCancellationRefused order-rejected',
    ]);
    expect(life.state).toMatchObject({ status: 'rejected', reason: 'out-of-stock' });
  });

  it('is refused after a compensation, with its own job', () => {
    const life = placedAndHeard('StockReserved');
    life.cancel();
    life.hears('PaymentDeclined');
    life.hears('StockReleased');
    expect(life.stored.slice(-2).map(({ fact }) => fact.jobId)).toEqual([PLACE_JOB, CANCEL_JOB]);
  });

  it('answers a repeat as the first, whatever has become of it', () => {
    const life = placedAndHeard();
    life.cancel();
    expect(life.cancel()).toEqual(['Ignore command-repeated']);
    life.hears('StockReservationRefused');
    expect(life.cancel()).toEqual(['Ignore command-repeated']);
  });

  it.each([
    { title: 'waits for PlaceOrder', heard: [], cancelFirst: true },
    { title: 'runs', heard: UNTIL_APPROVED, cancelFirst: true },
    { title: 'is of no use: it was rejected', heard: ['StockReservationRefused'] },
  ] as const)('refuses another job when a cancellation $title', (situation) => {
    const life = placedAndHeard(...situation.heard);
    if ('cancelFirst' in situation) life.cancel();
    expect(life.cancel('job-other')).toEqual(['rejected order-not-cancellable']);
  });

  it('refuses another job when the order is cancelled', () => {
    const life = approved();
    life.cancel();
    for (const type of ['ShipmentCancelled', 'PaymentRefunded', 'StockRestocked'] as const) {
      life.hears(type);
    }
    expect(life.cancel('job-other')).toEqual(['rejected order-not-cancellable']);
  });

  it('does not tell a stranger that the order exists', () => {
    expect(approved().cancel(CANCEL_JOB, 'user-2')).toEqual(['rejected order-not-found']);
    expect(new OrderLife().cancel()).toEqual(['rejected order-not-found']);
  });
});
