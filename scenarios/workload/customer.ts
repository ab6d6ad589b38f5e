import { v7 as uuidv7 } from 'uuid';
import type { RecordedSocket } from '../../harness/clients/socket.ts';
import type { User } from '../../harness/scenario/user.ts';
import type { World } from '../../harness/scenario/world.ts';
import { Findings } from './findings.ts';
import { Follower } from './follower.ts';
import type { Ledger, Outcome } from './ledger.ts';
import type { CardPlan, CustomerPlan } from './plan.ts';
import type { Goods, OrderCommand } from './resolve.ts';

/** A command that was accepted. */
export interface Job {
  readonly jobId: string;
  readonly kind: 'PLACE_ORDER' | 'CANCEL_ORDER';
  readonly orderId: string;
  /** Why it failed; undefined when it succeeded. */
  reason: string | undefined;
}

export interface PlacedOrder {
  readonly orderId: string;
  readonly command: OrderCommand;
  readonly key: string;
  readonly job: Job;
  /** Orders that were accepted before this one was sent. */
  readonly before: readonly string[];
  /** `approved`, or why it was rejected. */
  outcome: Outcome;
  isCancelled: boolean;
  isDispatched: boolean;
  /** Why the latest cancellation was refused. */
  cancellationRefused: string | undefined;
}

/** A customer of the workload: the plan, what the customer has, and what happened so far. */
export interface Customer {
  readonly world: World;
  readonly plan: CustomerPlan;
  readonly user: User;
  readonly goods: Goods;
  readonly ledger: Ledger;
  readonly findings: Findings;
  readonly orders: PlacedOrder[];
  readonly jobs: Job[];
  /** Sees every update of every job. */
  readonly witness: RecordedSocket;
  /** Sees the updates of every job, up to the plan's level. */
  readonly watcher: RecordedSocket;
  readonly follower: Follower;
  /** Commands without an answer or with a 503: each may have left a job that never started. */
  hindered: number;
}

/** What all customers share. */
export interface Market {
  readonly world: World;
  readonly ledger: Ledger;
  readonly sharedSkus: readonly string[];
}

/** A new user with new products and cards, and sockets that are open before the first command. */
export async function arrive(market: Market, plan: CustomerPlan, name: string): Promise<Customer> {
  const { world, ledger, sharedSkus } = market;
  const user = await world.user({ prefix: plan.prefix });
  const { watch, follow } = plan;
  const follower = new Follower(user, follow.level, follow.node);
  const [skus, cards, witness, watcher] = await Promise.all([
    Promise.all(plan.stocks.map((quantity) => product(market, quantity))),
    Promise.all(plan.cards.map((card) => newCard(market, card))),
    user.socket({ node: 1 - watch.node, via: 'subprotocol' }),
    user.socket({ node: watch.node }),
    follower.open(),
  ]);
  await Promise.all([
    witness.subscribe({ level: 'detail' }),
    watcher.subscribe({ level: watch.level }),
  ]);
  return {
    ...{ world, plan, user, ledger, witness, watcher, follower },
    goods: { skus: [...skus, ...sharedSkus], cards },
    findings: new Findings(`${name} (${user.userId})`),
    orders: [],
    jobs: [],
    hindered: 0,
  };
}

/** A product; of one without stock, nothing was ever received. */
async function product({ world, ledger }: Market, quantity: number): Promise<string> {
  const sku = world.name('sku');
  if (quantity > 0) await world.receive(sku, quantity);
  ledger.addStock(sku, quantity);
  return sku;
}

async function newCard({ world, ledger }: Market, card: CardPlan): Promise<string> {
  const { kind, currency, limit } = card;
  const cardToken = await token(world, card);
  ledger.addCard(cardToken, { kind, currency, limit });
  return cardToken;
}

async function token(world: World, { kind, currency, limit }: CardPlan): Promise<string> {
  switch (kind) {
    case 'unregistered':
      return `tok_${uuidv7()}`;
    case 'declined':
      return world.card(limit, 'tok_declined', currency);
    case 'slow':
      return world.card(limit, 'tok_slow_1', currency);
    case 'good':
      return world.card(limit, 'tok_ok', currency);
  }
}
