import { v4 as uuid } from 'uuid';
import { LIMITS } from '../contracts/spec/limits.generated.ts';
import type { Frame, RecordedSocket } from '../harness/clients/socket.ts';
import { until } from '../harness/kernel/poll.ts';
import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';
import { socketOrRefusal } from '../harness/scenario/refusal.ts';
import type { World } from '../harness/scenario/world.ts';

const SOCKETS_MAX = LIMITS.websocket.socketsPerUser;
const SUBSCRIPTIONS_MAX = LIMITS.websocket.subscriptionsPerSocket;
const FRAME_BYTES_MAX = LIMITS.websocket.frameBytes;
const MESSAGES_AT_ONCE = LIMITS.websocket.messagesAtOnce;
const MESSAGES_PER_SECOND = LIMITS.websocket.messagesPerSecond;
/** More than is allowed by this many is answered; one more closes. */
const MESSAGES_BEYOND = LIMITS.websocket.messagesRefused;
const TOO_MANY_MESSAGES = 1008;
const TOO_LARGE = 1009;

/**
 * Claims: the limits of sockets are where the documents say: sockets of a user over all nodes,
 * subscriptions of a socket, messages at once, bytes of a frame.
 * Checks: each at n and at n + 1; what was full has room again when something ends.
 * Could be fooled: by messages that a slow machine spreads over time; what may be refilled
 * meanwhile is added to the limit.
 */
export default defineScenario({
  name: 'limits-sockets',
  claims: 'sockets, subscriptions, messages and frames are limited as documented',
  instances: { websocket: 2 },
  async play({ world }) {
    await Promise.all([
      socketsOfAUser(world),
      subscriptionsOfASocket(world),
      messagesAtOnce(world),
      bytesOfAFrame(world),
    ]);
  },
});

async function socketsOfAUser(world: World): Promise<void> {
  const user = await world.user();
  const open = (index: number) => socketOrRefusal(user, { token: user.token, node: index % 2 });
  const sockets: RecordedSocket[] = [];
  for (let index = 0; index < SOCKETS_MAX; index += 1) {
    const opened = await open(index);
    if ('refused' in opened) throw new Error(`socket ${index + 1} was refused: ${opened.refused}`);
    sockets.push(opened);
  }
  expect([await open(0), await open(1)], 'one socket more, on each node').toEqual([
    { refused: 429 },
    { refused: 429 },
  ]);
  await sockets[0]?.close();
  const again = await until('a socket to be accepted after one was closed', async () => {
    const opened = await open(1);
    return 'refused' in opened ? undefined : opened;
  });
  expect(await open(0), 'one socket more after that').toEqual({ refused: 429 });
  await Promise.all([...sockets, again].map((socket) => socket.close()));
}

async function subscriptionsOfASocket(world: World): Promise<void> {
  const user = await world.user();
  const socket = await user.socket();
  const jobs = (count: number) => Array.from({ length: count }, () => uuid());
  const positions = (ids: readonly string[]) => Object.fromEntries(ids.map((id) => [id, 0]));
  const subscribe = (jobId: string) => socket.subscribe({ jobId, level: 'outcome' });
  for (const count of [0, SUBSCRIPTIONS_MAX + 1]) {
    const answer = await socket.resume(positions(jobs(count)), 'outcome');
    expect(answer, `a resume of ${count} jobs`).toMatchObject({ code: 'invalid-request' });
  }
  const all = jobs(SUBSCRIPTIONS_MAX);
  await socket.resume(positions(all), 'outcome');
  const subscribed = (frame: Frame) => frame.type === 'subscribed' && frame.jobId === all.at(-1);
  await socket.waitFor('the last job of the resume', subscribed);
  const [first = ''] = all;
  expect(await subscribe(uuid()), 'a job more').toMatchObject({ code: 'invalid-request' });
  expect(await subscribe(first), 'one of the jobs again').toMatchObject({ type: 'subscribed' });
  await socket.unsubscribe(first);
  expect(await subscribe(uuid()), 'a job instead').toMatchObject({ type: 'subscribed' });
}

async function messagesAtOnce(world: World): Promise<void> {
  const user = await world.user();
  const [polite, busy, rude] = await Promise.all([user.socket(), user.socket(), user.socket()]);
  const send = (socket: RecordedSocket, count: number) => {
    for (let n = 1; n <= count; n += 1) socket.sendRaw('{"type":"ping"}');
  };
  const isLimited = ({ code }: Frame) => code === 'rate-limited';
  const answers = (socket: RecordedSocket, count: number) =>
    socket.waitFor(`${count} answers`, () => socket.frames.length >= count);

  send(polite, MESSAGES_AT_ONCE);
  await answers(polite, MESSAGES_AT_ONCE);
  expect(polite.frames.filter(isLimited), 'as many as are allowed').toEqual([]);

  const beganMs = performance.now();
  const more = MESSAGES_AT_ONCE + MESSAGES_BEYOND - 1;
  send(busy, more);
  await answers(busy, more);
  const refilled = ((performance.now() - beganMs) / 1_000) * MESSAGES_PER_SECOND;
  const pongs = busy.frames.filter(({ type }) => type === 'pong').length;
  expect(pongs, 'answered of too many').toBeGreaterThanOrEqual(MESSAGES_AT_ONCE);
  expect(pongs, 'answered of too many').toBeLessThanOrEqual(MESSAGES_AT_ONCE + refilled + 1);
  expect(busy.closeCode, 'the socket with a few too many').toBe(undefined);

  // Twice as many as close: also a machine that takes a second for them closes.
  send(rude, 2 * (MESSAGES_AT_ONCE + MESSAGES_BEYOND + MESSAGES_PER_SECOND));
  expect(await rude.closed()).toBe(TOO_MANY_MESSAGES);
}

async function bytesOfAFrame(world: World): Promise<void> {
  const user = await world.user();
  const [largest, larger] = await Promise.all([user.socket(), user.socket({ node: 1 })]);
  const ping = '{"type":"ping"}';
  largest.sendRaw(ping.padEnd(FRAME_BYTES_MAX));
  await largest.waitFor('a pong to the largest frame', ({ type }) => type === 'pong');
  larger.sendRaw(ping.padEnd(FRAME_BYTES_MAX + 1));
  expect(await larger.closed()).toBe(TOO_LARGE);
}
