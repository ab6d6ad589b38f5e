import { setTimeout as pause } from 'node:timers/promises';
import type { RecordedSocket } from '../harness/clients/socket.ts';
import { until } from '../harness/kernel/poll.ts';
import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';
import { socketOrRefusal } from '../harness/scenario/refusal.ts';
import type { User } from '../harness/scenario/user.ts';
import type { World } from '../harness/scenario/world.ts';
import { socketEntries } from './sockets/entries.ts';

/** Longer than what is kept of a socket may live unless it is renewed: 30 s. */
const LIVES_MS = 35_000;
const LOOK_EVERY_MS = 4_000;
/** What is kept of a socket goes within so long, on a loaded machine. */
const GONE_WITHIN_MS = 20_000;
const TOKEN_SECONDS = 32;
/** Of the auth canvas: what is tolerated around the end of a token. */
const TOLERANCE_MS = 5_000;
const CLOSES_WITHIN_MS = 15_000;
const EXPIRED = 4001;
/** Of the AsyncAPI document. */
const SOCKETS_OF_A_USER_MAX = 10;

/**
 * Claims: what the service keeps of a socket lasts exactly as long as the socket: it is renewed
 * while the client is there, and goes when the client vanishes without a close or its token ends,
 * while the node goes on. A socket that is older than every time to live still gets its updates.
 * Checks: Redis while a socket gets older than 30 s, and the updates of an order after that; Redis
 * and the limit of sockets after clients vanished; the close code when a token ends after 32 s.
 * Could be fooled: by another key layout, where only updates, limit and close code are checked; the
 * invariants check the events of sockets that ended.
 */
export default defineScenario({
  name: 'sockets-over-time',
  claims: 'what is kept of a socket lasts as long as its client and its token',
  instances: { websocket: 2 },
  lasting: true,
  async play({ world }) {
    await Promise.all([staysOpen(world), clientsVanish(world), tokenEnds(world)]);
  },
});

async function staysOpen(world: World): Promise<void> {
  const user = await world.user();
  const [sku, cardToken] = await Promise.all([world.sku(2), world.card()]);
  const place = () => user.placeOrder({ lines: [{ sku, quantity: 1 }], cardToken });
  const sockets = await Promise.all([user.socket(), user.socket({ node: 1 })]);
  await Promise.all(sockets.map((socket) => socket.subscribe({ level: 'progress' })));
  await seenByAll(sockets, (await place()).jobId);
  const beganMs = performance.now();
  while (performance.now() - beganMs < LIVES_MS) {
    await pause(LOOK_EVERY_MS);
    const entries = await socketEntries(world, user.userId);
    expect(entries?.length ?? sockets.length, 'entries of the open sockets').toBe(sockets.length);
    const endless = entries?.filter(({ ttlMs }) => ttlMs === null) ?? [];
    expect(endless, 'entries without a time to live').toEqual([]);
  }
  await seenByAll(sockets, (await place()).jobId);
  await sockets[0].close();
  await entriesBecome(world, user, 1);
}

/** Waits for the outcome on every socket. */
const seenByAll = (sockets: readonly RecordedSocket[], jobId: string) =>
  Promise.all(sockets.map((socket) => socket.terminal(jobId)));

async function clientsVanish(world: World): Promise<void> {
  const user = await world.user();
  const open = async () => {
    const opened = await socketOrRefusal(user, { token: user.token, node: 0 });
    return 'refused' in opened ? undefined : opened;
  };
  const count = SOCKETS_OF_A_USER_MAX - 1;
  const staying = await user.socket();
  await staying.subscribe({ level: 'outcome' });
  const leaving = await Promise.all(Array.from({ length: count }, open));
  const opened = leaving.filter((socket) => socket !== undefined);
  expect(opened.length, 'sockets of a user').toBe(count);
  await Promise.all(opened.map((socket) => socket.subscribe({ level: 'detail' })));
  await Promise.all(opened.map((socket) => socket.cut()));
  await entriesBecome(world, user, 1);
  // Whatever the layout: sockets that have vanished take no room.
  for (let index = 0; index < count; index += 1) {
    await until(`room for socket ${index + 2} after others vanished`, open, GONE_WITHIN_MS);
  }
  const [sku, cardToken] = await Promise.all([world.sku(1), world.card()]);
  const order = await user.placeOrder({ lines: [{ sku, quantity: 1 }], cardToken });
  await staying.terminal(order.jobId);
}

async function tokenEnds(world: World): Promise<void> {
  const user = await world.user();
  const [sku, cardToken] = await Promise.all([world.sku(2), world.card()]);
  const beganMs = performance.now();
  const token = await world.mint({ sub: user.userId, expiresInSeconds: TOKEN_SECONDS });
  const [opened, other] = await Promise.all([
    socketOrRefusal(user, { token }),
    user.socket({ node: 1 }),
  ]);
  if ('refused' in opened) throw new Error(`a valid token was refused: ${opened.refused}`);
  await Promise.all([opened, other].map((socket) => socket.subscribe({ level: 'detail' })));
  const dueMs = TOKEN_SECONDS * 1_000 + TOLERANCE_MS;
  expect(await opened.closed(dueMs + CLOSES_WITHIN_MS), 'close code').toBe(EXPIRED);
  const livedMs = performance.now() - beganMs;
  expect(livedMs, 'the life of the socket').toBeGreaterThan((TOKEN_SECONDS - 2) * 1_000);
  await entriesBecome(world, user, 1);
  // With a new token, what it had asked for does not go on by itself.
  const [next, order] = await Promise.all([
    user.socket(),
    user.placeOrder({ lines: [{ sku, quantity: 1 }], cardToken }),
  ]);
  await other.terminal(order.jobId);
  expect(next.updates(order.jobId), 'updates without a subscription').toEqual([]);
}

/** Waits until Redis has so many sockets of a user, where the layout is the documented one. */
async function entriesBecome(world: World, user: User, count: number): Promise<void> {
  const label = `Redis to have ${count} of the sockets of ${user.userId}`;
  await until(
    label,
    async () => ((await socketEntries(world, user.userId))?.length ?? count) === count,
    GONE_WITHIN_MS,
  );
}
