import { setTimeout as pause } from 'node:timers/promises';
import { askOwnServer } from '../harness/clients/own-server.ts';
import type { RecordedSocket } from '../harness/clients/socket.ts';
import type { AddressBook } from '../harness/kernel/address-book.ts';
import { until } from '../harness/kernel/poll.ts';
import type { ArmedFault } from '../harness/links/fault.ts';
import { defineScenario, type Play } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';
import type { Accepted, User } from '../harness/scenario/user.ts';

/** Long enough for a record to arrive and fail, and shorter than the time-out of a step. */
const CUT_MS = 1_200;
/** From a cut to a red probe, on a loaded machine. */
const RED_WITHIN_MS = 10_000;
const ENDS_WITHIN_MS = 90_000;
const OWNER = 'order';
const MAILS = /→smtp$/;
const STORES: readonly string[] = ['postgres', 'redis', 'mongodb', 'eventstore'];
/** Without these, no command is accepted: they are cut when the orders have been placed. */
const NEEDED_TO_PLACE = ['order→eventstore', 'job-management→redis'];

/**
 * Claims: a service that loses any of its links for a moment, with work in progress, skips nothing
 * and repeats nothing; without its store it is not ready; a request that cannot be served is
 * answered with 503 and never as if its token or its object were wrong.
 * Checks: every link of every service is cut once while records arrive or orders are under way:
 * those to the broker; those to stores and registry; the calls, with the stores that a command
 * needs. Each order ends, on sockets of both nodes, and the invariants check how. Probes while the
 * stores are away; answers while the calls are.
 * Could be fooled: by a service that has nothing to do at that moment; the exposure in the verdict
 * shows it.
 */
export default defineScenario({
  name: 'links-cut',
  claims: 'a service that loses any of its links for a moment skips nothing',
  instances: { websocket: 2 },
  deadlineMs: 240_000,
  exclusive: true,
  async play(given) {
    const { world, stack, faults } = given;
    const user = await world.user();
    const [sku, cardToken, slow] = await Promise.all([
      world.sku(40),
      world.card(),
      world.card(1_000_000_000, 'tok_slow_2'),
    ]);
    const place = (card: string) =>
      user.placeOrder({ lines: [{ sku, quantity: 1 }], cardToken: card });
    const placeSome = (...cards: readonly string[]) => Promise.all(cards.map(place));
    const sockets = await Promise.all([user.socket(), user.socket({ node: 1 })]);
    await Promise.all(sockets.map((socket) => socket.subscribe({ level: 'progress' })));
    const cast: Cast = { ...given, sockets, user };
    const { broker, stores, calls } = roundsOf(stack.links.names);
    const done = await placeSome(cardToken, cardToken);
    await allEnd(sockets, done);

    // Each participant has something to do: the first step, a capture, a parcel to call back.
    const [first, second] = done.map(
      ({ orderId }) =>
        () =>
          user.cancelOrder(orderId),
    );
    let begun = await placeSome(slow, slow);
    await whileCut(cast, broker, async () => {
      const orders = [...begun, ...(await placeSome(cardToken, slow)), await first?.()];
      await using _ = await faults.cut(`${OWNER}→kafka`);
      await pause(CUT_MS);
      return orders;
    });
    const mails = stack.links.names.filter((name) => MAILS.test(name));
    const mailCuts = await cutAll(cast, mails);
    begun = await placeSome(slow, slow);
    try {
      await whileCut(cast, stores, async () => {
        const orders = [...begun, ...(await placeSome(cardToken, slow)), await second?.()];
        await Promise.all([pause(CUT_MS), areRed(cast, stores)]);
        return orders;
      });
    } finally {
      await liftAll(mailCuts);
    }
    const orders = await placeSome(cardToken, slow, cardToken, slow);
    await whileCut(cast, [...NEEDED_TO_PLACE, ...calls], async () => {
      await Promise.all([pause(CUT_MS), requestsFail(cast), areRed(cast, NEEDED_TO_PLACE)]);
      return orders;
    });
  },
});

interface Cast extends Play {
  readonly user: User;
  /** One on each node. */
  readonly sockets: readonly RecordedSocket[];
}

const dependencyOf = (link: string): string => link.replace(/.*→/, '');
const ownerOf = (link: string): string => link.replace(/→.*/, '');

/** Which links are cut together; the others have their own turn. */
function roundsOf(names: readonly string[]) {
  const isBroker = (name: string) => dependencyOf(name) === 'kafka';
  const isStore = (name: string) => [...STORES, 'registry'].includes(dependencyOf(name));
  return {
    broker: names.filter((name) => isBroker(name) && ownerOf(name) !== OWNER),
    stores: names.filter((name) => isStore(name) && !NEEDED_TO_PLACE.includes(name)),
    calls: names.filter((name) => !isBroker(name) && !isStore(name) && !MAILS.test(name)),
  };
}

/** Cuts links for as long as something takes, and waits for its orders after that. */
async function whileCut(
  cast: Cast,
  links: readonly string[],
  act: () => Promise<ReadonlyArray<Accepted | undefined>>,
): Promise<void> {
  const cuts = await cutAll(cast, links);
  const orders = await act().finally(() => liftAll(cuts));
  await allEnd(cast.sockets, orders);
}

async function allEnd(
  sockets: readonly RecordedSocket[],
  orders: ReadonlyArray<Accepted | undefined>,
): Promise<void> {
  for (const socket of sockets) {
    for (const order of orders) if (order) await socket.terminal(order.jobId, ENDS_WITHIN_MS);
  }
}

/** Cuts all at once; if one does not land, those that did are restored. */
async function cutAll({ faults }: Cast, links: readonly string[]): Promise<ArmedFault[]> {
  const armed = await Promise.allSettled(links.map((link) => faults.cut(link)));
  const cuts = armed.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const missed = armed.find((one) => one.status === 'rejected');
  if (missed === undefined) return cuts;
  await liftAll(cuts);
  throw missed.reason;
}

const liftAll = (cuts: readonly ArmedFault[]) => Promise.all(cuts.map((cut) => cut.lift()));

/** Services say that they are not ready without their store, on each instance with a probe. */
async function areRed({ stack }: Cast, links: readonly string[]): Promise<void> {
  const { services } = stack.addressBook;
  const withStore = links.filter((name) => STORES.includes(dependencyOf(name))).map(ownerOf);
  const probed = withStore.flatMap((name) => services[name]?.instances ?? []);
  await Promise.all(probed.map(isRed));
}

async function isRed({
  id,
  host,
  ports,
}: AddressBook['services'][string]['instances'][number]): Promise<void> {
  if (ports['admin'] === undefined) return;
  const url = `http://${host}:${ports['admin']}/readyz`;
  await until(
    `${id} to say that it is not ready without its store`,
    async () => {
      const { status } = await askOwnServer(url);
      return status === 404 || status >= 300;
    },
    RED_WITHIN_MS,
  );
}

/** Nothing can be looked up or verified: what cannot be answered is unavailable, not refused. */
async function requestsFail({ world, user }: Cast): Promise<void> {
  const { status } = await user.tryGet('list-orders', '/v1/customers/me/orders');
  expect([200, 503], `the status of a query (${status})`).toContain(status);
  const opened = await user.trySocket({ token: user.token });
  const answer = 'refused' in opened ? opened.refused : 101;
  expect([101, 503], `the status of a handshake (${answer})`).toContain(answer);
  const verified = await world.rpc.auth.call('authenticate', { accessToken: user.token });
  expect(['OK', 'UNAVAILABLE'], 'the answer without the issuer').toContain(
    verified.ok ? 'OK' : verified.status,
  );
}
