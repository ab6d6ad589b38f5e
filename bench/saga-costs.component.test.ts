import { afterAll, beforeAll, expect, it } from 'vitest';
import { bootStack, type Stack } from '#harness/testbed/stack.ts';
import { playLevel } from './saga.ts';
import { measureCosts, SAGA_COSTS_MAX } from './saga-costs.ts';

const SAGAS = 24;
const CONCURRENCY = 4;

let stack: Stack;
beforeAll(async () => {
  stack = await bootStack({ fresh: true });
  await playLevel(stack, CONCURRENCY, CONCURRENCY);
});
afterAll(() => stack?.[Symbol.asyncDispose]());

it('costs a saga no more records, offsets, scripts, transactions and appends than before', async () => {
  const costs = await measureCosts(stack, SAGAS, () => playLevel(stack, CONCURRENCY, SAGAS));
  for (const [name, max] of Object.entries(SAGA_COSTS_MAX)) {
    const cost = costs[name as keyof typeof costs];
    expect(cost, `${name} per saga`).toBeGreaterThan(0);
    expect(cost, `${name} per saga`).toBeLessThanOrEqual(max);
  }
});
