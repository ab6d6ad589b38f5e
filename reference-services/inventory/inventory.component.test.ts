import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { grpcClient, serveGrpc } from '#kit/grpc.ts';
import { type ParticipantWorld, participantWorld } from '#kit/participant.testkit.ts';
import { InventoryService, ReservationStatus } from '#proto/sagaproof/inventory/v1/inventory_pb.js';
import { MIGRATIONS, postgresInventory } from './adapters/postgres.ts';
import { createInventory, type Inventory } from './app.ts';
import type { InventoryStore } from './ports.ts';
import { inventoryServer } from './server.ts';

let world: ParticipantWorld<'inventory'>;
let store: InventoryStore;
let inventory: Inventory;

beforeAll(async () => {
  world = await participantWorld('inventory', MIGRATIONS);
  store = postgresInventory(world.database, world.codec);
  inventory = createInventory({ store, ...world.context });
});
afterAll(() => world?.[Symbol.asyncDispose]());

const reserve = (sku: string, quantity: number, orderId?: string) =>
  world.command({ type: 'ReserveStock', lines: [{ sku, quantity }] }, orderId);

async function shelf(received: number): Promise<string> {
  const sku = `sku-${randomUUID()}`;
  await inventory.receive({ receiptId: randomUUID(), sku, quantity: received });
  return sku;
}

describe('inventory on Postgres', () => {
  it('answers a command with one event that names it', async () => {
    const wanted = reserve(await shelf(5), 2);
    await inventory.handle(wanted);
    const [reply, ...more] = await world.published(wanted.orderId);
    expect(more).toEqual([]);
    expect(reply).toMatchObject({
      orderId: wanted.orderId,
      jobId: wanted.jobId,
      causationId: wanted.messageId,
      payload: { type: 'StockReserved' },
    });
    const [row] = await world.database.query(
      'select id, aggregatetype, type from outbox where aggregateid = $1',
      [wanted.orderId],
    );
    expect(row).toEqual({
      id: reply?.messageId,
      aggregatetype: 'inventory',
      type: 'StockReserved',
    });
  });

  it('has one effect and one reply for a command that comes often and at once', async () => {
    const sku = await shelf(10);
    const wanted = reserve(sku, 2);
    await Promise.all(Array.from({ length: 8 }, () => inventory.handle(wanted)));
    expect(await inventory.stock(sku)).toMatchObject({ reserved: 2 });
    expect(await world.published(wanted.orderId)).toHaveLength(1);
  });

  it('never oversells when several orders come at once', async () => {
    const sku = await shelf(10);
    const orders = Array.from({ length: 30 }, () => reserve(sku, 1));
    await Promise.all(orders.map((wanted) => inventory.handle(wanted)));
    const replies = await Promise.all(orders.map(({ orderId }) => world.published(orderId)));
    const types = replies.map(([reply]) => reply?.payload.type);
    expect(types.filter((type) => type === 'StockReserved')).toHaveLength(10);
    expect(types.filter((type) => type === 'StockReservationRefused')).toHaveLength(20);
    expect(await inventory.stock(sku)).toEqual({ sku, received: 10, reserved: 10 });
  });

  it('lets orders over the same products in opposite orders both through', async () => {
    const [a, b] = [await shelf(100), await shelf(100)];
    const both = (first: string, second: string) =>
      world.command({
        type: 'ReserveStock',
        lines: [
          { sku: first, quantity: 1 },
          { sku: second, quantity: 1 },
        ],
      });
    const orders = Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? both(a, b) : both(b, a)));
    await Promise.all(orders.map((wanted) => inventory.handle(wanted)));
    expect(await inventory.stock(a)).toMatchObject({ reserved: 20 });
    expect(await inventory.stock(b)).toMatchObject({ reserved: 20 });
  });

  it('ends with nothing held when the step and its compensation race', async () => {
    const sku = await shelf(1_000);
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        const wanted = reserve(sku, 3);
        await Promise.all([
          inventory.handle(wanted),
          inventory.handle(world.command({ type: 'ReleaseStock' }, wanted.orderId)),
        ]);
      }),
    );
    expect(await inventory.stock(sku)).toMatchObject({ reserved: 0 });
  });

  it('leaves nothing behind when it dies between the effect and the commit', async () => {
    const sku = await shelf(5);
    const wanted = reserve(sku, 2);
    const dying = createInventory({
      ...world.context,
      store: {
        ...store,
        transaction: (work) =>
          store.transaction(async (unit) => {
            await work(unit);
            throw new Error('killed');
          }),
      },
    });
    await expect(dying.handle(wanted)).rejects.toThrow('killed');
    expect(await inventory.stock(sku)).toMatchObject({ reserved: 0 });
    expect(await world.published(wanted.orderId)).toEqual([]);
    await inventory.handle(wanted);
    expect(await inventory.stock(sku)).toMatchObject({ reserved: 2 });
    expect(await world.published(wanted.orderId)).toHaveLength(1);
  });

  it('cannot hold more than was received, whatever a bug above it does', async () => {
    const sku = await shelf(1);
    await expect(
      store.transaction(async (unit) => unit.changeReserved([{ sku, quantity: 2 }])),
    ).rejects.toMatchObject({
      name: 'UnstorableValue',
      cause: { message: expect.stringMatching(/check constraint/) },
    });
  });
});

