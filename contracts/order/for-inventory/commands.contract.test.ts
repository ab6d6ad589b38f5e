import { expect } from 'vitest';
import { contractBetween, published } from '#harness/contracts/consumer/contract.ts';
import {
  anId,
  aTraceparent,
  LINE,
  OTHER_LINE,
  TRACE_ID,
} from '#harness/contracts/consumer/examples.ts';
import { type ContractRecord, recordInteraction } from '#harness/contracts/consumer/record.ts';
import { FICTION } from '#harness/contracts/fiction.ts';
import { consumeRecord, currentTraceId } from '#kit/consumer.testkit.ts';
import { commandHandler } from '#kit/participant.ts';
import { createInventory } from '../../../reference-services/inventory/app.ts';
import { flawOf, type Reservation } from '../../../reference-services/inventory/domain.ts';
import type { InventoryUnit } from '../../../reference-services/inventory/ports.ts';

const { jobId, orderId } = FICTION;

const contract = contractBetween({ consumer: 'inventory', provider: 'order' });

/** What inventory makes of a command: its reply, and what it keeps. */
const inventoryWith =
  (reservation: Reservation) =>
  async (record: ContractRecord): Promise<unknown> => {
    const made: unknown[] = [];
    const unit: InventoryUnit = {
      claim: async (messageId) => made.push({ claimed: messageId }) > 0,
      publish: async (key, event) => {
        made.push({ key, traceId: currentTraceId(), ...event });
      },
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
    const inventory = createInventory({
      store: {
        transaction: (work) => work(unit),
        stock: async () => undefined,
        reservation: async () => reservation,
      },
      clock: { now: () => 0 },
      ids: { uuid: () => '' },
    });
    const handle = commandHandler<'inventory'>({ flawOf, handle: inventory.handle });
    const became = await consumeRecord(record, ['inventory.commands'], handle);
    return { became, made };
  };

const isInStock = (sku: string): boolean => sku === LINE.sku || sku === OTHER_LINE.sku;

const command = (payload: { readonly type: string }) => ({
  topic: 'inventory.commands',
  key: orderId,
  headers: { eventType: payload.type, traceparent: aTraceparent() },
  value: { messageId: anId(), jobId, orderId, payload },
  unread: { causationId: FICTION.causationId, occurredAt: 0 },
});

/** The reply says whose it is and what it answers. */
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
  given: 'an order is placed',
  ...command({ type: 'ReserveStock', lines: [LINE, OTHER_LINE] } as never),
  consume: inventoryWith({ status: 'none' }),
  expect: replying({ type: 'StockReserved', lines: [LINE, OTHER_LINE] }),
});

recordInteraction(contract, {
  description: 'a command to release what was reserved',
  given: 'an order is placed',
  ...command({ type: 'ReleaseStock' }),
  after: ['ReserveStock'],
  consume: inventoryWith({ status: 'reserved', lines: [LINE] }),
  expect: replying({ type: 'StockReleased', effective: true, lines: [LINE] }),
});

published(contract);
