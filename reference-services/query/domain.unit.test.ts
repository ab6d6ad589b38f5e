import { describe, expect, test } from 'vitest';
import {
  APPROVED,
  CANCELLATION_REFUSED,
  CANCELLATION_REQUESTED,
  CANCELLED,
  eventsOf,
  MONEY,
  orderIdOf,
  PLACED,
  PLACED_AT_MS,
  REJECTED,
  STEP_COMPLETED,
} from './domain.testkit.ts';
import { type OrderEvent, type OrderView, positionOf, project, tokenOf } from './domain.ts';

/** Given these events, in this order. */
function viewAfter(payloads: ReadonlyArray<OrderEvent['payload']>): OrderView | undefined {
  let view: OrderView | undefined;
  for (const event of eventsOf(payloads)) {
    const projection = project(view, event);
    if (projection.kind !== 'apply') throw new Error(`${event.payload.type}: ${projection.kind}`);
    view = projection.view;
  }
  return view;
}

describe('the view of an order', () => {
  test('has what was ordered, and when it changed last', () => {
    expect(viewAfter([PLACED, STEP_COMPLETED])).toEqual({
      orderId: orderIdOf(1),
      userId: 'user-1',
      status: 'pending',
      lines: [
        { sku: 'blue-teapot', quantity: 2, unitPrice: { currency: 'EUR', minorUnits: 2_450 } },
      ],
      total: MONEY,
      reason: '',
      placedAtMs: PLACED_AT_MS,
      updatedAtMs: PLACED_AT_MS + 1_000,
      sequence: 2,
      cancellationRequested: false,
    });
  });

  const cases: ReadonlyArray<[string, ReadonlyArray<OrderEvent['payload']>, string, string]> = [
    ['approved', [APPROVED], 'approved', ''],
    ['rejected', [REJECTED], 'rejected', 'out-of-stock'],
    ['asked to cancel while it is placed', [CANCELLATION_REQUESTED], 'pending', ''],
    ['approved after that', [CANCELLATION_REQUESTED, APPROVED], 'cancelling', ''],
    ['rejected after that', [CANCELLATION_REQUESTED, REJECTED], 'rejected', 'out-of-stock'],
    [
      'refused to cancel since it was rejected',
      [CANCELLATION_REQUESTED, REJECTED, CANCELLATION_REFUSED],
      'rejected',
      'out-of-stock',
    ],
    ['asked to cancel when approved', [APPROVED, CANCELLATION_REQUESTED], 'cancelling', ''],
    ['cancelled', [APPROVED, CANCELLATION_REQUESTED, CANCELLED], 'cancelled', ''],
    ['refused to cancel', [APPROVED, CANCELLATION_REQUESTED, CANCELLATION_REFUSED], 'approved', ''],
    [
      'asked to cancel again',
      [APPROVED, CANCELLATION_REQUESTED, CANCELLATION_REFUSED, CANCELLATION_REQUESTED],
      'cancelling',
      '',
    ],
  ];
  test.each(cases)('given it is %s', (_what, payloads, status, reason) => {
    expect(viewAfter([PLACED, ...payloads])).toMatchObject({ status, reason });
  });
});

describe('an event', () => {
  const [first, second, third] = eventsOf([PLACED, STEP_COMPLETED, APPROVED]) as [
    OrderEvent,
    OrderEvent,
    OrderEvent,
  ];
  const view = viewAfter([PLACED, STEP_COMPLETED]);

  test('that was folded in already changes nothing', () => {
    expect(project(view, first)).toEqual({ kind: 'ignore', reason: 'seen-already' });
    expect(project(view, second)).toEqual({ kind: 'ignore', reason: 'seen-already' });
  });

  test('that misses one before it is a gap', () => {
    expect(project(undefined, second)).toEqual({ kind: 'gap', expected: 1 });
    expect(project(viewAfter([PLACED]), third)).toEqual({ kind: 'gap', expected: 2 });
  });

  test('that comes first and is no placement fits nowhere', () => {
    expect(project(undefined, { ...second, sequence: 1 })).toMatchObject({ kind: 'misfit' });
  });

  test('gives the same bytes however its properties were ordered', () => {
    const shuffled = {
      ...first,
      payload: {
        total: { minorUnits: 4_900, currency: 'EUR' },
        lines: [
          { unitPrice: { minorUnits: 2_450, currency: 'EUR' }, quantity: 2, sku: 'blue-teapot' },
        ],
        type: 'OrderPlaced',
      },
    } as const;
    expect(JSON.stringify(project(undefined, shuffled))).toBe(
      JSON.stringify(project(undefined, first)),
    );
  });
});

describe('a page token', () => {
  test('leads back to its position', () => {
    const position = { placedAtMs: PLACED_AT_MS, orderId: orderIdOf(7) };
    expect(positionOf(tokenOf(position))).toEqual(position);
    expect(tokenOf(position)).toMatch(/^[A-Za-z0-9_.:-]+$/);
  });

  test.each(['x', `.${orderIdOf(1)}`, `zzzzzzzzzzz.${orderIdOf(1)}`, `1.${orderIdOf(1)}x`])(
    '%s is refused',
    (token) => {
      expect(positionOf(token)).toBeUndefined();
    },
  );
});
