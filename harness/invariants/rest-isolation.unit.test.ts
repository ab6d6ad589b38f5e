import { describeInvariant } from '../checker/testing/judge.ts';
import { restIsolation } from './rest-isolation.ts';

const asker = { userId: 'user-r' };
const listed = (quantity: number) => ({
  response: {
    orders: [
      {
        orderId: 'order-a',
        lines: [{ sku: 'sku-a', quantity, unitPrice: { currency: 'JPY', minorUnits: 1_000 } }],
        total: { currency: 'JPY', minorUnits: 2_000 },
      },
    ],
  },
});

describeInvariant(
  restIsolation,
  [
    {
      anomaly: "another user's job",
      edit: (to) => to.edit('a.get-job.invoke', asker),
      says: /user-r was shown job job-a, which is user-a's/,
      shows: ['a.place.ok', 'a.get-job'],
    },
    {
      anomaly: "another user's order in a list",
      edit: (to) => to.edit('a.list-orders.invoke', asker),
      says: /user-r was shown order order-a, which is user-a's/,
      shows: ['a.OrderPlaced', 'a.list-orders'],
      minimal: false,
    },
    {
      anomaly: "another user's order",
      edit: (to) =>
        to
          .edit('a.list-orders.invoke', { ...asker, name: 'get-order' })
          .edit('a.list-orders', { name: 'get-order', response: { orderId: 'order-a' } }),
      says: /user-r was shown order order-a, which is user-a's/,
      shows: ['a.OrderPlaced', 'a.list-orders'],
      minimal: false,
    },
    {
      anomaly: 'an order that is listed with other quantities',
      edit: (to) => to.edit('a.list-orders', listed(1)),
      says: /Order order-a is listed with other lines or another total than it was placed with/,
      shows: ['a.OrderPlaced', 'a.list-orders'],
    },
    {
      anomaly: 'a job in a state that it was not in',
      edit: (to) =>
        to.edit('r.get-job', { response: { jobId: 'job-r', state: 'SUCCEEDED', sequence: 1 } }),
      says: /GET of job job-r says SUCCEEDED after update 1; job.updates says RUNNING/,
      shows: ['r.get-job'],
    },
  ],
  [
    {
      legal: 'a job that was asked for before its first update',
      edit: (to) =>
        to.edit('a.get-job', { response: { jobId: 'job-a', state: 'ISSUED', sequence: 0 } }),
    },
    {
      legal: 'an order that is listed as it was placed',
      edit: (to) => to.edit('a.list-orders', listed(2)),
    },
  ],
);
