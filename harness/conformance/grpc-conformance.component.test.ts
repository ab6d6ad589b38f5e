import { v7 as uuidv7 } from 'uuid';
import { expect, test } from 'vitest';
import { InventoryService } from '#proto/sagaproof/inventory/v1/inventory_pb.js';
import { RpcClient } from '../clients/rpc.ts';
import { FakeInventory, type Flawed } from './fake-inventory.testkit.ts';
import { runGrpcConformance } from './grpc-conformance.ts';
import { command, query, type Recipe } from './recipe.ts';
import { mustAnswer } from './recipes/world.ts';

const QUANTITY = 7;
const { method } = InventoryService;

/** How the two methods that the fake has are called. */
function recipesAt(address: string) {
  const inventory = new RpcClient(InventoryService, address);
  const receipt = () => ({ receiptId: uuidv7(), sku: `sku-${uuidv7()}`, quantity: QUANTITY });
  const recipes: readonly Recipe[] = [
    command(method.receiveStock, {
      request: async () => receipt(),
      wrongEffect: async ({ sku }) => {
        const { stock } = await mustAnswer('GetStock', inventory.call('getStock', { sku }));
        return stock?.received === BigInt(QUANTITY) ? undefined : `${stock?.received} received`;
      },
    }),
    query(method.getStock, async () => {
      const goods = receipt();
      await mustAnswer('ReceiveStock', inventory.call('receiveStock', goods));
      return { sku: goods.sku };
    }),
  ];
  const service = { ...InventoryService, methods: [method.receiveStock, method.getStock] };
  return { service: service as never, recipes, [Symbol.dispose]: () => inventory.close() };
}

/** The checks that failed or were skipped. */
async function notPassed(flaw?: Flawed): Promise<readonly string[]> {
  await using fake = await FakeInventory.start(flaw);
  using recipes = recipesAt(fake.address);
  const { address } = fake;
  const results = await runGrpcConformance({ service: 'inventory', address, recipes, seed: 's' });
  expect(results.length).toBeGreaterThan(30);
  return results
    .filter(({ outcome }) => outcome !== 'passed')
    .map(({ rpc, check, outcome }) => `${outcome} ${rpc}: ${check}`);
}

test('a correct implementation passes every check', async () => {
  expect(await notPassed()).toEqual([]);
});

test.each<readonly [Flawed, string]>([
  ['answers when the deadline has passed', 'failed ReceiveStock: an expired deadline'],
  ['says INTERNAL when a field is missing', 'failed ReceiveStock: missing receipt_id'],
  ['ends when a message is too large', 'failed ReceiveStock: an oversized message'],
  ['makes more of an unknown field', 'failed ReceiveStock: unknown fields'],
  ['receives a repeated receipt twice', 'failed ReceiveStock: repeated after a cancel at 3 ms'],
  ['takes garbage for an empty request', 'failed GetStock: garbage: a tag that is cut off'],
  ['knows every method', 'failed *: an unknown method'],
  ['refuses unknown metadata', 'failed GetStock: unknown metadata'],
])('an implementation that %s fails', async (flaw, red) => {
  expect(await notPassed(flaw)).toContain(red);
});

test('the check of a method without a recipe is skipped, which does not pass', async () => {
  await using fake = await FakeInventory.start();
  const recipes = { service: InventoryService, recipes: [] };
  const { address } = fake;
  const results = await runGrpcConformance({ service: 'inventory', address, recipes, seed: 's' });
  expect(results).toContainEqual(
    expect.objectContaining({ rpc: 'GetStock', check: 'a valid request', outcome: 'skipped' }),
  );
});
