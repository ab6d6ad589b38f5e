import { describe, expect, it } from 'vitest';
import { OrderLife, placedWithReplies, SAID, type Said, UNTIL_APPROVED } from './domain.testkit.ts';
import { evolve, initialState } from './domain.ts';

const started = (step: string) => `Publish SagaStepCompleted PLACE_ORDER ${step}`;

describe('what does not matter is ignored, by name', () => {
  const MOMENTS: readonly (readonly Said[])[] = [
    ...UNTIL_APPROVED.map((_, index) => UNTIL_APPROVED.slice(0, index + 1)),
    ['StockReserved', 'PaymentDeclined', 'StockReleased'],
    ['StockReservationRefused'],
  ];

  it.each(MOMENTS.map((received) => ({ received, last: received.at(-1) ?? 'StockReserved' })))(
    'ignores $last the second time, after $received',
    ({ received, last }) => {
      const life = placedWithReplies(...received.slice(0, -1));
      const answered = life.command().id;
      life.receives(last, answered);
      expect(life.receives(last, answered)).toEqual(['Ignore answered-already']);
    },
  );

  it.each([
    { received: [], late: 'StockReserved' },
    { received: [], late: 'StockReservationRefused' },
    { received: ['StockReserved'], late: 'PaymentAuthorized' },
    { received: ['StockReserved'], late: 'PaymentDeclined' },
    { received: ['StockReserved', 'PaymentAuthorized'], late: 'ShipmentScheduled' },
    { received: ['StockReserved', 'PaymentAuthorized'], late: 'ShipmentRefused' },
  ] as const)('ignores $late when its step was given up', ({ received, late }) => {
    const life = placedWithReplies(...received);
    const silent = life.command().id;
    life.timer();
    expect(life.receives(late, silent)).toEqual(['Ignore too-late']);
  });

  it('ignores an answer to a command that it never sent', () => {
    expect(placedWithReplies().receives('StockReserved', 'foreign')).toEqual([
      'Ignore cause-unknown',
    ]);
  });

  it.each(['StockReceived', 'CardRegistered', 'ShipmentDispatched'] as const)(
    'ignores %s: it answers no command',
    (type) => {
      const life = placedWithReplies(...UNTIL_APPROVED);
      expect(life.receives(type)).toEqual(['Ignore not-a-reply']);
      expect(life.receives(type, null)).toEqual(['Ignore not-a-reply']);
    },
  );

  it.each(
    Object.keys(SAID).filter(
      (type) =>
        ![
          'StockReserved',
          'StockReservationRefused',
          'StockReceived',
          'CardRegistered',
          'ShipmentDispatched',
        ].includes(type),
    ) as Said[],
  )('ignores %s as an answer to ReserveStock', (type) => {
    const life = placedWithReplies();
    expect(life.receives(type)).toEqual(['Ignore reply-unexpected']);
    expect(life.receives('StockReserved')[0]).toBe(started('RESERVE_STOCK'));
  });

  it('ignores an unexpected answer to a compensation', () => {
    const life = placedWithReplies();
    life.timer();
    expect(life.receives('PaymentVoided')).toEqual(['Ignore reply-unexpected']);
  });

  it('ignores the timer of every wait that is over', () => {
    const life = placedWithReplies();
    const first = life.wait().id;
    life.receives('StockReserved');
    expect(life.timer(first)).toEqual(['Ignore timer-superseded']);
    life.receives('PaymentDeclined');
    life.receives('StockReleased');
    for (const { id } of life.stored) expect(life.timer(id)).toEqual(['Ignore timer-superseded']);
  });

  it('ignores a timer and an answer for an order that does not exist', () => {
    expect(new OrderLife().timer('t')).toEqual(['Ignore timer-superseded']);
    expect(new OrderLife().receives('StockReserved', 'c')).toEqual(['Ignore cause-unknown']);
  });
});

describe('the stored events are the whole truth', () => {
  it('folds back to the same state', () => {
    const life = placedWithReplies(...UNTIL_APPROVED);
    life.cancel();
    const folded = JSON.parse(JSON.stringify(life.stored)).reduce(evolve, initialState);
    expect(folded).toEqual(life.state);
  });
});