describe('inventory over gRPC', () => {
  let grpc: ReturnType<typeof grpcClient<typeof InventoryService>>;
  beforeAll(async () => {
    const port = await serveGrpc(world.context, {
      port: 0,
      services: [inventoryServer(inventory)],
    });
    grpc = grpcClient(world.context, InventoryService, `127.0.0.1:${port}`, {
      deadlineMs: 5_000,
    });
  });

  it('books a goods receipt once, and announces it once under its product', async () => {
    const receipt = { receiptId: randomUUID(), sku: `sku-${randomUUID()}`, quantity: 7 };
    await grpc.receiveStock(receipt);
    const { stock } = await grpc.receiveStock(receipt);
    expect(stock).toMatchObject({ sku: receipt.sku, received: 7n, reserved: 0n, available: 7n });
    expect((await world.published(receipt.sku)).map(({ payload }) => payload)).toMatchObject([
      { type: 'StockReceived', sku: receipt.sku, quantity: 7 },
    ]);
  });

  it('refuses a receipt_id that was used for another receipt', async () => {
    const receipt = { receiptId: randomUUID(), sku: `sku-${randomUUID()}`, quantity: 7 };
    await grpc.receiveStock(receipt);
    await expect(grpc.receiveStock({ ...receipt, quantity: 8 })).rejects.toMatchObject({
      code: 'idempotency-key-reused',
    });
  });

  it.each([
    { receiptId: 'no uuid', sku: 'a', quantity: 1 },
    { receiptId: randomUUID(), sku: 'a b', quantity: 1 },
    { receiptId: randomUUID(), sku: 'a', quantity: 0 },
    { receiptId: randomUUID(), sku: 'a', quantity: 1_000_001 },
  ])('refuses the bad receipt %o', async (receipt) => {
    await expect(grpc.receiveStock(receipt)).rejects.toMatchObject({ code: 'invalid-request' });
  });

  it('says which product or reservation it does not know', async () => {
    await expect(grpc.getStock({ sku: 'nothing' })).rejects.toMatchObject({
      code: 'stock-not-found',
    });
    await expect(grpc.getReservation({ orderId: randomUUID() })).rejects.toMatchObject({
      code: 'reservation-not-found',
    });
  });

  it('shows where a reservation is', async () => {
    const wanted = reserve(await shelf(5), 2);
    await inventory.handle(wanted);
    const { orderId } = wanted;
    expect(await grpc.getReservation({ orderId })).toMatchObject({
      status: ReservationStatus.RESERVED,
    });
    await inventory.handle(world.command({ type: 'ReleaseStock' }, orderId));
    expect(await grpc.getReservation({ orderId })).toMatchObject({
      status: ReservationStatus.RELEASED,
    });
  });

  it('has no reservation of an order that was refused', async () => {
    const wanted = reserve(await shelf(1), 2);
    await inventory.handle(wanted);
    await expect(grpc.getReservation({ orderId: wanted.orderId })).rejects.toMatchObject({
      code: 'reservation-not-found',
    });
  });
});
