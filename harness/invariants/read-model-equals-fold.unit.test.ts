import { describeInvariant } from '../checker/testing/judge.ts';
import { readModelEqualsFold } from './read-model-equals-fold.ts';

const asked = (operation: string) =>
  ({
    type: 'invoke',
    operation,
    name: 'list-orders',
    scenario: 'story',
    userId: 'user-a',
  }) as const;
const listed = (operation: string, sequence: number) =>
  ({
    type: 'ok',
    operation,
    name: 'list-orders',
    scenario: 'story',
    status: 200,
    response: { orders: [{ orderId: 'order-a', sequence }], nextPageToken: null },
  }) as const;

describeInvariant(
  readModelEqualsFold,
  [
    {
      anomaly: 'an order that the read model lacks',
      edit: (to) => to.without('state.read-model.a'),
      says: /Order order-a is on order.events, but not in the read model/,
      shows: ['a.OrderPlaced'],
    },
    {
      anomaly: 'an order that only the read model has',
      edit: (to) => to.again('state.read-model.a', { key: 'order-x' }),
      says: /Order order-x is in the read model, but order.events has nothing of it/,
      shows: ['state.read-model.a.again'],
    },
    {
      anomaly: 'a wrong status',
      edit: (to) => to.edit('state.read-model.a', { value: { status: 'PENDING' } }),
      says: /Order order-a in the read model: status is PENDING, the fold gives APPROVED/,
      shows: ['a.OrderApproved', 'state.read-model.a'],
    },
    {
      anomaly: 'an event that was not folded in',
      edit: (to) => to.edit('state.read-model.a', { value: { sequence: 5 } }),
      says: /the number of its last event is 5, the fold gives 6/,
      shows: ['a.OrderApproved', 'state.read-model.a'],
    },
    {
      anomaly: 'a wrong total',
      edit: (to) =>
        to.edit('state.read-model.a', {
          value: { total: { currency: 'JPY', minorUnits: 4_000 } },
        }),
      says: /total is 4000, the fold gives 2000/,
      shows: ['a.OrderApproved', 'state.read-model.a'],
      minimal: false,
    },
    {
      anomaly: 'a wrong owner',
      edit: (to) => to.edit('state.read-model.a', { value: { userId: 'user-r' } }),
      says: /user is user-r, the fold gives user-a/,
      shows: ['a.OrderApproved', 'state.read-model.a'],
      minimal: false,
    },
    {
      anomaly: 'a wrong reason of a rejection',
      edit: (to) => to.edit('state.read-model.r', { value: { reason: 'other' } }),
      says: /reason is other, the fold gives address-undeliverable/,
      shows: ['r.OrderRejected', 'state.read-model.r'],
    },
    {
      anomaly: 'a list that goes back behind an earlier one',
      edit: (to) =>
        to
          .add('l1', asked('l1'))
          .add('l1.ok', listed('l1', 6))
          .add('l2', asked('l2'))
          .add('l2.ok', listed('l2', 3)),
      says: /Order order-a was listed after its event 6 and later after 3/,
      shows: ['l1.ok', 'l2.ok'],
    },
  ],
  [
    {
      legal: 'events that are published twice',
      edit: (to) => to.again('a.OrderPlaced', { offset: '99' }),
    },
    {
      legal: 'answers to overlapping questions in any order',
      edit: (to) =>
        to
          .add('l1', asked('l1'))
          .add('l2', asked('l2'))
          .add('l1.ok', listed('l1', 6))
          .add('l2.ok', listed('l2', 3)),
    },
    {
      legal: "orders of an earlier run's users",
      edit: (to) =>
        to.again('state.read-model.a', { key: 'order-x', value: { userId: 'user-before' } }),
    },
  ],
);
