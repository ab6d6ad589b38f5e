import { sendWithRetry } from '../harness/clients/rest.ts';
import type { Level } from '../harness/clients/socket.ts';
import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';

const LEVELS: readonly Level[] = ['outcome', 'progress', 'detail'];

/**
 * Claims: a user gets updates of their own jobs, at the level they subscribed to and below, and no
 * others.
 * Checks: two users, three levels each; a subscription to the other's job, and a cancellation of
 * it.
 * Could be fooled: by frames that come later; the invariant ws-isolation checks all of them.
 */
export default defineScenario({
  name: 'levels-and-isolation',
  claims: 'two users and three levels see exactly their own',
  async play({ world }) {
    const [alice, bob] = await Promise.all([world.user(), world.user()]);
    const [sku, cardToken] = await Promise.all([world.sku(10), world.card()]);
    const open = async (user: typeof alice) =>
      Promise.all(
        LEVELS.map(async (level) => {
          const socket = await user.socket();
          await socket.subscribe({ level });
          return { level, socket };
        }),
      );
    const [alices, bobs] = await Promise.all([open(alice), open(bob)]);
    const place = (user: typeof alice) =>
      user.placeOrder({ lines: [{ sku, quantity: 1 }], cardToken, country: 'AQ' });
    const [hers, his] = await Promise.all([place(alice), place(bob)]);

    const spy = await bob.socket();
    await spy.subscribe({ jobId: hers.jobId, level: 'detail' });
    for (const [sockets, own, foreign] of [
      [alices, hers, his],
      [bobs, his, hers],
    ] as const) {
      const counts: number[] = [];
      for (const { level, socket } of sockets) {
        await socket.terminal(own.jobId);
        expect(socket.updates(foreign.jobId)).toEqual([]);
        const seen = new Set(socket.updates(own.jobId).map((frame) => frame.level));
        expect([...seen].every((of) => LEVELS.indexOf(of as Level) <= LEVELS.indexOf(level))).toBe(
          true,
        );
        counts.push(socket.updates(own.jobId).length);
      }
      const [outcome = 0, progress = 0, detail = 0] = counts;
      expect(outcome).toBe(1);
      expect(progress).toBeGreaterThan(outcome);
      expect(detail).toBeGreaterThan(progress);
    }
    expect(spy.updates(hers.jobId)).toEqual([]);
    const foreignJob = await bob.getJob(hers.jobId);
    expect([foreignJob.status, foreignJob.body['code']]).toEqual([404, 'job-not-found']);
    const foreignOrder = await bob.getOrder(hers.orderId);
    expect([foreignOrder.status, foreignOrder.body['code']]).toEqual([404, 'order-not-found']);
    const cancelled = await sendWithRetry(() => bob.tryCancelOrder(hers.orderId));
    expect([cancelled.status, cancelled.body['code']]).toEqual([404, 'order-not-found']);
    const late = await spy.subscribe({ jobId: hers.jobId, level: 'detail' });
    expect(late).toMatchObject({ type: 'error', code: 'job-not-found' });
  },
});
