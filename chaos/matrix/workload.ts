/** The order of a cell and that of a bystander: how they are placed, and how they must end. */
import { v7 as uuidv7 } from 'uuid';
import type { RpcResult } from '../../harness/clients/rpc.ts';
import { until } from '../../harness/kernel/poll.ts';
import { expect } from '../../harness/scenario/expect.ts';
import type { Accepted, OrderOptions, User } from '../../harness/scenario/user.ts';
import type { World } from '../../harness/scenario/world.ts';
import { QUANTITY, type Variant } from './variants.ts';
import { NotLanded } from './wire-trigger.ts';

const UNIT_PRICE = 700;
const AMOUNT = QUANTITY * UNIT_PRICE;
/** Read models and compositions follow within this time after the last fault. */
const CONVERGED_WITHIN_MS = 15_000;

/** A service that was killed is back within this time, also on a busy machine. */
const PREPARED_WITHIN_MS = 45_000;

/** A customer with a product and a card of their own, so that every sum is theirs alone. */
export interface Customer {
  readonly user: User;
  readonly sku: string;
  readonly cardToken: string;
  readonly variant: Variant;
  /** Of the PlaceOrder command: it is sent again with the same key. */
  readonly key: string;
}

export async function prepareCustomer(world: World, variant: Variant): Promise<Customer> {
  const { stock, card } = variant;
  // A product and a card of another name each time: what came of an attempt may be unknown.
  const [user, sku, cardToken] = await Promise.all([
    world.user(),
    prepared('a product', () => world.sku(stock)),
    prepared('a card', () => world.card(AMOUNT, card)),
  ]);
  return { user, sku, cardToken, variant, key: uuidv7() };
}

/** As often as it takes: the service that is asked may be the one that another cell disturbs. */
const prepared = (what: string, prepare: () => Promise<string>): Promise<string> =>
  until(`${what} to be prepared`, prepare, PREPARED_WITHIN_MS).catch((error: Error) => {
    throw new NotLanded(error.message);
  });

/** The warehouse hands the parcel over. */
export const dispatch = (world: World, orderId: string): Promise<string> =>
  prepared('a parcel', () => world.dispatch(orderId).then(() => orderId));

const optionsOf = ({ sku, cardToken, variant, key }: Customer): OrderOptions => ({
  lines: [{ sku, quantity: QUANTITY }],
  cardToken,
  unitPrice: UNIT_PRICE,
  country: variant.country,
  idempotencyKey: key,
});

export const place = (customer: Customer): Promise<Accepted> =>
  customer.user.placeOrder(optionsOf(customer));

/** A client that never saw its answer sends the command again: it is the same order. */
export async function placeAgain(customer: Customer, accepted: Accepted): Promise<void> {
  const again = await place(customer);
  const { jobId, orderId } = accepted;
  expect(again, 'the command was sent again with its key').toMatchObject({ jobId, orderId });
}

/** What the order looks like when its saga has ended so. */
export interface Ending {
  readonly jobId: string;
  readonly orderId: string;
  /** Of the order. */
  readonly status: string;
  /** Of the job. */
  readonly state: string;
}

/** Reads the order back from everywhere that shows it. */
export async function expectEnding(
  world: World,
  { user, sku, cardToken, variant }: Customer,
  { jobId, orderId, status, state }: Ending,
): Promise<void> {
  expect(await user.jobEnded(jobId), 'the job').toMatchObject({ state, orderId });
  await until(
    `order ${orderId} to be composed as ${status}`,
    async () => {
      const { status: code, body } = await user.getOrder(orderId);
      const missing = body['missing'];
      const isWhole = code === 200 && Array.isArray(missing) && missing.length === 0;
      return isWhole && body['status'] === status;
    },
    CONVERGED_WITHIN_MS,
  );
  const isSold = status === 'APPROVED';
  const stock = await answered(`the stock of ${sku}`, () =>
    world.rpc.inventory.call('getStock', { sku }),
  );
  const available = BigInt(isSold ? variant.stock - QUANTITY : variant.stock);
  expect(stock, `the stock of ${sku}`).toMatchObject({ stock: { available } });
  const card = await answered(`the card ${cardToken}`, () =>
    world.rpc.payment.call('getCard', { cardToken }),
  );
  expect(card, `the card ${cardToken}`).toMatchObject({
    card: { held: { minorUnits: 0n }, captured: { minorUnits: BigInt(isSold ? AMOUNT : 0) } },
  });
  await world.historyShows(user, orderId, status);
}

/** An answer of a service that may have been away a moment ago. */
const answered = <T>(label: string, call: () => Promise<RpcResult<T>>): Promise<T> =>
  until(
    `${label} to be read`,
    async () => {
      const result = await call();
      if (!result.ok) throw new Error(`${result.status} ${result.code ?? result.details}`);
      return result.message;
    },
    CONVERGED_WITHIN_MS,
  );
