import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { SagaTimers } from './app-timers.ts';
import type { LoggedEvent } from './ports.ts';

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const wait = (more: Partial<LoggedEvent> = {}): LoggedEvent => ({
  id: 'wait-1',
  fact: { kind: 'wait', orderId: 'order-1', waitMs: 250 } as LoggedEvent['fact'],
  causationId: 'cause',
  position: 7n,
  ...more,
});

it('ends a wait in the trace of the event that began it', () => {
  const fire = vi.fn(async () => undefined);
  using timers = new SagaTimers(fire);
  timers.track(wait({ traceparent: TRACEPARENT }), 6n);
  vi.advanceTimersByTime(249);
  expect(fire).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(fire).toHaveBeenCalledExactlyOnceWith('order-1', 'wait-1', TRACEPARENT);
  expect(timers.oldest).toBe(6n);
});

it('fires again, in the same trace, after a firing that failed', async () => {
  const fire = vi.fn().mockRejectedValueOnce(new Error('no')).mockResolvedValue(undefined);
  using timers = new SagaTimers(fire);
  timers.track(wait({ traceparent: TRACEPARENT }), 6n);
  await vi.advanceTimersByTimeAsync(250);
  await vi.advanceTimersByTimeAsync(500);
  expect(fire.mock.calls).toEqual([
    ['order-1', 'wait-1', TRACEPARENT],
    ['order-1', 'wait-1', TRACEPARENT],
  ]);
});
