/** For tests that disturb a real stack, operation by operation. */
import { afterAll, beforeAll } from 'vitest';
import { newRunId } from '../../harness/kernel/run-folder.ts';
import { World } from '../../harness/scenario/world.ts';
import { useOwnRuns } from '../../harness/testbed/stack.testkit.ts';
import { bootStack, type Stack } from '../../harness/testbed/stack.ts';

export const TEST_TIMEOUT_MS = 180_000;
const SILENT = { record: () => undefined, close: () => undefined };

/** Boots a stack with wire proxies before the tests of a file, and stops it afterwards. */
export function useWiredStack() {
  const tests = useOwnRuns();
  let stack: Stack;
  let world: World;
  beforeAll(async () => {
    stack = await bootStack({ installation: tests.installation(), fresh: true, wire: true });
    world = new World({
      ...{ scenario: 'wire', run: newRunId(), book: stack.addressBook, shard: SILENT },
    });
  }, TEST_TIMEOUT_MS);
  afterAll(async () => {
    await world?.close();
    await stack?.down();
  });
  return {
    stack: () => stack,
    /** A new customer who follows all jobs, and what an order needs. */
    async customer() {
      const user = await world.user();
      const [sku, cardToken] = await Promise.all([world.sku(5), world.card()]);
      const socket = await user.socket();
      await socket.subscribe({ level: 'outcome' });
      const placeOrder = () => user.placeOrder({ lines: [{ sku, quantity: 1 }], cardToken });
      return { sku, socket, placeOrder };
    },
  };
}
