import { setTimeout as pause } from 'node:timers/promises';
import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';
import type { Stack } from '../harness/testbed/stack.ts';

const PARTICIPANTS = ['inventory', 'payment', 'shipping'] as const;
const READERS = ['query', 'notification'] as const;
/** Enough to have some at every step when everything goes down. */
const BURST = 8;
/** Of a burst there are more updates than that: everything goes down while some are to come. */
const UPDATES_MAX = 40;
/** Killed as soon as it was heard, everybody would be killed just after they said something. */
const LATER_MAX_MS = 600;

/**
 * Claims: whoever is away, or is killed at work, loses nothing: what came meanwhile is done when it
 * is back, and what was under way ends once. A node that drains sends its clients elsewhere first.
 * Checks: participants are killed with a command in hand, which their database has not got; they
 * and readers stay away while orders come; then everything that works on sagas is killed at once,
 * in the middle of a burst, at a moment that the seed decides; a WebSocket node is told to drain.
 * Each order ends; what became of it is for the invariants.
 * Could be fooled: by steps that time out because starting takes so long; then other promises are
 * tried, and none may be broken.
 */
export default defineScenario({
  name: 'services-restart',
  claims: 'services that are killed and started again lose nothing',
  deadlineMs: 240_000,
  controls: [...PARTICIPANTS, ...READERS, 'order', 'job-management', 'websocket'],
  exclusive: true,
  async play({ world, stack }) {
    const moment = world.random.integer(0, UPDATES_MAX);
    const laterMs = world.random.integer(0, LATER_MAX_MS);
    const user = await world.user();
    const [sku, cardToken] = await Promise.all([world.sku(40), world.card()]);
    const place = () => user.placeOrder({ lines: [{ sku, quantity: 1 }], cardToken });
    const placeSome = (count: number) => Promise.all(Array.from({ length: count }, place));
    const [staying, moving] = await Promise.all([user.socket({ node: 1 }), user.socket()]);
    await staying.subscribe({ level: 'detail' });

    // Each participant has a command in its hands that it cannot finish when it is killed.
    const held: string[] = [];
    for (const { participant, after } of [
      { participant: 'shipping', after: 'AUTHORIZE_PAYMENT' },
      { participant: 'payment', after: 'RESERVE_STOCK' },
      { participant: 'inventory', after: undefined },
    ] as const) {
      await stack.links.cut(`${participant}→postgres`);
      const { jobId } = await place();
      held.push(jobId);
      await staying.waitFor(
        `a command to ${participant}`,
        (frame) => frame.jobId === jobId && (after === undefined || frame.step === after),
      );
    }
    const away = instancesOf(stack, [...PARTICIPANTS, ...READERS]);
    await kill(stack, away);
    await Promise.all(PARTICIPANTS.map((name) => stack.links.restore(`${name}→postgres`)));
    const waiting = await placeSome(3);
    const jobs = instancesOf(stack, ['job-management']);
    await kill(stack, jobs);
    await start(stack, away);
    await start(stack, jobs);
    for (const jobId of held) await staying.terminal(jobId, 90_000);
    for (const { jobId } of waiting) await staying.terminal(jobId, 90_000);

    const burst = await placeSome(BURST);
    const ids = new Set(burst.map(({ jobId }) => jobId));
    let updates = 0;
    await staying.waitFor(
      `update ${moment} of the burst`,
      ({ jobId = '' }) => moment === 0 || (ids.has(jobId) && ++updates >= moment),
    );
    await pause(laterMs);
    const all = [...away, ...jobs, ...instancesOf(stack, ['order'])];
    await kill(stack, all);
    await start(stack, all);
    for (const { jobId } of burst) await staying.terminal(jobId, 90_000);

    const before = await place();
    await moving.subscribe({ jobId: before.jobId, level: 'detail' });
    const ended = stack.control.stopInstance('websocket-1');
    const hint = await moving.waitFor('the word to reconnect', ({ type }) => type === 'reconnect');
    expect(hint['retryAfterMs']).toEqual(expect.any(Number));
    expect(await moving.closed()).toBe(1012);
    await ended;
    const last = moving.updates(before.jobId).at(-1)?.sequence ?? 0;
    const moved = await user.socket({ node: 1 });
    await moved.resume({ [before.jobId]: last }, 'detail');
    await stack.control.restartInstance('websocket-1');
    await staying.terminal(before.jobId);
    const after = await place();
    await staying.terminal(after.jobId);
  },
});

const instancesOf = (stack: Stack, services: readonly string[]): string[] =>
  services.flatMap((service) =>
    (stack.addressBook.services[service]?.instances ?? []).map(({ id }) => id),
  );

const kill = (stack: Stack, ids: readonly string[]) =>
  Promise.all(ids.map((id) => stack.control.killInstance(id)));

const start = (stack: Stack, ids: readonly string[]) =>
  Promise.all(ids.map((id) => stack.control.restartInstance(id)));
