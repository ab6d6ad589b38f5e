import { contractBetween, published } from '#harness/contracts/consumer/contract.ts';
import { commanded, DISPATCHED } from '#harness/contracts/consumer/examples.ts';
import { FICTION } from '#harness/contracts/fiction.ts';
import {
  leadingTo,
  orderAfter,
  otherInteraction,
  replyInteraction,
  UNTIL_CANCELLATION,
} from '../../order.testkit.ts';

const contract = contractBetween({ consumer: 'order', provider: 'shipping' });

const AUTHORISED = ['StockReserved', 'PaymentAuthorized'] as const;

replyInteraction(contract, {
  description: 'a shipment that is scheduled',
  given: commanded('ScheduleShipment'),
  payload: { type: 'ShipmentScheduled' },
  unread: { trackingNumber: 'SP1' },
  consume: orderAfter(...AUTHORISED),
  leadsTo: leadingTo(['SagaStepCompleted', 'CapturePayment'], { step: 'SCHEDULE_SHIPMENT' }),
});

for (const [description, given, after, reason] of [
  [
    'a refusal since no carrier delivers there',
    commanded({ type: 'ScheduleShipment', country: 'AQ' }),
    [],
    'address-undeliverable',
  ],
  [
    'a refusal since the shipment was cancelled before the command to schedule it came',
    commanded('CancelShipment', 'ScheduleShipment'),
    ['ShipmentCancelled'],
    'shipment-cancelled',
  ],
] as const) {
  replyInteraction(contract, {
    ...{ description, given, after },
    payload: { type: 'ShipmentRefused', reason },
    consume: orderAfter(...AUTHORISED),
    leadsTo: leadingTo(['SagaStepFailed', 'SagaCompensationStarted', 'VoidPayment'], { reason }),
  });
}

replyInteraction(contract, {
  description: 'a shipment that will not happen',
  given: commanded('ScheduleShipment', 'CancelShipment'),
  payload: { type: 'ShipmentCancelled' },
  unread: { effective: true },
  after: ['ShipmentScheduled'],
  consume: orderAfter(...UNTIL_CANCELLATION),
  leadsTo: leadingTo(['SagaStepCompleted', 'RefundPayment'], { step: 'CANCEL_SHIPMENT' }),
});

for (const [description, given, effective] of [
  [
    'a shipment that was taken back after its step timed out',
    commanded('ScheduleShipment', 'CancelShipment'),
    true,
  ],
  ['a cancellation that found nothing to cancel', commanded('CancelShipment'), false],
] as const) {
  replyInteraction(contract, {
    ...{ description, given },
    payload: { type: 'ShipmentCancelled', effective },
    after: effective ? ['ShipmentScheduled'] : [],
    consume: orderAfter(...AUTHORISED, 'timer'),
    leadsTo: leadingTo(['SagaStepCompensated', 'VoidPayment'], { effective }),
  });
}

replyInteraction(contract, {
  description: 'a refusal to cancel, since the parcel is on its way',
  given: [commanded('ScheduleShipment'), DISPATCHED, commanded('CancelShipment')],
  payload: { type: 'ShipmentCancellationRefused', reason: 'shipment-dispatched' },
  after: ['ShipmentScheduled', 'ShipmentDispatched'],
  consume: orderAfter(...UNTIL_CANCELLATION),
  leadsTo: leadingTo(['SagaStepFailed', 'OrderCancellationRefused'], {
    reason: 'shipment-dispatched',
  }),
});

replyInteraction(contract, {
  description: 'a refusal to take back a step that timed out, since the parcel is on its way',
  given: [commanded('ScheduleShipment'), DISPATCHED, commanded('CancelShipment')],
  payload: { type: 'ShipmentCancellationRefused' },
  unread: { reason: 'shipment-dispatched' },
  after: ['ShipmentScheduled', 'ShipmentDispatched'],
  consume: orderAfter(...AUTHORISED, 'timer'),
  leadsTo: leadingTo(['SagaStepCompleted', 'CapturePayment'], { step: 'SCHEDULE_SHIPMENT' }),
});

otherInteraction(contract, {
  description: 'a parcel that is on its way',
  given: [commanded('ScheduleShipment'), DISPATCHED],
  key: FICTION.orderId,
  payload: { type: 'ShipmentDispatched' },
  value: { payload: { type: 'ShipmentDispatched' } },
  // Whatever it names as its cause, it is no reply.
  unread: { causationId: FICTION.causationId },
  after: ['ShipmentScheduled'],
  reason: 'not-a-reply',
});

published(contract);
