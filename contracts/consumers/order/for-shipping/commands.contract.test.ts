import { expect } from 'vitest';
import { contractBetween, published } from '#harness/contracts/consumer/contract.ts';
import {
  ADDRESS,
  anId,
  aTraceparent,
  CANCELLATION_ASKED,
  LINES,
  PLACED,
  replied,
  TRACE_ID,
} from '#harness/contracts/consumer/examples.ts';
import { type ContractRecord, recordInteraction } from '#harness/contracts/consumer/record.ts';
import { FICTION } from '#harness/contracts/fiction.ts';
import { consumeRecord, currentTraceId } from '#kit/consumer.testkit.ts';
import { commandHandler } from '#kit/participant.ts';
import { createShipping } from '../../../../reference-services/shipping/app.ts';
import {
  flawOf,
  type Shipment,
  type ShippingCommand,
} from '../../../../reference-services/shipping/domain.ts';
import type { ShippingUnit } from '../../../../reference-services/shipping/ports.ts';

const { jobId, orderId, otherJobId } = FICTION;

const contract = contractBetween({ consumer: 'shipping', provider: 'order' });

/** What shipping makes of a command: its reply, and what it keeps. */
const shippingWith =
  (shipment: Shipment) =>
  async (record: ContractRecord): Promise<unknown> => {
    const made: unknown[] = [];
    const unit: ShippingUnit = {
      claim: async (messageId) => made.push({ claimed: messageId }) > 0,
      publish: async (key, event) => void made.push({ key, traceId: currentTraceId(), ...event }),
      lockShipment: async (locked) => {
        made.push({ locked });
        return shipment;
      },
      saveShipment: async (saved, after) => void made.push({ saved, after }),
      saveParcel: async (saved, address, lines) => void made.push({ saved, address, lines }),
    };
    const { handle } = createShipping({
      store: { transaction: (work) => work(unit), shipment: async () => shipment },
      clock: { now: () => 0 },
      ids: { uuid: () => '' },
    });
    const take = commandHandler<'shipping'>({ flawOf, handle });
    return { became: await consumeRecord(record, ['shipping.commands'], take), made };
  };

const command = (payload: ShippingCommand, job: string = jobId) => ({
  topic: 'shipping.commands',
  key: orderId,
  headers: { eventType: payload.type, traceparent: aTraceparent() },
  value: { messageId: anId(), jobId: job, orderId, payload },
  unread: { causationId: FICTION.causationId, occurredAt: 0 },
});

/** The reply says whose it is, and goes on in the command's trace. */
const making = (...made: object[]) => ({
  kind: 'done',
  value: {
    became: 'handled',
    made: expect.arrayContaining(made.map((one) => expect.objectContaining(one))),
  },
});

recordInteraction(contract, {
  description: 'a command to schedule the shipment',
  given: [PLACED, replied('StockReserved', 'PaymentAuthorized')],
  ...command({ type: 'ScheduleShipment', address: ADDRESS, lines: LINES }),
  consume: shippingWith({ status: 'none' }),
  expect: (outcome) =>
    expect(outcome).toMatchObject(
      making(
        { saved: orderId, address: ADDRESS, lines: LINES },
        {
          ...{ key: orderId, traceId: TRACE_ID, jobId, orderId },
          payload: { type: 'ShipmentScheduled', trackingNumber: expect.stringMatching(/^SP/) },
        },
      ),
    ),
});

recordInteraction(contract, {
  description: 'a command to cancel the shipment of an order that is being cancelled',
  given: [
    PLACED,
    replied('StockReserved', 'PaymentAuthorized', 'ShipmentScheduled', 'PaymentCaptured'),
    CANCELLATION_ASKED,
  ],
  ...command({ type: 'CancelShipment' }, otherJobId),
  after: ['ScheduleShipment'],
  consume: shippingWith({ status: 'scheduled', trackingNumber: 'SP1' }),
  expect: (outcome) =>
    expect(outcome).toMatchObject(
      making({
        ...{ key: orderId, traceId: TRACE_ID, jobId: otherJobId, orderId },
        payload: { type: 'ShipmentCancelled', effective: true },
      }),
    ),
});

recordInteraction(contract, {
  description: 'a command to cancel the shipment, asked for before the order was approved',
  given: [
    PLACED,
    CANCELLATION_ASKED,
    replied('StockReserved', 'PaymentAuthorized', 'ShipmentScheduled', 'PaymentCaptured'),
  ],
  ...command({ type: 'CancelShipment' }, otherJobId),
  after: ['ScheduleShipment'],
  consume: shippingWith({ status: 'dispatched', trackingNumber: 'SP1' }),
  expect: (outcome) =>
    expect(outcome).toMatchObject(
      making({
        ...{ key: orderId, traceId: TRACE_ID, jobId: otherJobId, orderId },
        payload: { type: 'ShipmentCancellationRefused', reason: 'shipment-dispatched' },
      }),
    ),
});

published(contract);
