import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GrpcClient, grpcClient, serveGrpc } from '#kit/grpc.ts';
import { type ParticipantWorld, participantWorld } from '#kit/participant.testkit.ts';
import { PaymentService, PaymentStatus } from '#proto/sagaproof/payment/v1/payment_pb.js';
import { MIGRATIONS, postgresPayments } from './adapters/postgres.ts';
import { sandboxAcquirer } from './adapters/sandbox-acquirer.ts';
import { createPayments, type Payments } from './app.ts';
import type { PaymentStore } from './ports.ts';
import { paymentServer } from './server.ts';

let world: ParticipantWorld<'payment'>;
let store: PaymentStore;
let payments: Payments;

beforeAll(async () => {
  world = await participantWorld('payment', MIGRATIONS);
  store = postgresPayments(world.database, world.codec);
  payments = createPayments({ store, acquirer: sandboxAcquirer(), ...world.context });
});
afterAll(() => world?.[Symbol.asyncDispose]());

async function card(limit: number, prefix = 'tok_'): Promise<string> {
  const cardToken = `${prefix}${randomUUID()}`;
  await payments.registerCard(cardToken, { currency: 'EUR', minorUnits: limit });
  return cardToken;
}

const authorize = (cardToken: string, minorUnits: number, orderId?: string) =>
  world.command(
    { type: 'AuthorizePayment', cardToken, amount: { currency: 'EUR', minorUnits } },
    orderId,
  );

const capture = (orderId: string, attempt = 1) =>
  world.command({ type: 'CapturePayment', attempt }, orderId);

const saidOf = async (orderId: string) =>
  (await world.published(orderId)).map(({ payload }) => payload);

describe('payments on Postgres', () => {
  it('answer a command with one event that names it', async () => {
    const command = authorize(await card(1_000), 400);
    await payments.handle(command);
    expect(await world.published(command.orderId)).toMatchObject([
      {
        orderId: command.orderId,
        jobId: command.jobId,
        causationId: command.messageId,
        payload: { type: 'PaymentAuthorized', amount: { currency: 'EUR', minorUnits: 400 } },
      },
    ]);
  });

  it('have one effect and one reply for a command that comes often and at once', async () => {
    const cardToken = await card(1_000);
    const command = authorize(cardToken, 400);
    await Promise.all(Array.from({ length: 8 }, () => payments.handle(command)));
    expect(await payments.card(cardToken)).toMatchObject({ held: 400, captured: 0 });
    expect(await saidOf(command.orderId)).toHaveLength(1);
  });

  it('never hold more than the limit when several orders come at once', async () => {
    const cardToken = await card(1_000);
    const orders = Array.from({ length: 20 }, () => authorize(cardToken, 300));
    await Promise.all(orders.map((command) => payments.handle(command)));
    const said = (await Promise.all(orders.map(({ orderId }) => saidOf(orderId)))).flat();
    expect(said.filter(({ type }) => type === 'PaymentAuthorized')).toHaveLength(3);
    expect(said.filter(({ type }) => type === 'PaymentDeclined')).toHaveLength(17);
    expect(await payments.card(cardToken)).toMatchObject({ held: 900 });
  });

  it('take the amount once, however often they are captured', async () => {
    const cardToken = await card(1_000);
    const command = authorize(cardToken, 400);
    await payments.handle(command);
    const first = capture(command.orderId);
    await payments.handle(first);
    await payments.handle(first);
    await payments.handle(capture(command.orderId, 2));
    expect(await payments.card(cardToken)).toMatchObject({ held: 0, captured: 400 });
    const captured = { type: 'PaymentCaptured', amount: { currency: 'EUR', minorUnits: 400 } };
    expect((await saidOf(command.orderId)).slice(1)).toMatchObject([captured, captured]);
  });

  it('are captured in the end when the sandbox says that it takes a while', async () => {
    const cardToken = await card(1_000, 'tok_slow_2_');
    const command = authorize(cardToken, 400);
    await payments.handle(command);
    for (const attempt of [1, 2, 3]) await payments.handle(capture(command.orderId, attempt));
    expect((await saidOf(command.orderId)).slice(1)).toMatchObject([
      { type: 'PaymentCaptureFailed', attempt: 1, reason: 'acquirer-unavailable' },
      { type: 'PaymentCaptureFailed', attempt: 2, reason: 'acquirer-unavailable' },
      { type: 'PaymentCaptured' },
    ]);
  });

  it('are declined when the sandbox says so', async () => {
    const command = authorize(await card(1_000, 'tok_declined_'), 400);
    await payments.handle(command);
    expect(await saidOf(command.orderId)).toEqual([
      { type: 'PaymentDeclined', reason: 'card-declined' },
    ]);
  });

  it('hold nothing when the authorisation and its void race', async () => {
    const cardToken = await card(1_000_000);
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        const command = authorize(cardToken, 10);
        const undo = world.command({ type: 'VoidPayment' }, command.orderId);
        await Promise.all([payments.handle(command), payments.handle(undo)]);
      }),
    );
    expect(await payments.card(cardToken)).toMatchObject({ held: 0, captured: 0 });
  });

  it('leave nothing behind when they die between the effect and the commit', async () => {
    const cardToken = await card(1_000);
    const command = authorize(cardToken, 400);
    const dying = createPayments({
      ...world.context,
      acquirer: sandboxAcquirer(),
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
    expect(await payments.card(cardToken)).toMatchObject({ held: 0 });
    expect(await saidOf(command.orderId)).toEqual([]);
    await payments.handle(command);
    expect(await payments.card(cardToken)).toMatchObject({ held: 400 });
    expect(await saidOf(command.orderId)).toHaveLength(1);
  });
});

