import { setTimeout as pause } from 'node:timers/promises';
import type { Faults } from '../chaos/faults/all.ts';
import type { RecordedSocket } from '../harness/clients/socket.ts';
import { until } from '../harness/kernel/poll.ts';
import type { ArmedFault } from '../harness/links/fault.ts';
import { defineScenario, type Play } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';
import type { Accepted, User } from '../harness/scenario/user.ts';
import type { Stack } from '../harness/testbed/stack.ts';

const PARTICIPANTS = ['inventory', 'payment', 'shipping'] as const;
const READERS = ['query', 'notification'] as const;
/** Enough to have some at every step when all services are killed. */
const BURST = 8;
/** A burst has more updates: the services are killed while some are still to come. */
const UPDATES_MAX = 40;
/** Killing on the update itself would always hit the same point in the code; hence a jitter. */
const JITTER_MS_MAX = 600;

/** More than is ever received of the product: such an order is rejected at once. */
const TOO_MANY = 500;
/** From a reply of a participant to the record that websocket or job-management gets. */
const RECORD_ARRIVES_MS = 300;
const SAGA_MS = 60_000;

/**
 * Claims: a service that is down or killed loses nothing: it processes what arrived meanwhile, and
 * what was in progress ends once. A WebSocket node that drains tells its clients to reconnect.
 * Checks: each service with a consumer is killed while it has a record that its store cannot take,
 * so that one which has committed the offset already has lost it; participants and readers stay
 * down while orders arrive; then all services of the sagas are killed at once, in the middle of a
 * burst, at a moment that the seed decides; a WebSocket node drains. Each order ends; the
 * invariants check how, and that the sockets of the killed node are reported as disconnected.
 * Could be fooled: by steps that time out because the restart takes long; then the time-outs are
 * under test, and the invariants must hold as well.
 */
export default defineScenario({
  name: 'services-restart',
  claims: 'services that are killed and started again lose nothing',
  instances: { websocket: 2 },
  deadlineMs: 240_000,
  controls: [...PARTICIPANTS, ...READERS, 'order', 'job-management', 'websocket'],
  exclusive: true,
  async play(given) {
    const { world } = given;
    const user = await world.user();
    const [sku, cardToken] = await Promise.all([world.sku(60), world.card()]);
    const place = (quantity = 1) => user.placeOrder({ lines: [{ sku, quantity }], cardToken });
    const placeSome = (count: number) => Promise.all(Array.from({ length: count }, () => place()));
    const [staying, moving] = await Promise.all([user.socket({ node: 1 }), user.socket()]);
    await Promise.all([
      staying.subscribe({ level: 'detail' }),
      moving.subscribe({ level: 'progress' }),
    ]);
    const cast: Cast = { ...given, user, place, placeSome, staying };
    await stepsInterrupted(cast);
    await updatesInterrupted(cast);
    await allAtOnce(cast);
    await drains(cast);
  },
});

interface Cast extends Play {
  readonly user: User;
  readonly place: (quantity?: number) => Promise<Accepted>;
  readonly placeSome: (count: number) => Promise<Accepted[]>;
  /** On the second node, which lives on. */
  readonly staying: RecordedSocket;
}

/** Participants and readers are killed with something that their database does not have. */
async function stepsInterrupted({ stack, faults, place, placeSome, staying }: Cast): Promise<void> {
  const cuts: ArmedFault[] = [];
  for (const link of ['query→mongodb', 'notification→postgres']) cuts.push(await faults.cut(link));
  const rejected = await place(TOO_MANY);
  await staying.terminal(rejected.jobId);
  const held: Accepted[] = [];
  for (const { participant, after } of [
    { participant: 'shipping', after: 'AUTHORIZE_PAYMENT' },
    { participant: 'payment', after: 'RESERVE_STOCK' },
    { participant: 'inventory', after: undefined },
  ] as const) {
    cuts.push(await faults.cut(`${participant}→postgres`));
    const order = await place();
    held.push(order);
    await staying.waitFor(
      `a command to ${participant}`,
      ({ jobId, step }) => jobId === order.jobId && (after === undefined || step === after),
    );
  }
  const killed = await killAll(faults, instancesOf(stack, [...PARTICIPANTS, ...READERS]));
  await liftAll(cuts);
  const waiting = await placeSome(3);
  await liftAll(killed);
  await allEnd(staying, [...held, ...waiting]);
}

/** A WebSocket node and job-management are killed with records that Redis does not have. */
async function updatesInterrupted(cast: Cast): Promise<void> {
  const { stack, faults, user, placeSome, staying } = cast;
  const shown = await placeSome(3);
  const killed: ArmedFault[] = [];
  {
    await using _ = await faults.cut('websocket→redis');
    await Promise.all(shown.map(({ jobId }) => user.jobEnded(jobId)));
    await pause(RECORD_ARRIVES_MS);
    killed.push(await faults.kill('websocket-1'));
  }
  const folded = await placeSome(3);
  {
    await using _ = await faults.cut('job-management→redis');
    for (const { orderId } of folded) await orderDecided(user, orderId);
    await pause(RECORD_ARRIVES_MS);
    killed.push(...(await killAll(faults, instancesOf(stack, ['job-management']))));
  }
  await liftAll(killed);
  await allEnd(staying, [...shown, ...folded]);
}

/** Waits until the order service says how the order ended: its job cannot be read meanwhile. */
const orderDecided = (user: User, orderId: string): Promise<boolean> =>
  until(
    `order ${orderId} to be decided`,
    async () => {
      const { status, body } = await user.getOrder(orderId);
      return status === 200 && body['status'] !== 'PENDING';
    },
    SAGA_MS,
  );

/** Every service of the sagas is killed in the middle of a burst. */
async function allAtOnce({ world, stack, faults, placeSome, staying }: Cast): Promise<void> {
  const moment = world.random.integer(0, UPDATES_MAX);
  const jitterMs = world.random.integer(0, JITTER_MS_MAX);
  const burst = await placeSome(BURST);
  const ids = new Set(burst.map(({ jobId }) => jobId));
  let updates = 0;
  await staying.waitFor(
    `update ${moment} of the burst`,
    ({ jobId = '' }) => moment === 0 || (ids.has(jobId) && ++updates >= moment),
  );
  await pause(jitterMs);
  const all = [...PARTICIPANTS, ...READERS, 'job-management', 'order'];
  await liftAll(await killAll(faults, instancesOf(stack, all)));
  await allEnd(staying, burst);
}

/** A WebSocket node ends as it should, with a client that goes on at the other one. */
async function drains({ stack, user, place, staying }: Cast): Promise<void> {
  const moving = await user.socket();
  const before = await place();
  await moving.subscribe({ jobId: before.jobId, level: 'detail' });
  const ended = stack.control.stopInstance('websocket-1');
  const hint = await moving.waitFor('the request to reconnect', ({ type }) => type === 'reconnect');
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
}

async function allEnd(socket: RecordedSocket, orders: readonly Accepted[]): Promise<void> {
  for (const { jobId } of orders) await socket.terminal(jobId, 90_000);
}

const instancesOf = (stack: Stack, services: readonly string[]): string[] =>
  services.flatMap((service) =>
    (stack.addressBook.services[service]?.instances ?? []).map(({ id }) => id),
  );

const killAll = (faults: Faults, ids: readonly string[]): Promise<ArmedFault[]> =>
  Promise.all(ids.map((id) => faults.kill(id)));

/** Restores links and starts what was killed. */
const liftAll = (armed: readonly ArmedFault[]) => Promise.all(armed.map((fault) => fault.lift()));
