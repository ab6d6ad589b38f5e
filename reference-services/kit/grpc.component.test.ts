import { createServer, type Server, type Socket } from 'node:net';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { RawChannel } from '#harness/conformance/raw-channel.ts';
import { ShipmentStatus, ShippingService } from '#proto/sagaproof/shipping/v1/shipping_pb.js';
import { testContext } from './context.testkit.ts';
import { withDeadline } from './deadline.ts';
import { OperationalError } from './errors.ts';
import { type Call, grpcClient, implement, serveGrpc } from './grpc.ts';
import type { OwnedContext } from './service.ts';

const ORDER = '0199d1c2-0000-7000-8000-000000000001';

type GetShipment = (orderId: string, call: Call) => Promise<void>;

async function serve(context: OwnedContext, onGet: GetShipment) {
  const port = await serveGrpc(context, {
    port: 0,
    services: [
      implement(ShippingService, {
        getShipment: async ({ orderId }, call) => {
          await onGet(orderId, call);
          return { shipment: { orderId, status: ShipmentStatus.SCHEDULED } };
        },
        dispatchShipment: async () => {
          throw new OperationalError('shipment-not-scheduled');
        },
      }),
    ],
  });
  return `127.0.0.1:${port}`;
}

const client = (context: OwnedContext, address: string, deadlineMs = 2_000) =>
  grpcClient(context, ShippingService, address, { deadlineMs });

async function listening(onConnection: (socket: Socket) => void): Promise<[Server, string]> {
  const server = createServer(onConnection);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return [server, `127.0.0.1:${address.port}`];
}

