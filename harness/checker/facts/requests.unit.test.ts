import { expect, it } from 'vitest';
import type { OperationInvoked } from '../../history/event.ts';
import { Requests } from './requests.ts';

const command = (more: Partial<OperationInvoked>) =>
  ({ type: 'invoke', name: 'place-order', ...more }) as OperationInvoked;

it('takes all requests of a user with one key as one command', () => {
  const requests = new Requests();
  const first = requests.take(command({ idempotencyKey: 'k', traceId: 't1' }), 'u');
  const other = requests.take(command({ idempotencyKey: 'k', traceId: 't2' }), 'v');
  const again = requests.take(command({ idempotencyKey: 'k', traceId: 't3' }), 'u');
  expect(again).toBe(first);
  expect(other).toMatchObject({ number: 1, userId: 'v', repeatedIn: undefined });
  expect(first).toMatchObject({ number: 0, userId: 'u', traceId: 't1', repeatedIn: ['t3'] });
  expect(['t1', 't2', 't3', 't4'].map((trace) => requests.ofTrace(trace)?.number)).toEqual([
    0,
    1,
    0,
    undefined,
  ]);
});

it('takes each request without a key as a command of its own, and nothing else as one', () => {
  const requests = new Requests();
  const numbers = ['t1', 't2'].map((traceId) => requests.take(command({ traceId }), 'u')?.number);
  expect(numbers).toEqual([0, 1]);
  expect(requests.take(command({ idempotencyKey: 'k' }), 'u')).toBeUndefined();
  expect(requests.take(command({ name: 'get-job', traceId: 't3' }), 'u')).toBeUndefined();
  expect(requests.take(command({ idempotencyKey: 'k', traceId: 't4' }), 'u')?.number).toBe(2);
});
