import fc from 'fast-check';
import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { arrive, type Customer } from './workload/customer.ts';
import { Findings } from './workload/findings.ts';
import { Ledger } from './workload/ledger.ts';
import { customers, SHARED_PRODUCTS } from './workload/plan.ts';
import { checkLedger, checkMails, reconcile } from './workload/reconcile.ts';
import { shrunk } from './workload/shrink.ts';
import { take } from './workload/steps.ts';

const CUSTOMERS = 10;
/** Of each product that all customers share: about half of what they order. */
const SHARED_STOCK = 15;
const SEED_MAX = 2 ** 31 - 1;

/**
 * Claims: whatever customers do in whatever order, each order has the outcome that the documents
 * lead to, and everything that the system shows afterwards agrees with what happened.
 * Checks: random customers, drawn by fast-check from the seed, compared with a model of stock and
 * cards: orders at and beyond the limits, at the same time, repeated, cancelled at any moment;
 * sockets that reconnect. In the end all lists in pages of several sizes, composed orders, jobs,
 * stock, cards, mails and frames are compared with the model, and gRPC with REST.
 * Could be fooled: by what the model leaves open: of products that all customers share, it knows
 * the sums only.
 */
export default defineScenario({
  name: 'generated-workload',
  claims: 'random customers get what the documents promise, and all books agree',
  async play({ world }) {
    const seed = world.random.integer(0, SEED_MAX);
    const plans = fc.sample(customers, { seed, numRuns: CUSTOMERS });
    const ledger = new Ledger();
    const sharedSkus = await Promise.all(
      Array.from({ length: SHARED_PRODUCTS }, () => world.sku(SHARED_STOCK)),
    );
    for (const sku of sharedSkus) ledger.addStock(sku, SHARED_STOCK, true);
    const market = { world, ledger, sharedSkus };
    const all: Customer[] = await Promise.all(
      plans.map((plan, index) => arrive(market, plan, `customer ${index + 1}`)),
    );
    const areOver = await Promise.all(
      all.map((customer) => attempt(customer, takeSteps(customer, all))),
    );
    const isStuck = areOver.includes(false);
    const shared = new Findings('all customers');
    if (!isStuck) {
      await Promise.all(all.map((customer) => attempt(customer, reconcile(customer))));
      await checkLedger(world, ledger, shared);
      await checkMails(all);
    }
    const texts = [shared, ...all.map(({ findings }) => findings)].flatMap((one) => one.text || []);
    // A customer who waits for what does not come would wait again in each replay.
    const failed = isStuck ? -1 : all.findIndex(isFailed);
    if (failed >= 0) texts.push(await shrunk(market, seed, failed));
    if (texts.length > 0) throw new Error(`fast-check seed ${seed}:\n${texts.join('\n')}`);
  },
});

const isFailed = ({ findings }: Customer): boolean => findings.all.length > 0;

async function takeSteps(customer: Customer, all: readonly Customer[]): Promise<void> {
  const others = all.filter((other) => other !== customer);
  for (const step of customer.plan.steps) await take(customer, step, others);
}

/** An error of one customer must name the customer, and must not hide the findings of others. */
async function attempt({ findings }: Customer, work: Promise<void>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    findings.add(error instanceof Error ? error.message : String(error));
    return false;
  }
}
