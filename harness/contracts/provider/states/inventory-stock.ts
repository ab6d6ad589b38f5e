import { v7 as uuidv7 } from 'uuid';
import type { StateContext, StateHandler, States } from '../state.ts';
import { commandStates } from './commanded.ts';
import { accepted, type Probe, slow, unreachable } from './outage.ts';
import { command } from './played.ts';

const stock = ({ names, rpc }: StateContext) =>
  rpc.inventory.call('getStock', { sku: names.of('sku') });

const probe: Probe = stock;

async function receive(
  { names, rpc }: StateContext,
  quantity: number,
  product: 'sku' | 'otherSku' = 'sku',
): Promise<void> {
  const receipt = { receiptId: uuidv7(), sku: names.of(product), quantity };
  accepted('a goods receipt', await rpc.inventory.call('receiveStock', receipt));
}

async function reserved(context: StateContext, quantity: number): Promise<void> {
  await context.until(`${quantity} pieces to be reserved`, async () => {
    const answer = await stock(context);
    return answer.ok && answer.message.stock?.reserved === BigInt(quantity);
  });
}

const inStock =
  (received: number, held: number): StateHandler =>
  async (context) => {
    await receive(context, received);
    if (held === 0) return;
    const lines = [{ sku: context.names.of('sku'), quantity: held }];
    await command(context, 'inventory', { type: 'ReserveStock', lines });
    await reserved(context, held);
  };

/** Sets up the provider states of inventory. */
export const inventoryStockStates: States = {
  ...commandStates('inventory'),
  'there is no such product': async () => undefined,
  '10 pieces of the product are in stock': inStock(10, 0),
  '10 pieces of the product are in stock, and 2 are reserved': inStock(10, 2),
  '2 pieces of the product are in stock, and 2 are reserved': inStock(2, 2),
  '10 pieces of the product are in stock, and 2 were reserved and released': async (context) => {
    await inStock(10, 2)(context, {});
    await command(context, 'inventory', { type: 'ReleaseStock' });
    await reserved(context, 0);
  },
  '10 pieces of each product of the order are in stock': async (context) => {
    await receive(context, 10);
    await receive(context, 10, 'otherSku');
  },
  'goods have arrived': (context) => receive(context, 10),
  'inventory cannot reach Postgres': unreachable('inventory', 'postgres', probe),
  'Postgres is slow': slow('inventory', 'postgres', probe),
};
