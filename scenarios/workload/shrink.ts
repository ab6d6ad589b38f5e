import fc from 'fast-check';
import { arrive, type Market } from './customer.ts';
import { type CustomerPlan, customers } from './plan.ts';
import { reconcile } from './reconcile.ts';
import { take } from './steps.ts';

/** For all replays together: a failure must be reported before the scenario's deadline. */
const SHRINK_MS = 25_000;
const PLAN_CHARS_MAX = 1_500;

/**
 * Replays one customer of the workload alone and makes the plan as small as time allows.
 *
 * @param seed the plans were drawn with, and `index` is the customer's place among them
 * @returns what fails, or that the customer alone does not
 */
export async function shrunk(market: Market, seed: number, index: number): Promise<string> {
  const alone = fc.asyncProperty(customers, async (plan) => {
    const customer = await arrive(market, plan, 'the customer alone');
    for (const step of plan.steps) await take(customer, step, []);
    await reconcile(customer);
    if (customer.findings.all.length > 0) throw new Error(customer.findings.text);
  });
  const limits = { numRuns: 1, interruptAfterTimeLimit: SHRINK_MS };
  const result = await fc.check(alone, { seed, path: `${index}`, ...limits });
  const [plan] = result.counterexample ?? [];
  if (plan === undefined) return 'This customer alone does not fail.';
  const why = result.errorInstance instanceof Error ? result.errorInstance.message : '';
  return `Smallest plan found (${result.numShrinks} times smaller): ${inBrief(plan)}\n${why}`;
}

const inBrief = ({ steps, stocks, cards }: CustomerPlan): string =>
  JSON.stringify({ steps, stocks, cards }).slice(0, PLAN_CHARS_MAX);
