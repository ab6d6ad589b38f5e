import { expect, it } from 'vitest';
import type { Unrecorded } from '../history/event.ts';
import { LoadCounter } from './refused-for-load.ts';

it('counts what an overloaded system refuses, and records everything', () => {
  const recorded: unknown[] = [];
  const shard = { record: (event: unknown) => recorded.push(event), close: () => undefined };
  const counter = new LoadCounter(shard as never);
  const about = { operation: 'a#1', name: 'place-order', scenario: 'a' } as const;
  const events = [
    { type: 'ok', ...about, status: 202 },
    { type: 'fail', ...about, status: 409 },
    { type: 'fail', ...about, status: 503 },
    { type: 'info', ...about, status: 0 },
    { type: 'info', ...about, status: 'DEADLINE_EXCEEDED' },
    {
      type: 'ws',
      socket: 's',
      scenario: 'a',
      userId: 'u',
      node: 1,
      what: 'closed',
      closeCode: 1000,
    },
    {
      type: 'ws',
      socket: 's',
      scenario: 'a',
      userId: 'u',
      node: 1,
      what: 'closed',
      closeCode: 1006,
    },
    { type: 'ws', socket: 's', scenario: 'a', userId: 'u', node: 1, what: 'refused', status: 408 },
    { type: 'ws', socket: 's', scenario: 'a', userId: 'u', node: 1, what: 'refused', status: 401 },
  ] as unknown as Unrecorded[];
  for (const event of events) counter.record(event);
  expect(counter.refused).toBe(5);
  expect(recorded).toEqual(events);
});
