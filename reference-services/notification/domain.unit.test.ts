import { describe, expect, test } from 'vitest';
import { EMAIL, eventOf, JOB_ID, ORDER_ID, outcomesTo } from './domain.testkit.ts';
import { afterFailure, notificationOf, type OrderEvent, RETRY } from './domain.ts';

describe('an event', () => {
  test('that is an outcome becomes a notification of its user, each with its own text', () => {
    const notifications = outcomesTo(EMAIL).map((payload) => notificationOf(eventOf(payload)));
    expect(notifications.map((notification) => notification?.kind)).toEqual([
      'order-approved',
      'order-rejected',
      'order-cancelled',
      'order-cancellation-refused',
    ]);
    for (const notification of notifications) {
      expect(notification).toMatchObject({
        jobId: JOB_ID,
        orderId: ORDER_ID,
        userId: 'user-1',
        recipient: EMAIL,
      });
      expect(notification?.subject).toContain(ORDER_ID);
    }
    expect(new Set(notifications.map((notification) => notification?.text)).size).toBe(4);
  });

  test('says why, in words where there are some', () => {
    const [, rejected] = outcomesTo(EMAIL);
    expect(notificationOf(eventOf(rejected))?.text).toContain('not available in the quantity');
    const unknown = notificationOf(eventOf({ ...rejected, reason: 'of-a-later-version' }));
    expect(unknown?.text).toContain('of-a-later-version');
  });

  test.each([
    ['EUR', 4_905, '€49.05'],
    ['JPY', 4_905, '¥4,905'],
    ['XTS', 4_905, '49.05'],
    ['no', 4_905, '4905 no'],
  ])('tells an amount as people in %s write it', (currency, minorUnits, text) => {
    const [approved] = outcomesTo(EMAIL);
    const event = eventOf({ ...approved, total: { currency, minorUnits } });
    expect(notificationOf(event)?.text).toContain(text);
  });

  const silent: ReadonlyArray<OrderEvent['payload']> = [
    { type: 'OrderPlaced', lines: [], total: { currency: 'EUR', minorUnits: 1 } },
    { type: 'OrderCancellationRequested' },
    { type: 'SagaStepCompleted', saga: 'PLACE_ORDER', step: 'RESERVE_STOCK' },
    { type: 'SagaCompensationStarted', saga: 'PLACE_ORDER', reason: 'out-of-stock' },
  ];
  test.each(silent)('of type $type becomes no notification', (payload) => {
    expect(notificationOf(eventOf(payload))).toBeUndefined();
  });
});

describe('after a failure to send', () => {
  test('it is tried again ever later, and no more than so often', () => {
    const delaysMs: number[] = [];
    for (let attempt = 1; ; attempt += 1) {
      const next = afterFailure(attempt, false);
      if (next.kind === 'give-up') break;
      delaysMs.push(next.delayMs);
    }
    expect(delaysMs).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    expect(delaysMs).toHaveLength(RETRY.attemptsMax - 1);
  });

  test('that no repeat can help, it is given up at once', () => {
    expect(afterFailure(1, true)).toEqual({ kind: 'give-up' });
  });
});
