import { timestampMs } from '@bufbuild/protobuf/wkt';
import { LIMITS } from '../contracts/spec/limits.generated.ts';
import { type RestResponse, sendWithRetry } from '../harness/clients/rest.ts';
import { until } from '../harness/kernel/poll.ts';
import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';
import { socketOrRefusal } from '../harness/scenario/refusal.ts';
import type { User } from '../harness/scenario/user.ts';
import type { World } from '../harness/scenario/world.ts';

/** What is tolerated around the end of a token. */
const TOLERANCE_MS = LIMITS.auth.clockToleranceMs;
const LIFE_SECONDS = 4;
/** Between the issuer's clock, which has whole seconds, and ours. */
const CLOCK_SLACK_MS = 2_000;
const EXPIRED = 4001;

/**
 * Claims: an identity is what its token says, for as long as the token is valid, on every node: it
 * ends for REST, for an open socket, and for a resume elsewhere; a new token of the same user goes
 * on where the old one ended, and no other user's does.
 * Checks: the verified caller of several tokens; REST and sockets before and after the end of one.
 * Could be fooled: by a token that is refused for another reason; hence the code.
 */
export default defineScenario({
  name: 'identity-life',
  claims: 'a token counts until its end, and another one of its user goes on from there',
  instances: { websocket: 2 },
  async play({ world }) {
    await Promise.all([callers(world), tokenEnds(world)]);
  },
});

async function callers(world: World): Promise<void> {
  const sub = world.name('user');
  const email = `${sub}+tag@customers.example`;
  const authenticate = async (claims: Readonly<Record<string, unknown>>) => {
    const accessToken = await world.mint({ sub, ...claims });
    const result = await world.rpc.auth.call('authenticate', { accessToken });
    return result.ok ? result.message.principal : undefined;
  };
  const [full, plain] = [
    await authenticate({ email, groups: ['b', 'a', 'b'], expiresInSeconds: 600 }),
    await authenticate({}),
  ];
  expect(full?.userId).toBe(sub);
  expect(full?.email).toBe(email);
  expect(full?.roles.toSorted(), 'each role once').toEqual(['a', 'b']);
  const endsMs = full?.expiresAt === undefined ? 0 : timestampMs(full.expiresAt);
  expect(Math.abs(endsMs - Date.now() - 600_000)).toBeLessThan(60_000);
  expect([plain?.email, plain?.roles]).toEqual(['', []]);
}

async function tokenEnds(world: World): Promise<void> {
  const [user, stranger] = await Promise.all([world.user(), world.user()]);
  const [sku, cardToken] = await Promise.all([world.sku(2), world.card()]);
  const first = await user.placeOrder({ lines: [{ sku, quantity: 1 }], cardToken });
  await user.jobEnded(first.jobId);

  const beganMs = Date.now();
  const short = await world.mint({ sub: user.userId, expiresInSeconds: LIFE_SECONDS });
  const opened = await socketOrRefusal(user, { token: short });
  if ('refused' in opened) throw new Error(`a valid token was refused: ${opened.refused}`);
  await opened.subscribe({ jobId: first.jobId, level: 'detail' });
  await opened.terminal(first.jobId);
  const before = opened.updates(first.jobId);
  const ended = await until('the token to be refused', async () => {
    const answer = await ask(world, user, short);
    return answer.status === 401 ? answer : undefined;
  });
  const livedMs = Date.now() - beganMs;
  expect(ended.body['code']).toBe('token-expired');
  expect(ended.headers.get('www-authenticate')).toMatch(/^Bearer/);
  const dueMs = LIFE_SECONDS * 1_000 + TOLERANCE_MS;
  expect(livedMs, 'the life of the token').toBeGreaterThan(dueMs - CLOCK_SLACK_MS);
  expect(await opened.closed(), 'the open socket').toBe(EXPIRED);
  for (const node of [0, 1]) {
    expect(await socketOrRefusal(user, { token: short, node }), `node ${node}`).toEqual({
      refused: 401,
    });
  }

  const last = before.at(-1)?.sequence ?? 0;
  const next = await user.socket({ node: 1 });
  await next.resume({ [first.jobId]: last - 1 }, 'detail');
  await next.terminal(first.jobId);
  expect(next.updates(first.jobId)).toEqual(before.slice(-1));
  const other = await stranger.socket({ node: 1 });
  const answer = await other.resume({ [first.jobId]: last - 1 }, 'detail');
  const second = await user.placeOrder({ lines: [{ sku, quantity: 1 }], cardToken });
  await user.jobEnded(second.jobId);
  expect([answer.type, other.updates(first.jobId)], 'another user’s resume').toEqual([
    answer.type === 'error' ? 'error' : 'subscribed',
    [],
  ]);
}

const ask = (world: World, { userId }: User, token: string): Promise<RestResponse> =>
  sendWithRetry(() =>
    world.rest.send({
      ...{ name: 'list-orders', method: 'GET', path: '/v1/customers/me/orders' },
      ...{ token, userId },
    }),
  );
