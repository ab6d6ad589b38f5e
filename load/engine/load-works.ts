import { availableParallelism } from 'node:os';
import { LIMITS } from '#contracts/spec/limits.generated.ts';
import { Random } from '../../harness/kernel/random.ts';
import type { RunPlay } from '../../harness/runner/verification.ts';
import type { World } from '../../harness/scenario/world.ts';
import type { LoadModel } from '../model/model-schema.ts';
import type { Customer, LoadWork, SocketWork } from './messages.ts';

const SOCKETS_PER_THREAD = 2_500;
const MINTED_AT_ONCE = 20;
/** After the load: draining, and commands that are retried. */
const TOKEN_EXTRA_SECONDS = 900;
/** The most that one receipt may have. */
const STOCK = LIMITS.inventory.receiptPieces;

type Given = Parameters<RunPlay['play']>[0];

/** What each thread of a run does: its customers have tokens, their product and card exist. */
export async function worksOf(model: LoadModel, given: Given, world: World): Promise<LoadWork[]> {
  const { seed, runFolder, stack } = given;
  const { addressBook: book } = stack;
  const customers = await customersOf(model, world, given.signal);
  const nodes = (book.services['websocket']?.instances ?? []).map(({ id, host, ports }) => ({
    id,
    url: `ws://${host}:${ports['ws']}/v1/updates`,
  }));
  const runTag = runTagOf(given.run);
  const about = { model, seed, runTag, runFolder, scenario: world.scenario };
  const orders = model.sagas && (await ordersOf(world));
  const places = threadsFor(model);
  const size = Math.ceil(customers.length / places);
  const works: LoadWork[] = Array.from(
    { length: places },
    (_, place): SocketWork => ({
      ...{ role: 'sockets', ...about, nodes, place, places },
      customers: customers.slice(place * size, (place + 1) * size),
      ...(orders ? { orders } : {}),
    }),
  );
  if (model.updates === undefined) return works;
  const kafka = { bootstrap: book.kafka.bootstrap, registryUrl: book.registry.url };
  return [...works, { role: 'publisher', ...about, ...kafka, customers }];
}

async function customersOf(
  { sockets, durationSeconds }: LoadModel,
  world: World,
  signal: AbortSignal,
): Promise<Customer[]> {
  const expiresInSeconds = Math.ceil(durationSeconds + TOKEN_EXTRA_SECONDS);
  const customers: Customer[] = [];
  for (let from = 0; from < sockets.users; from += MINTED_AT_ONCE) {
    signal.throwIfAborted();
    const length = Math.min(MINTED_AT_ONCE, sockets.users - from);
    const minted = Array.from({ length }, async (_, at) => {
      const userId = world.name('user');
      const claims = { sub: userId, groups: ['customers'], expiresInSeconds };
      return { user: from + at, userId, token: await world.mint(claims) };
    });
    customers.push(...(await Promise.all(minted)));
  }
  return customers;
}

async function ordersOf(world: World): Promise<NonNullable<SocketWork['orders']>> {
  const [sku, cardToken] = await Promise.all([world.sku(STOCK), world.card()]);
  return { gateway: `http://${world.address('api-gateway', 'http')}`, sku, cardToken };
}

/** Eight hex digits of the run's id, so that no two runs have the same jobs, whatever the seed. */
const runTagOf = (run: string): string =>
  new Random(run, 'ids of jobs').integer(0, 0x7f_ff_ff_ff).toString(16).padStart(8, '0');

/** As many as the sockets need, and no more than leave a core for the stack. */
function threadsFor({ sockets }: LoadModel): number {
  const needed = Math.ceil((sockets.users * sockets.perUser) / SOCKETS_PER_THREAD);
  return Math.min(needed, sockets.users, Math.max(1, availableParallelism() - 1));
}
