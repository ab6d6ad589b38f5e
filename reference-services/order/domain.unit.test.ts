import { describe, expect, it } from 'vitest';
import { OrderLife, placedAndHeard, SAID, type Said, UNTIL_APPROVED } from './domain.testkit.ts';
import { evolve, initialState } from './domain.ts';

const started = (step: string) => `Publish SagaStepCompleted PLACE_ORDER ${step}`;

describe('what does not matter is ignored, by name', () => {
  const MOMENTS: readonly (readonly Said[])[] = [
    ...UNTIL_APPROVED.map((_, index) => UNTIL_APPROVED.slice(0, index + 1)),
    ['StockReserved', 'PaymentDeclined', 'StockReleased'],
    ['StockReservationRefused'],
  ];

  it.each(MOMENTS.map((heard) => ({ heard, last: heard.at(-1) ?? 'StockReserved' })))(
    'ignores $last the second time, after $heard',
    ({ heard, last }) => {
      const life = placedAndHeard(...heard.slice(0, -1));
      const answered = life.command().id;
      life.hears(last, answered);
      expect(life.hears(last, answered)).toEqual(['Ignore answered-already']);
    },
  );

  it.each([
    { heard: [], late: 'StockReserved' },
    { heard: [], late: 'StockReservationRefused' },
    { heard: ['StockReserved'], late: 'PaymentAuthorized' },
    { heard: ['StockReserved'], late: 'PaymentDeclined' },
    { heard: ['StockReserved', 'PaymentAuthorized'], late: 'ShipmentScheduled' },
    { heard: ['StockReserved', 'PaymentAuthorized'], late: 'ShipmentRefused' },
  ] as const)('ignores $late when its step was given up', ({ heard, late }) => {
    const life = placedAndHeard(...heard);
    const silent = life.command().id;
    life.timer();
    expect(life.hears(late, silent)).toEqual(['Ignore too-late']);
  });

  it('ignores an answer to a command that it never sent', () => {
    expect(placedAndHeard().hears('StockReserved', 'foreign')).toEqual(['Ignore cause-unknown']);
  });

  it.each(['StockReceived', 'CardRegistered', 'ShipmentDispatched'] as const)(
    'ignores %s: it answers no command',
    (type) => {
      const life = placedAndHeard(...UNTIL_APPROVED);
      expect(life.hears(type)).toEqual(['Ignore not-a-reply']);
      expect(life.hears(type, null)).toEqual(['Ignore not-a-reply']);
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
    const life = placedAndHeard();
    expect(life.hears(type)).toEqual(['Ignore reply-unexpected']);
    expect(life.hears('StockReserved')[0]).toBe(started('RESERVE_STOCK'));
  });

  it('ignores an unexpected answer to a compensation', () => {
    const life = placedAndHeard();
    life.timer();
    expect(life.hears('PaymentVoided')).toEqual(['Ignore reply-unexpected']);
  });

  it('ignores the timer of every wait that is over', () => {
    const life = placedAndHeard();
    const first = life.wait().id;
    life.hears('StockReserved');
    expect(life.timer(first)).toEqual(['Ignore timer-superseded']);
    life.hears('PaymentDeclined');
    life.hears('StockReleased');
    for (const { id } of life.stored) expect(life.timer(id)).toEqual(['Ignore timer-superseded']);
  });

  it('ignores a timer and an answer for an order that does not exist', () => {
    expect(new OrderLife().timer('t')).toEqual(['Ignore timer-superseded']);
    expect(new OrderLife().hears('StockReserved', 'c')).toEqual(['Ignore cause-unknown']);
  });
});

describe('the stored events are the whole truth', () => {
  it('folds back to the same state', () => {
    const life = placedAndHeard(...UNTIL_APPROVED);
    life.cancel();
    const folded = JSON.parse(JSON.stringify(life.stored)).reduce(evolve, initialState);
    expect(folded).toEqual(life.state);
  });
});
