import { describeInvariant } from '../checker/testing/judge.ts';
import { atMostOneEffect } from './at-most-one-effect.ts';

const RESERVED = 'a.RESERVE_STOCK.event';
const invoke = (operation: string, more: Readonly<Record<string, unknown>> = {}) =>
  ({
    type: 'invoke',
    operation,
    name: 'place-order',
    scenario: 'story',
    userId: 'user-a',
    idempotencyKey: 'key-a.place',
    bodyDigest: 'digest-a.place',
    traceId: 'b'.repeat(32),
    ...more,
  }) as const;
const accepted = (operation: string, jobId: string, orderId: string) =>
  ({
    type: 'ok',
    operation,
    name: 'place-order',
    scenario: 'story',
    status: 202,
    jobId,
    orderId,
  }) as const;

describeInvariant(
  atMostOneEffect,
  [
    {
      anomaly: 'an Idempotency-Key that gives two jobs',
      edit: (to) =>
        to.add('again', invoke('again')).add('again.ok', accepted('again', 'job-x', 'order-x')),
      says: /key-a.place of user user-a was answered with job job-a, order order-a, and then with job job-x/,
      shows: ['a.place.ok', 'again.ok'],
    },
    {
      anomaly: 'an Idempotency-Key that is accepted with another body',
      edit: (to) =>
        to
          .add('again', invoke('again', { bodyDigest: 'other' }))
          .add('again.ok', accepted('again', 'job-a', 'order-a')),
      says: /key-a.place of user user-a was accepted again with another body/,
      shows: ['a.place.ok', 'again.ok'],
    },
    {
      anomaly: 'a key whose lost first request and whose repetition both placed an order',
      edit: (to) =>
        to
          .after('a.place.invoke', 'lost.info', {
            ...accepted('lost', '', ''),
            type: 'info',
            status: 0,
          })
          .after('a.place.invoke', 'lost', invoke('lost'))
          .again('a.OrderPlaced', {
            key: 'order-x',
            value: { messageId: 'other', orderId: 'order-x' },
            headers: { id: 'other', traceparent: `00-${'b'.repeat(32)}-${'b'.repeat(16)}-01` },
          }),
      says: /Idempotency-Key key-a.place of user user-a placed two orders: order-a and order-x/,
      shows: ['a.OrderPlaced', 'a.OrderPlaced.again'],
    },
    {
      anomaly: 'one request that placed two orders',
      edit: (to) =>
        to.again('a.OrderPlaced', {
          key: 'order-x',
          value: { messageId: 'other', orderId: 'order-x' },
          headers: { id: 'other' },
        }),
      says: /Idempotency-Key key-a.place of user user-a placed two orders: order-a and order-x/,
      shows: ['a.OrderPlaced', 'a.OrderPlaced.again'],
    },
    {
      anomaly: 'a message id that stands for two contents',
      edit: (to) =>
        to.again(RESERVED, {
          value: { payload: { type: 'StockReserved', lines: [{ sku: 'sku-a', quantity: 7 }] } },
        }),
      says: /Message m-\d+ stands for two contents/,
      shows: [RESERVED, `${RESERVED}.again`],
    },
    {
      anomaly: 'a header id that is not the message id',
      edit: (to) => to.edit(RESERVED, { headers: { id: 'other' } }),
      says: /on inventory.events has the id other in its header and m-\d+ in its value/,
      shows: [RESERVED],
    },
    {
      anomaly: 'a command that had two effects',
      edit: (to) => to.again(RESERVED, { value: { messageId: 'other' }, headers: { id: 'other' } }),
      says: /Command m-\d+ of order order-a had two effects; the second is StockReserved/,
      shows: [RESERVED, `${RESERVED}.again`],
    },
    {
      anomaly: 'an order that is placed twice',
      edit: (to) =>
        to.again('a.OrderPlaced', { value: { messageId: 'other' }, headers: { id: 'other' } }),
      says: /Order order-a was placed twice/,
      shows: ['a.OrderPlaced', 'a.OrderPlaced.again'],
    },
    {
      anomaly: 'a step that is completed twice',
      edit: (to) =>
        to.again('a.CAPTURE_PAYMENT.SagaStepCompleted', {
          value: { messageId: 'other' },
          headers: { id: 'other' },
        }),
      says: /Order order-a completed step CAPTURE_PAYMENT twice/,
      shows: ['a.CAPTURE_PAYMENT.SagaStepCompleted', 'a.CAPTURE_PAYMENT.SagaStepCompleted.again'],
    },
    {
      anomaly: 'a step of which this version knows nothing, completed twice',
      edit: (to) => {
        const known = 'a.CAPTURE_PAYMENT.SagaStepCompleted';
        const strange = { payload: { type: 'SagaStepCompleted', step: 'WRAP_GIFT' } };
        return to
          .again(known, { value: { messageId: 'm-1', ...strange }, headers: { id: 'm-1' } }, 'one')
          .again(known, { value: { messageId: 'm-2', ...strange }, headers: { id: 'm-2' } }, 'two');
      },
      says: /Order order-a completed step WRAP_GIFT twice/,
      shows: ['two', 'one'],
    },
    {
      anomaly: 'an event that makes a job take the same update twice',
      edit: (to) =>
        to.again('a.update.STARTED', {
          value: { messageId: 'other', sequence: 2 },
          headers: { id: 'other' },
        }),
      says: /Event m-\d+ made job job-a take update STARTED twice/,
      shows: ['a.update.STARTED', 'a.update.STARTED.again'],
    },
  ],
  [
    {
      legal: 'records that are published again unchanged',
      edit: (to) => to.again(RESERVED, { offset: '99' }).again('a.OrderPlaced', { offset: '98' }),
    },
    {
      legal: 'a repeated request that gets the first answer',
      edit: (to) =>
        to.add('again', invoke('again')).add('again.ok', accepted('again', 'job-a', 'order-a')),
    },
    {
      legal: "another user's request with the same key",
      edit: (to) =>
        to
          .add('other', invoke('other', { userId: 'user-z' }))
          .add('other.ok', accepted('other', 'job-z', 'order-z')),
    },
    {
      legal: 'a dead letter, which is a copy with the same id',
      edit: (to) => to.again(RESERVED, { topic: 'inventory.events.dlq' }),
    },
  ],
);