describe('payments over gRPC', () => {
  let grpc: GrpcClient<typeof PaymentService>;
  beforeAll(async () => {
    const services = [paymentServer(payments)];
    const port = await serveGrpc(world.context, { port: 0, services });
    const address = `127.0.0.1:${port}`;
    grpc = grpcClient(world.context, PaymentService, address, { deadlineMs: 5_000 });
  });
  const limit = (minorUnits: bigint, currency = 'EUR') => ({ currency, minorUnits });

  it('register a card, and announce it when it is new or changed', async () => {
    const cardToken = `tok_${randomUUID()}`;
    for (const minorUnits of [500n, 500n, 700n]) {
      await grpc.registerCard({ cardToken, creditLimit: limit(minorUnits) });
    }
    const { card: known } = await grpc.getCard({ cardToken });
    expect(known).toMatchObject({
      creditLimit: { currency: 'EUR', minorUnits: 700n },
      held: { currency: 'EUR', minorUnits: 0n },
      captured: { minorUnits: 0n },
    });
    expect(await saidOf(cardToken)).toMatchObject([
      { type: 'CardRegistered', creditLimit: { minorUnits: 500 } },
      { type: 'CardRegistered', creditLimit: { minorUnits: 700 } },
    ]);
  });

  it('keep the currency of a card that is charged', async () => {
    const cardToken = await card(1_000);
    await payments.handle(authorize(cardToken, 1));
    await expect(
      grpc.registerCard({ cardToken, creditLimit: limit(500n, 'JPY') }),
    ).rejects.toMatchObject({ code: 'invalid-request' });
  });

  it.each([
    { cardToken: '', creditLimit: limit(1n) },
    { cardToken: 'x'.repeat(129), creditLimit: limit(1n) },
    { cardToken: 'tok', creditLimit: limit(-1n) },
    { cardToken: 'tok', creditLimit: limit(1n, 'euro') },
    { cardToken: 'tok' },
  ])('refuse a registration that is wrong', async (request) => {
    await expect(grpc.registerCard(request)).rejects.toMatchObject({ code: 'invalid-request' });
  });

  it('say which card or payment they do not know', async () => {
    await expect(grpc.getCard({ cardToken: 'unknown' })).rejects.toMatchObject({
      code: 'card-not-found',
    });
    await expect(grpc.getPayment({ orderId: randomUUID() })).rejects.toMatchObject({
      code: 'payment-not-found',
    });
  });

  it('show where a payment is', async () => {
    const command = authorize(await card(1_000), 400);
    const { orderId } = command;
    const seen = async () => (await grpc.getPayment({ orderId })).status;
    await payments.handle(command);
    expect(await seen()).toBe(PaymentStatus.AUTHORIZED);
    await payments.handle(capture(orderId));
    expect(await seen()).toBe(PaymentStatus.CAPTURED);
    await payments.handle(world.command({ type: 'RefundPayment' }, orderId));
    expect(await seen()).toBe(PaymentStatus.REFUNDED);
    expect(await grpc.getPayment({ orderId })).toMatchObject({ amount: { minorUnits: 400n } });
  });

  it('show a void that came before its authorisation', async () => {
    const command = world.command({ type: 'VoidPayment' });
    await payments.handle(command);
    const { status, amount } = await grpc.getPayment({ orderId: command.orderId });
    expect([status, amount]).toEqual([PaymentStatus.VOIDED, undefined]);
  });
});
