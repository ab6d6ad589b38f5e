import { describe, expect, it } from 'vitest';
import { UnreadFields } from '../pacts/unread.ts';
import { addObserved } from './contracted.ts';
import { aboutCall, aboutStockReserved, pact } from './coverage.testkit.ts';
import { Ledger } from './item.ts';

const namesIn = (ledger: Ledger, kind: 'fields' | 'errors') =>
  ledger.of(kind).map(({ name }) => name);

describe('what a provider really answered in verification', () => {
  const ends = { consumer: 'api-gateway', provider: 'order' };
  const service = 'sagaproof.order.v1.OrderService';
  const { interactions } = pact(
    'api-gateway',
    'order',
    aboutCall(service, 'GetOrder', { orderId: 'o' }, { status: 'OK', message: { promised: 1 } }),
    aboutStockReserved({ promised: 1 }),
  );
  const [call, record] = interactions;

  it('has the fields of the answer, and neither the example nor what was asked', () => {
    const seen = new Ledger();
    if (call === undefined) throw new Error('there is no call');
    addObserved(ends, call, { answer: { status: 'OK', message: { order: { id: 'o' } } } }, seen);
    expect(namesIn(seen, 'fields')).toEqual(['answer.order.id']);
  });

  it('has the code of a refusal that the contract did not expect', () => {
    const seen = new Ledger();
    if (call === undefined) throw new Error('there is no call');
    addObserved(ends, call, { answer: { status: 'NOT_FOUND', code: 'order-not-found' } }, seen);
    expect(namesIn(seen, 'errors')).toEqual(['order-not-found']);
  });

  it('has the record that crossed, wherever that was', () => {
    const seen = new Ledger();
    if (record === undefined) throw new Error('there is no record');
    const metadata = { protocol: 'kafka', topic: 'other.events', 'header:eventType': 'Other' };
    addObserved(ends, record, { contents: { orderId: 'o' }, metadata }, seen);
    expect(seen.of('operations')).toMatchObject([{ operation: 'other.events Other' }]);
    expect(namesIn(seen, 'fields')).toEqual(['orderId', 'header.eventType']);
  });
});

describe('fields that contract tests prove unread', () => {
  it('are those that made no difference in any interaction', () => {
    const unread = new UnreadFields();
    unread.note('op', ['b', 'a'], true);
    unread.note('op', ['b'], false);
    unread.note('other', ['b'], true);
    expect(unread.proven).toEqual({ op: ['a'], other: ['b'] });
  });
});