describe('gRPC', () => {
  it('answers with what the handler returns', async () => {
    await using context = testContext();
    const shipping = client(context, await serve(context, async () => undefined));
    const { shipment } = await shipping.getShipment({ orderId: ORDER });
    expect(shipment).toMatchObject({ orderId: ORDER, status: ShipmentStatus.SCHEDULED });
  });

  it('refuses a request with a control character before its handler, and names the field', async () => {
    await using context = testContext();
    const seen: string[] = [];
    const address = await serve(context, async (orderId) => void seen.push(orderId));
    const shipping = client(context, address);
    await expect(shipping.getShipment({ orderId: 'a\u0000b' })).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringContaining('orderId'),
    });
    const unusual = '👩‍👩‍👧 שלום é';
    await shipping.getShipment({ orderId: unusual });
    expect(seen).toEqual([unusual]);
  });

  it('carries a refusal by its code', async () => {
    await using context = testContext();
    const shipping = client(context, await serve(context, async () => undefined));
    await expect(shipping.dispatchShipment({ orderId: ORDER })).rejects.toMatchObject({
      code: 'shipment-not-scheduled',
      details: { status: 'FAILED_PRECONDITION' },
    });
  });

  it('shows nothing internal when a handler breaks', async () => {
    await using context = testContext();
    const address = await serve(context, async () => {
      throw new TypeError('the secret is swordfish');
    });
    const failure = await client(context, address)
      .getShipment({ orderId: ORDER })
      .catch((error: Error) => error);
    expect(failure).toMatchObject({ code: 'internal' });
    expect(String((failure as Error).message)).not.toContain('swordfish');
  });

  it('is unavailable, and certainly so, when nothing listens', async () => {
    await using context = testContext();
    const [server, address] = await listening(() => undefined);
    await new Promise((resolve) => server.close(resolve));
    await expect(client(context, address).getShipment({})).rejects.toMatchObject({
      code: 'unavailable',
    });
  });

  it('does not know the outcome when the connection breaks during the call', async () => {
    await using context = testContext();
    const dying = testContext('dying');
    const address = await serve(dying, async () => {
      // Ends the server under the call, after the request has arrived.
      void dying.end();
      await new Promise(() => undefined);
    });
    await expect(client(context, address, 8_000).getShipment({})).rejects.toMatchObject({
      code: 'outcome-unknown',
    });
  });

  it('does not know the outcome when the deadline passes, and tells the handler', async () => {
    await using context = testContext();
    const aborted = Promise.withResolvers<void>();
    const address = await serve(context, async (_orderId, { signal }) => {
      signal.addEventListener('abort', () => aborted.resolve());
      await new Promise(() => undefined);
    });
    await expect(client(context, address, 100).getShipment({})).rejects.toMatchObject({
      code: 'outcome-unknown',
    });
    await aborted.promise;
  });

  it('begins no call whose time was up when it came', async () => {
    await using context = testContext();
    const seen: string[] = [];
    const raw = new RawChannel(await serve(context, async (orderId) => void seen.push(orderId)));
    context.resources.defer(() => raw.close());
    const path = '/sagaproof.shipping.v1.ShippingService/GetShipment';
    const answer = await raw.call({ path, message: new Uint8Array(), timeout: '1n' });
    expect(answer.status).toBe('DEADLINE_EXCEEDED');
    expect(seen).toEqual([]);
  });

  it('gives a call no more time than its caller has left', async () => {
    await using context = testContext();
    const seen: number[] = [];
    const address = await serve(context, async (_orderId, { deadlineMs }) => {
      seen.push(deadlineMs);
    });
    const shipping = client(context, address, 5_000);
    await withDeadline(300, undefined, () => shipping.getShipment({}));
    await withDeadline(0, undefined, () =>
      expect(shipping.getShipment({})).rejects.toMatchObject({ code: 'unavailable' }),
    );
    expect(seen).toHaveLength(1);
    expect(seen[0]).toBeLessThanOrEqual(300);
  });

  it('finds the server again after it was gone', async () => {
    await using context = testContext();
    const first = testContext('first');
    const address = await serve(first, async () => undefined);
    const shipping = client(context, address);
    await shipping.getShipment({});
    await first.end();
    await expect(shipping.getShipment({})).rejects.toMatchObject({ code: 'unavailable' });
    await using second = testContext('second');
    const port = Number(address.split(':')[1]);
    await serveGrpc(second, {
      port,
      services: [
        implement(ShippingService, {
          getShipment: async () => ({}),
          dispatchShipment: async () => ({}),
        }),
      ],
    });
    await expect
      .poll(
        () =>
          shipping.getShipment({}).then(
            () => 'answered',
            () => 'failed',
          ),
        {
          timeout: 3_000,
          message: 'the client comes back',
        },
      )
      .toBe('answered');
  });

  it('ignores fields that it does not know', async () => {
    await using context = testContext();
    const address = await serve(context, async () => undefined);
    const raw = new Client(address, credentials.createInsecure());
    context.resources.defer(() => raw.close());
    // Field 1 is order_id; field 99 is from a newer schema.
    const bytes = Buffer.from([10, 1, 97, 0x9a, 0x06, 1, 98]);
    const answer = await new Promise<Buffer | undefined>((resolve, reject) => {
      raw.makeUnaryRequest(
        '/sagaproof.shipping.v1.ShippingService/GetShipment',
        (given: Buffer) => given,
        (given: Buffer) => given,
        bytes,
        new Metadata(),
        (error, response) => (error === null ? resolve(response) : reject(error)),
      );
    });
    expect(answer?.includes(97)).toBe(true);
  });

  it('counts calls by status', async () => {
    await using context = testContext();
    const shipping = client(context, await serve(context, async () => undefined));
    await shipping.getShipment({});
    await shipping.dispatchShipment({}).catch(() => undefined);
    const text = await context.metrics.metrics();
    expect(text).toMatch(/grpc_server_handled_total\{[^}]*grpc_code="OK"[^}]*\} 1/);
    expect(text).toMatch(
      /grpc_server_handled_total\{[^}]*grpc_code="FAILED_PRECONDITION"[^}]*\} 1/,
    );
  });
});
