import { describe, expect, it } from 'vitest';
import type { Accepted, OrderApp } from './app.ts';
import type { PlaceOrder } from './domain.ts';
import { orderServer } from './server.ts';

const JOB = '7d9f3f0e-5b1c-4f0e-9f43-0d9b5a8c1e01';
const ORDER = '7d9f3f0e-5b1c-4f0e-9f43-0d9b5a8c1e02';
const ADDRESS = {
  ...{ recipient: 'Ada', street: 'St James Square 12', city: 'London' },
  ...{ postalCode: 'SW1Y 4JH', country: 'GB' },
};
const REQUEST = {
  ...{ jobId: JOB, orderId: ORDER, userId: 'ada', cardToken: 'tok_1', contactEmail: '' },
  lines: [{ sku: 'teapot', quantity: 1, unitPrice: { currency: 'EUR', minorUnits: 1n } }],
  ...{ address: ADDRESS, requestHash: 'a'.repeat(64) },
};

/** What reaches the use case of a request that the server takes. */
async function taken(more: object): Promise<PlaceOrder | undefined> {
  let command: PlaceOrder | undefined;
  const app = {
    async placeOrder(one: PlaceOrder): Promise<Accepted> {
      command = one;
      return { kind: 'accepted', jobId: JOB };
    },
  } as unknown as OrderApp;
  const { placeOrder } = orderServer(app).handlers;
  await placeOrder?.({ ...REQUEST, ...more } as never, {} as never);
  return command;
}

describe('PlaceOrder', () => {
  it.each(['recipient', 'street', 'city'])(
    'takes 200 characters of any plane in %s',
    async (name) => {
      const address = { ...ADDRESS, [name]: '𠮷'.repeat(200) };
      expect(await taken({ address })).toMatchObject({ address });
      const longer = { ...ADDRESS, [name]: 'x'.repeat(201) };
      await expect(taken({ address: longer })).rejects.toMatchObject({ code: 'invalid-request' });
    },
  );

  it.each(['', 'ada', `${'a'.repeat(60)}@${'b'.repeat(255)}`])(
    'takes whatever address a token has: %s',
    async (contactEmail) => {
      expect(await taken({ contactEmail })).toMatchObject({ contactEmail });
    },
  );
});
