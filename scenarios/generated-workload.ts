import fc from 'fast-check';
import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { arrive, type Customer } from './workload/customer.ts';
import { Findings } from './workload/findings.ts';
import { Ledger } from './workload/ledger.ts';
import { customers, SHARED_PRODUCTS } from './workload/plan.ts';
import { checkLedger, checkMails, reconcile } from './workload/reconcile.ts';
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
    await Promise.all(
      all.map(async (customer) => {
        const others = all.filter((other) => other !== customer);
        for (const step of customer.plan.steps) await take(customer, step, others);
      }),
    );
    await Promise.all(all.map(reconcile));
    const shared = new Findings('all customers');
    await checkLedger(world, ledger, shared);
    await checkMails(all);
    const texts = [shared, ...all.map(({ findings }) => findings)]
      .filter((findings) => findings.all.length > 0)
      .map((findings) => findings.text);
    if (texts.length > 0) throw new Error(`fast-check seed ${seed}:\n${texts.join('\n')}`);
  },
});
