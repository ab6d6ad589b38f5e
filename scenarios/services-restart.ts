import { setTimeout as pause } from 'node:timers/promises';
import type { Faults } from '../chaos/faults/all.ts';
import type { ArmedFault } from '../harness/links/fault.ts';
import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';
import type { Stack } from '../harness/testbed/stack.ts';

const PARTICIPANTS = ['inventory', 'payment', 'shipping'] as const;
const READERS = ['query', 'notification'] as const;
/** Enough to have some at every step when all services are killed. */
const BURST = 8;
/** A burst has more updates: the services are killed while some are still to come. */
const UPDATES_MAX = 40;
/** Killing on the update itself would always hit the same point in the code; hence a jitter. */
const JITTER_MS_MAX = 600;

/**
 * Claims: a service that is down or killed loses nothing: it processes what arrived meanwhile, and
 * what was in progress ends once. A WebSocket node that drains tells its clients to reconnect.
 * Checks: participants are killed while they hold a command that their database does not have; they
 * and readers stay down while orders arrive; then all services of the sagas are killed at once, in
 * the middle of a burst, at a moment that the seed decides; a WebSocket node drains. Each order
 * ends; the invariants check how.
 * Could be fooled: by steps that time out because the restart takes long; then the time-outs are
 * under test, and the invariants must hold as well.
 */
export default defineScenario({
  name: 'services-restart',
  claims: 'services that are killed and started again lose nothing',
  deadlineMs: 240_000,
  controls: [...PARTICIPANTS, ...READERS, 'order', 'job-management', 'websocket'],
  exclusive: true,
  async play({ world, stack, faults }) {
    const moment = world.random.integer(0, UPDATES_MAX);
    const jitterMs = world.random.integer(0, JITTER_MS_MAX);
    const user = await world.user();
    const [sku, cardToken] = await Promise.all([world.sku(40), world.card()]);
    const place = () => user.placeOrder({ lines: [{ sku, quantity: 1 }], cardToken });
    const placeSome = (count: number) => Promise.all(Array.from({ length: count }, place));
    const [staying, moving] = await Promise.all([user.socket({ node: 1 }), user.socket()]);
    await staying.subscribe({ level: 'detail' });

    // Each participant has a command that it cannot finish when it is killed.
    const held: string[] = [];
    const cuts: ArmedFault[] = [];
    for (const { participant, after } of [
      { participant: 'shipping', after: 'AUTHORIZE_PAYMENT' },
      { participant: 'payment', after: 'RESERVE_STOCK' },
      { participant: 'inventory', after: undefined },
    ] as const) {
      cuts.push(await faults.cut(`${participant}→postgres`));
      const { jobId } = await place();
      held.push(jobId);
      await staying.waitFor(
        `a command to ${participant}`,
        (frame) => frame.jobId === jobId && (after === undefined || frame.step === after),
      );
    }
    const away = instancesOf(stack, [...PARTICIPANTS, ...READERS]);
    const killed = await killAll(faults, away);
    await liftAll(cuts);
    const waiting = await placeSome(3);
    const jobs = instancesOf(stack, ['job-management']);
    const killedJobs = await killAll(faults, jobs);
    await liftAll(killed);
    await liftAll(killedJobs);
    for (const jobId of held) await staying.terminal(jobId, 90_000);
    for (const { jobId } of waiting) await staying.terminal(jobId, 90_000);

    const burst = await placeSome(BURST);
    const ids = new Set(burst.map(({ jobId }) => jobId));
    let updates = 0;
    await staying.waitFor(
      `update ${moment} of the burst`,
      ({ jobId = '' }) => moment === 0 || (ids.has(jobId) && ++updates >= moment),
    );
    await pause(jitterMs);
    const all = [...away, ...jobs, ...instancesOf(stack, ['order'])];
    await liftAll(await killAll(faults, all));
    for (const { jobId } of burst) await staying.terminal(jobId, 90_000);

    const before = await place();
    await moving.subscribe({ jobId: before.jobId, level: 'detail' });
    const ended = stack.control.stopInstance('websocket-1');
    const hint = await moving.waitFor(
      'the request to reconnect',
      ({ type }) => type === 'reconnect',
    );
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

const killAll = (faults: Faults, ids: readonly string[]): Promise<ArmedFault[]> =>
  Promise.all(ids.map((id) => faults.kill(id)));

/** Restores links and starts what was killed. */
const liftAll = (armed: readonly ArmedFault[]) => Promise.all(armed.map((fault) => fault.lift()));
