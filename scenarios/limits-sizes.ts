import { LIMITS } from '../contracts/spec/limits.generated.ts';
import { sendWithRetry } from '../harness/clients/rest.ts';
import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';
import { socketOrRefusal } from '../harness/scenario/refusal.ts';
import { orderBody } from '../harness/scenario/user.ts';
import type { World } from '../harness/scenario/world.ts';

const BODY_BYTES_MAX = LIMITS['api-gateway'].bodyBytes;
const HEAD_BYTES_MAX = LIMITS['api-gateway'].headBytes;
const TOKEN_CHARS_MAX = Math.min(LIMITS['api-gateway'].tokenChars, LIMITS.auth.tokenChars);
const ID_CHARS_MAX = LIMITS.auth.userIdChars;
const LINES_MAX = LIMITS.order.lines;
const QUANTITY_MAX = LIMITS.order.quantity;
const UNIT_PRICE_MAX = 100_000_000_000;
/** What else a head has. */
const HEAD_MARGIN_BYTES = 2_048;

/**
 * Claims: bodies, heads, access tokens, user ids and orders may be as large as the documents say,
 * and no larger.
 * Checks: each at its limit and one above: a body that is padded, tokens that are padded with
 * groups, the largest order, whose total must be exact.
 * Could be fooled: about the size of a head, which has more in it than the harness writes; hence a
 * margin.
 */
export default defineScenario({
  name: 'limits-sizes',
  claims: 'bodies, heads, tokens, ids and orders have the documented sizes',
  async play({ world }) {
    await Promise.all([bodies(world), heads(world), tokens(world), ids(world), order(world)]);
  },
});

async function bodies(world: World): Promise<void> {
  const user = await world.user();
  const json = JSON.stringify(
    orderBody({ lines: [{ sku: world.name('sku'), quantity: 1 }], cardToken: 'none' }),
  );
  const post = (bytes: number) =>
    sendWithRetry(() =>
      world.rest.send({
        ...{ name: 'place-order', method: 'POST', path: '/v1/orders' },
        ...{ token: user.token, userId: user.userId, idempotencyKey: `of-${bytes}-bytes` },
        ...{ rawBody: json.padEnd(bytes), headers: { 'content-type': 'application/json' } },
      }),
    );
  const [largest, larger] = [await post(BODY_BYTES_MAX), await post(BODY_BYTES_MAX + 1)];
  expect(largest.status, 'the largest body').toBe(202);
  expect([larger.status, larger.body['code']], 'one byte more').toEqual([413, 'body-too-large']);
  await user.jobEnded(String(largest.body['jobId']));
}

async function heads(world: World): Promise<void> {
  const user = await world.user();
  const get = (bytes: number) =>
    sendWithRetry(() =>
      world.rest.send({
        ...{ name: 'other', method: 'GET', path: '/v1/jobs', token: user.token },
        ...{ userId: user.userId, headers: { 'x-padding': 'x'.repeat(bytes) } },
      }),
    );
  expect((await get(HEAD_BYTES_MAX - HEAD_MARGIN_BYTES)).status, 'a large head').toBe(200);
  const { status, body } = await get(HEAD_BYTES_MAX);
  expect([status, body['code']], 'a head over its limit').toEqual([431, 'headers-too-large']);
}

/** A token that is as long as possible and not longer than this. */
async function tokenOf(world: World, sub: string, charsMax: number): Promise<string> {
  const mint = (chars: number) => {
    const groups = Array.from({ length: 60 }, (_, index) => {
      const from = Math.min(chars, Math.floor((index * chars) / 60));
      return `g${'x'.repeat(Math.floor(((index + 1) * chars) / 60) - from)}`;
    });
    return world.mint({ sub, groups });
  };
  let chars = 5_000;
  for (let token = await mint(chars); ; token = await mint(chars)) {
    const left = charsMax - token.length;
    // Three characters of the payload are four of the token.
    if (left >= 0 && left < 4) return token;
    chars += Math.trunc((left * 3) / 4) || Math.sign(left);
  }
}

async function tokens(world: World): Promise<void> {
  const user = await world.user();
  const [longest, longer] = [
    await tokenOf(world, user.userId, TOKEN_CHARS_MAX),
    await tokenOf(world, user.userId, TOKEN_CHARS_MAX + 4),
  ];
  for (const [token, status] of [
    [longest, 200],
    [longer, 401],
  ] as const) {
    const label = `a token of ${token.length} characters`;
    const response = await sendWithRetry(() =>
      world.rest.send({
        ...{ name: 'list-orders', method: 'GET', path: '/v1/customers/me/orders' },
        ...{ token, userId: user.userId },
      }),
    );
    expect(response.status, label).toBe(status);
    const principal = await world.rpc.auth.call('authenticate', { accessToken: token });
    const code = principal.ok ? 'accepted' : principal.code;
    expect(code, label).toBe(status === 200 ? 'accepted' : 'unauthenticated');
    const socket = await socketOrRefusal(user, { token });
    expect('refused' in socket ? socket.refused : 200, `${label} of a socket`).toBe(status);
  }
}

async function ids(world: World): Promise<void> {
  const name = world.name('user');
  for (const [sub, isAccepted] of [
    [name.padEnd(ID_CHARS_MAX, 'x'), true],
    [name.padEnd(ID_CHARS_MAX + 1, 'x'), false],
    [`${name}!~`, true],
    [`${name} `, false],
    [`${name}\n`, false],
    [`${name}\u0000`, false],
  ] as const) {
    const accessToken = await world.mint({ sub });
    const result = await world.rpc.auth.call('authenticate', { accessToken });
    const seen = result.ok ? result.message.principal?.userId : result.code;
    expect(seen, `the id ${JSON.stringify(sub)}`).toBe(isAccepted ? sub : 'unauthenticated');
  }
}

async function order(world: World): Promise<void> {
  const user = await world.user();
  const [sku, cardToken] = await Promise.all([
    world.sku(LINES_MAX * QUANTITY_MAX),
    world.card(1_000_000),
  ]);
  const lines = Array.from({ length: LINES_MAX }, () => ({ sku, quantity: QUANTITY_MAX }));
  const { jobId, orderId } = await user.placeOrder({ lines, cardToken, unitPrice: UNIT_PRICE_MAX });
  expect(await user.jobEnded(jobId), 'the largest order').toMatchObject({
    state: 'FAILED',
    reason: 'credit-limit-exceeded',
  });
  const total = { currency: 'JPY', minorUnits: LINES_MAX * QUANTITY_MAX * UNIT_PRICE_MAX };
  expect(await user.wholeOrder(orderId)).toMatchObject({ total, status: 'REJECTED' });
  expect((await user.getStock(sku)).body).toMatchObject({ reserved: 0 });
}
