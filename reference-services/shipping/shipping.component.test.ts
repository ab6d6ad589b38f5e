import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GrpcClient, grpcClient, serveGrpc } from '#kit/grpc.ts';
import { type ParticipantWorld, participantWorld } from '#kit/participant.testkit.ts';
import { ShipmentStatus, ShippingService } from '#proto/sagaproof/shipping/v1/shipping_pb.js';
import { MIGRATIONS, postgresShipping } from './adapters/postgres.ts';
import { createShipping, type Shipping } from './app.ts';
import type { ShippingStore } from './ports.ts';
import { shippingServer } from './server.ts';

let world: ParticipantWorld<'shipping'>;
let store: ShippingStore;
let shipping: Shipping;
let grpc: GrpcClient<typeof ShippingService>;

beforeAll(async () => {
  world = await participantWorld('shipping', MIGRATIONS);
  store = postgresShipping(world.database, world.codec);
  shipping = createShipping({ store, ...world.context });
  const services = [shippingServer(shipping)];
  const port = await serveGrpc(world.context, { port: 0, services });
  grpc = grpcClient(world.context, ShippingService, `127.0.0.1:${port}`, { deadlineMs: 5_000 });
});
afterAll(() => world?.[Symbol.asyncDispose]());

const ADDRESS = {
  recipient: 'A. Customer',
  street: '1-1 Chiyoda',
  city: 'Tokyo',
  postalCode: '100-0001',
  country: 'JP',
};

const schedule = (country = 'JP') =>
  world.command({
    type: 'ScheduleShipment',
    address: { ...ADDRESS, country },
    lines: [{ sku: 'a', quantity: 1 }],
  });

const cancel = (orderId: string) => world.command({ type: 'CancelShipment' }, orderId);

const saidOf = async (orderId: string) =>
  (await world.published(orderId)).map(({ payload }) => payload);

describe('shipping on Postgres', () => {
  it('answers a command with one event that names it, however often it comes', async () => {
    const command = schedule();
    await Promise.all(Array.from({ length: 8 }, () => shipping.handle(command)));
    expect(await world.published(command.orderId)).toMatchObject([
      {
        orderId: command.orderId,
        jobId: command.jobId,
        causationId: command.messageId,
        payload: { type: 'ShipmentScheduled' },
      },
    ]);
  });

  it('has no shipment where no carrier goes', async () => {
    const command = schedule('AQ');
    await shipping.handle(command);
    expect(await saidOf(command.orderId)).toEqual([
      { type: 'ShipmentRefused', reason: 'address-undeliverable' },
    ]);
    await expect(grpc.getShipment({ orderId: command.orderId })).rejects.toMatchObject({
      code: 'shipment-not-found',
    });
  });

  it('ships nothing when the step and its cancellation race', async () => {
    const orders = Array.from({ length: 20 }, () => schedule());
    await Promise.all(
      orders.flatMap((command) => [
        shipping.handle(command),
        shipping.handle(cancel(command.orderId)),
      ]),
    );
    const states = await Promise.all(orders.map(({ orderId }) => shipping.shipment(orderId)));
    expect(new Set(states.map(({ status }) => status))).toEqual(new Set(['cancelled']));
  });

  it('either cancels or dispatches when both come at once', async () => {
    for (let round = 0; round < 10; round += 1) {
      const command = schedule();
      const { orderId } = command;
      await shipping.handle(command);
      const [dispatched] = await Promise.allSettled([
        shipping.dispatch(orderId),
        shipping.handle(cancel(orderId)),
      ]);
      const [, second, third] = (await saidOf(orderId)).map(({ type }) => type);
      const won = dispatched.status === 'fulfilled';
      expect([second, third].toSorted()).toEqual(
        won
          ? ['ShipmentCancellationRefused', 'ShipmentDispatched']
          : ['ShipmentCancelled', undefined],
      );
    }
  });

  it('leaves nothing behind when it dies between the effect and the commit', async () => {
    const command = schedule();
    const dying = createShipping({
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
    await expect(dying.handle(command)).rejects.toThrow('killed');
    expect(await store.shipment(command.orderId)).toEqual({ status: 'none' });
    expect(await saidOf(command.orderId)).toEqual([]);
    await shipping.handle(command);
    expect(await saidOf(command.orderId)).toHaveLength(1);
  });
});

describe('shipping over gRPC', () => {
  it('hands a parcel over once, and announces it once', async () => {
    const command = schedule();
    const { orderId } = command;
    await shipping.handle(command);
    expect((await grpc.getShipment({ orderId })).shipment?.status).toBe(ShipmentStatus.SCHEDULED);
    await grpc.dispatchShipment({ orderId });
    const { shipment } = await grpc.dispatchShipment({ orderId });
    expect(shipment).toMatchObject({
      status: ShipmentStatus.DISPATCHED,
      trackingNumber: expect.stringMatching(/^SP[0-9A-F]{32}$/),
    });
    expect((await world.published(orderId)).slice(1)).toMatchObject([
      { orderId, jobId: null, causationId: null, payload: { type: 'ShipmentDispatched' } },
    ]);
  });

  it('has nothing to hand over when nothing is scheduled, or not any more', async () => {
    const orderId = randomUUID();
    const refused = { code: 'shipment-not-scheduled' };
    await expect(grpc.dispatchShipment({ orderId })).rejects.toMatchObject(refused);
    await shipping.handle(cancel(orderId));
    await expect(grpc.dispatchShipment({ orderId })).rejects.toMatchObject(refused);
    expect((await grpc.getShipment({ orderId })).shipment).toMatchObject({
      status: ShipmentStatus.CANCELLED,
      trackingNumber: '',
    });
  });

  it('refuses what is no order id', async () => {
    await expect(grpc.getShipment({ orderId: 'x' })).rejects.toMatchObject({
      code: 'invalid-request',
    });
  });
});
