import { contractBetween, published } from '#harness/contracts/consumer/contract.ts';
import { answered, grpcInteraction, refused } from '#harness/contracts/consumer/grpc.ts';
import { FICTION } from '#harness/contracts/fiction.ts';
import { InventoryService } from '#proto/sagaproof/inventory/v1/inventory_pb.js';
import { gatewayCalling } from '../../api-gateway.testkit.ts';
import { becomes, failsWith } from '../../outcomes.testkit.ts';

const { sku } = FICTION;

const contract = contractBetween({ consumer: 'api-gateway', provider: 'inventory' });

const question = {
  method: InventoryService.method.getStock,
  request: { sku },
  consume: gatewayCalling('inventory', ({ warehouse }) => warehouse.stock(sku)),
};

grpcInteraction(contract, {
  ...question,
  description: 'a question for stock of which nothing is reserved',
  given: '10 pieces of the product are in stock',
  answer: answered({ stock: { sku, received: '10', reserved: '0', available: '10' } }),
  expect: becomes({ sku, received: 10, reserved: 0, available: 10 }),
});

grpcInteraction(contract, {
  ...question,
  description: 'a question for stock of which some is reserved',
  given: '10 pieces of the product are in stock, and 2 are reserved',
  answer: answered({ stock: { sku, received: '10', reserved: '2', available: '8' } }),
  expect: becomes({ sku, received: 10, reserved: 2, available: 8 }),
});

grpcInteraction(contract, {
  ...question,
  description: 'a question for stock that was reserved and released',
  given: '10 pieces of the product are in stock, and 2 were reserved and released',
  answer: answered({ stock: { sku, received: '10', reserved: '0', available: '10' } }),
  expect: becomes({ sku, received: 10, reserved: 0, available: 10 }),
});

grpcInteraction(contract, {
  ...question,
  description: 'a question for stock that is all reserved',
  given: '2 pieces of the product are in stock, and 2 are reserved',
  answer: answered({ stock: { sku, received: '2', reserved: '2', available: '0' } }),
  expect: becomes({ sku, received: 2, reserved: 2, available: 0 }),
});

grpcInteraction(contract, {
  ...question,
  description: 'a question for stock of a product that never was there',
  given: 'there is no such product',
  answer: refused('NOT_FOUND', 'stock-not-found'),
  expect: failsWith('stock-not-found'),
});

grpcInteraction(contract, {
  ...question,
  description: 'a question for stock that cannot be read',
  given: 'inventory cannot reach Postgres',
  answer: refused('UNAVAILABLE', 'unavailable'),
  expect: failsWith('unavailable'),
});

grpcInteraction(contract, {
  ...question,
  description: 'a question for stock, with little time',
  given: 'Postgres is slow',
  deadlineMs: 250,
  answer: refused('DEADLINE_EXCEEDED'),
  expect: failsWith('unavailable'),
});

published(contract);
