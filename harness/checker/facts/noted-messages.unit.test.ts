import { expect, it } from 'vitest';
import { NotedMessages } from './noted-messages.ts';

const TYPES = ['ReserveStock', 'ReleaseStock'];

it('returns what was noted first of an id, unless it is replaced', () => {
  const messages = new NotedMessages(TYPES);
  const first = { at: 3, type: 'ReleaseStock', orderNumber: 70_000 };
  const second = { at: 9, type: 'ReserveStock', orderNumber: 0 };
  expect(messages.note('a', first)).toBe(true);
  expect(messages.note('a', second)).toBe(false);
  expect(messages.find('a')).toStrictEqual(first);
  messages.replace('a', second);
  expect(messages.find('a')).toStrictEqual(second);
});

it('keeps the order of a message whose type is unknown', () => {
  const messages = new NotedMessages(TYPES);
  messages.note('a', { at: 0, type: 'Explode', orderNumber: 5 });
  expect(messages.find('a')).toStrictEqual({ at: 0, type: undefined, orderNumber: 5 });
  expect([messages.has('a'), messages.has('b'), messages.find('b')]).toEqual([
    true,
    false,
    undefined,
  ]);
});
