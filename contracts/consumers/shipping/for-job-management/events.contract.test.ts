import { contractBetween, published } from '#harness/contracts/consumer/contract.ts';
import { commanded, DISPATCHED } from '#harness/contracts/consumer/examples.ts';
import { FICTION } from '#harness/contracts/fiction.ts';
import { joblessInteraction, participantInteraction } from '../../job-management.testkit.ts';

const contract = contractBetween({ consumer: 'job-management', provider: 'shipping' });

participantInteraction(contract, {
  description: 'a shipment that is scheduled',
  given: commanded('ScheduleShipment'),
  payload: { type: 'ShipmentScheduled' },
  unread: { trackingNumber: 'SP1' },
});

for (const [reason, given, after] of [
  ['address-undeliverable', commanded({ type: 'ScheduleShipment', country: 'AQ' }), []],
  ['shipment-cancelled', commanded('CancelShipment', 'ScheduleShipment'), ['ShipmentCancelled']],
] as const) {
  participantInteraction(contract, {
    description: `a shipment that is refused: ${reason}`,
    ...{ given, after },
    payload: { type: 'ShipmentRefused', reason },
  });
}

participantInteraction(contract, {
  description: 'a shipment that will not happen',
  given: commanded('ScheduleShipment', 'CancelShipment'),
  payload: { type: 'ShipmentCancelled' },
  unread: { effective: true },
  after: ['ShipmentScheduled'],
});

participantInteraction(contract, {
  description: 'a cancellation that came too late',
  given: [commanded('ScheduleShipment'), DISPATCHED, commanded('CancelShipment')],
  payload: { type: 'ShipmentCancellationRefused', reason: 'shipment-dispatched' },
  after: ['ShipmentScheduled', 'ShipmentDispatched'],
});

joblessInteraction(contract, {
  description: 'a parcel that is on its way, by no job',
  given: [commanded('ScheduleShipment'), DISPATCHED],
  key: FICTION.orderId,
  payload: { type: 'ShipmentDispatched' },
  after: ['ShipmentScheduled'],
});

published(contract);
