import { v4 as uuid } from 'uuid';
import { LIMITS } from '../contracts/spec/limits.generated.ts';
import { sendWithRetry } from '../harness/clients/rest.ts';
import type { RpcResult } from '../harness/clients/rpc.ts';
import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';
import { ADDRESS } from '../harness/scenario/user.ts';
import type { World } from '../harness/scenario/world.ts';

const RECEIPT_PIECES_MAX = LIMITS.inventory.receiptPieces;
const AMOUNT_MAX = LIMITS.payment.amount;
const CARD_TOKEN_CHARS_MAX = LIMITS.payment.cardTokenChars;
const PRICE_MAX = 100_000_000_000;
const PIECES = 10;

/**
 * Claims: receipts, card limits, amounts and totals may be as large as contracts/limits.yaml says,
 * and no larger; an amount above what any card may have is refused as one above the card's limit.
 * Checks: gRPC requests at n and n + 1; orders of exactly the largest amount, and of one unit more.
 * Could be fooled: by a sum that is inexact where the numbers are not at the limits.
 */
export default defineScenario({
  name: 'limits-participants',
  claims: 'receipts, limits, amounts and totals end where contracts/limits.yaml says',
  async play({ world }) {
    await Promise.all([receipts(world), cards(world), amounts(world), totals(world)]);
  },
});

const codeOf = (result: RpcResult<unknown>): string | undefined =>
  result.ok ? 'accepted' : result.code;

async function receipts(world: World): Promise<void> {
  for (const [quantity, code] of [
    [0, 'invalid-request'],
    [1, 'accepted'],
    [RECEIPT_PIECES_MAX, 'accepted'],
    [RECEIPT_PIECES_MAX + 1, 'invalid-request'],
  ] as const) {
    const receipt = { receiptId: uuid(), sku: world.name('sku'), quantity };
    const result = await world.rpc.inventory.call('receiveStock', receipt);
    expect(codeOf(result), `a receipt of ${quantity}`).toBe(code);
  }
}

async function cards(world: World): Promise<void> {
  const register = (cardToken: string, minorUnits: number) =>
    world.rpc.payment.call('registerCard', {
      cardToken,
      creditLimit: { currency: 'JPY', minorUnits: BigInt(minorUnits) },
    });
  for (const [limit, code] of [
    [-1, 'invalid-request'],
    [0, 'accepted'],
    [AMOUNT_MAX, 'accepted'],
    [AMOUNT_MAX + 1, 'invalid-request'],
  ] as const) {
    expect(codeOf(await register(world.name('card'), limit)), `a limit of ${limit}`).toBe(code);
  }
  for (const [length, code] of [
    [CARD_TOKEN_CHARS_MAX, 'accepted'],
    [CARD_TOKEN_CHARS_MAX + 1, 'invalid-request'],
  ] as const) {
    const cardToken = world.name('card').padEnd(length, 'x');
    expect(codeOf(await register(cardToken, 1)), `a token of ${length} characters`).toBe(code);
  }
}

async function amounts(world: World): Promise<void> {
  const user = await world.user();
  for (const [more, end] of [
    [0, { state: 'SUCCEEDED', reason: null }],
    [1, { state: 'FAILED', reason: 'credit-limit-exceeded' }],
  ] as const) {
    const [sku, small, cardToken] = await Promise.all([
      world.sku(PIECES),
      world.sku(1),
      world.card(AMOUNT_MAX),
    ]);
    const price = (minorUnits: number) => ({ currency: 'JPY', minorUnits });
    const lines = [
      { sku, quantity: PIECES, unitPrice: price(PRICE_MAX) },
      { sku: small, quantity: 1, unitPrice: price(more) },
    ];
    const key = uuid();
    const response = await sendWithRetry(() =>
      user.tryPlace({ lines, cardToken, address: ADDRESS }, key),
    );
    const label = `an order of ${AMOUNT_MAX + more}`;
    expect(response.status, label).toBe(202);
    expect(await user.jobEnded(String(response.body['jobId'])), label).toMatchObject(end);
    const card = await world.rpc.payment.call('getCard', { cardToken });
    const captured = BigInt(more === 0 ? AMOUNT_MAX : 0);
    expect(card, label).toMatchObject({
      message: { card: { captured: { minorUnits: captured } } },
    });
  }
}

/** A total of 2^53 - 1 is exact everywhere; one unit more is refused. */
async function totals(world: World): Promise<void> {
  const user = await world.user();
  const place = (minorUnits: bigint) =>
    world.rpc.order.call('placeOrder', {
      ...{ jobId: uuid(), orderId: uuid(), userId: user.userId, cardToken: 'none' },
      lines: [
        { sku: 'none', quantity: 1, unitPrice: { currency: 'JPY', minorUnits } },
        { sku: 'none', quantity: 1, unitPrice: { currency: 'JPY', minorUnits: 1n } },
      ],
      ...{ address: ADDRESS, contactEmail: '', requestHash: 'a'.repeat(64) },
    });
  const above = await place(BigInt(Number.MAX_SAFE_INTEGER));
  expect(codeOf(above), 'a total of 2^53').toBe('invalid-request');
}
