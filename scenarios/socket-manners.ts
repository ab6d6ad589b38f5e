import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';

const FRAME_BYTES_MAX = 65_536;
/** The limit is up to the service, but it must have one. */
const SOCKETS_MAX = 120;
const TOKEN_SECONDS = 6;

/**
 * Claims: a socket behaves as the AsyncAPI document says: an invalid frame gets an error or a close
 * code, an unsubscribe ends a subscription, a socket closes when its token expires, and the number
 * of sockets of a user is limited.
 * Checks: error frames and close codes; the frames of a socket after an unsubscribe.
 * Could be fooled: by late frames after the unsubscribe; ws-isolation checks all of them.
 */
export default defineScenario({
  name: 'socket-manners',
  claims: 'sockets refuse, end and expire as their document says',
  instances: { websocket: 2 },
  async play({ world }) {
    const [user, short, many] = await Promise.all([world.user(), world.user(), world.user()]);
    const expiring = short.trySocket({
      token: await world.mint({ sub: short.userId, expiresInSeconds: TOKEN_SECONDS }),
    });
    const socket = await user.socket();
    socket.sendRaw('{"type":');
    const isInvalid = (frame: { type: string; code?: string }) =>
      frame.type === 'error' && frame.code === 'invalid-request';
    await socket.waitFor('the error for a frame that is not JSON', isInvalid);
    socket.send({ type: 'ping', requestId: 'p1' });
    await socket.waitFor('a pong', ({ type, requestId }) => type === 'pong' && requestId === 'p1');
    socket.sendRaw(Buffer.from('{}'));
    expect(await socket.closed()).toBe(1003);
    const large = await user.socket();
    large.sendRaw(JSON.stringify({ type: 'ping', requestId: 'x'.repeat(FRAME_BYTES_MAX) }));
    expect(await large.closed()).toBe(1009);

    const [sku, cardToken] = await Promise.all([world.sku(2), world.card()]);
    const [watching, leaving] = await Promise.all([user.socket(), user.socket({ node: 1 })]);
    await watching.subscribe({ level: 'progress' });
    await leaving.subscribe({ level: 'detail' });
    expect(await leaving.unsubscribe()).toMatchObject({ type: 'unsubscribed', jobId: null });
    const order = await user.placeOrder({ lines: [{ sku, quantity: 1 }], cardToken });
    await leaving.subscribe({ jobId: order.jobId, level: 'outcome' });
    expect(await leaving.unsubscribe(order.jobId)).toMatchObject({ jobId: order.jobId });
    await watching.terminal(order.jobId);
    const next = await user.placeOrder({ lines: [{ sku, quantity: 1 }], cardToken });
    await watching.terminal(next.jobId);
    expect(leaving.updates(next.jobId)).toEqual([]);

    let refused: number | undefined;
    for (let opened = 0; opened < SOCKETS_MAX && refused === undefined; opened += 1) {
      const outcome = await many.trySocket({ token: many.token, node: opened % 2 });
      if ('refused' in outcome) refused = outcome.refused;
    }
    expect(refused).toBe(429);

    const opened = await expiring;
    if ('refused' in opened) throw new Error(`a good token was refused: ${opened.refused}`);
    expect(await opened.closed((TOKEN_SECONDS + 30) * 1_000)).toBe(4001);
  },
});
