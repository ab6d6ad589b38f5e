import { expect } from 'vitest';
import { contractBetween, published } from '#harness/contracts/consumer/contract.ts';
import {
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
import { createInventory } from '../../../../reference-services/inventory/app.ts';
import {
  flawOf,
  type InventoryCommand,
  type Reservation,
} from '../../../../reference-services/inventory/domain.ts';
import type { InventoryUnit } from '../../../../reference-services/inventory/ports.ts';

const { jobId, orderId } = FICTION;

const contract = contractBetween({ consumer: 'inventory', provider: 'order' });

/** What inventory makes of a command: its reply, and what it keeps. */
const inventoryWith =
  (reservation: Reservation) =>
  async (record: ContractRecord): Promise<unknown> => {
    const made: unknown[] = [];
    const unit: InventoryUnit = {
      claim: async (messageId) => made.push({ claimed: messageId }) > 0,
      publish: async (key, event) => void made.push({ key, traceId: currentTraceId(), ...event }),
      lockReservation: async (locked) => {
        made.push({ locked });
        return reservation;
      },
      saveReservation: async (saved, after) => void made.push({ saved, after }),
      lockAvailable: async (skus) => new Map(skus.filter(isInStock).map((sku) => [sku, 2])),
      changeReserved: async (changes) => void made.push({ changes }),
      keepReceipt: async () => undefined,
      addReceived: async () => undefined,
      stock: async () => undefined,
    };
    const { handle } = createInventory({
      store: {
        transaction: (work) => work(unit),
        stock: async () => undefined,
        reservation: async () => reservation,
      },
      clock: { now: () => 0 },
      ids: { uuid: () => '' },
    });
    const take = commandHandler<'inventory'>({ flawOf, handle });
    return { became: await consumeRecord(record, ['inventory.commands'], take), made };
  };

const isInStock = (sku: string): boolean => LINES.some((line) => line.sku === sku);

const command = (payload: InventoryCommand) => ({
  topic: 'inventory.commands',
  key: orderId,
  headers: { eventType: payload.type, traceparent: aTraceparent() },
  value: { messageId: anId(), jobId, orderId, payload },
  unread: { causationId: FICTION.causationId, occurredAt: 0 },
});

/** The reply says whose it is, and goes on in the command's trace. */
const replying = (payload: object) => (outcome: unknown) =>
  expect(outcome).toMatchObject({
    kind: 'done',
    value: {
      became: 'handled',
      made: expect.arrayContaining([
        expect.objectContaining({ key: orderId, traceId: TRACE_ID, jobId, orderId, payload }),
      ]),
    },
  });

recordInteraction(contract, {
  description: 'a command to reserve what was ordered',
  given: PLACED,
  ...command({ type: 'ReserveStock', lines: LINES }),
  consume: inventoryWith({ status: 'none' }),
  expect: replying({ type: 'StockReserved', lines: LINES }),
});

recordInteraction(contract, {
  description: 'a command to release what was reserved, after a refusal by payment',
  given: [PLACED, replied('StockReserved', 'PaymentDeclined')],
  ...command({ type: 'ReleaseStock' }),
  after: ['ReserveStock'],
  consume: inventoryWith({ status: 'reserved', lines: LINES }),
  expect: replying({ type: 'StockReleased', effective: true, lines: LINES }),
});

recordInteraction(contract, {
  description: 'a command to release what was reserved, after payment has undone its step',
  given: [
    PLACED,
    replied('StockReserved', 'PaymentAuthorized', 'ShipmentRefused', 'PaymentVoided'),
  ],
  ...command({ type: 'ReleaseStock' }),
  after: ['ReserveStock'],
  consume: inventoryWith({ status: 'reserved', lines: LINES }),
  expect: replying({ type: 'StockReleased', effective: true, lines: LINES }),
});

recordInteraction(contract, {
  description: 'a command to put the stock of a cancelled order back',
  given: [
    PLACED,
    replied('StockReserved', 'PaymentAuthorized', 'ShipmentScheduled', 'PaymentCaptured'),
    CANCELLATION_ASKED,
    replied('ShipmentCancelled', 'PaymentRefunded'),
  ],
  ...command({ type: 'RestockItems' }),
  value: {
    messageId: anId(),
    jobId: FICTION.otherJobId,
    orderId,
    payload: { type: 'RestockItems' },
  },
  after: ['ReserveStock'],
  consume: inventoryWith({ status: 'reserved', lines: LINES }),
  expect: (outcome) =>
    expect(outcome).toMatchObject({
      value: {
        made: expect.arrayContaining([
          expect.objectContaining({
            jobId: FICTION.otherJobId,
            payload: { type: 'StockRestocked', effective: true, lines: LINES },
          }),
        ]),
      },
    }),
});

published(contract);
