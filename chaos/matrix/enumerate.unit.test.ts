import { describe, expect, it } from 'vitest';
import { enumerateCells, enumeratePairs } from './enumerate.ts';
import { FACTS } from './facts.ts';

const cells = enumerateCells(FACTS);
const placesOf = (service: string, step: string) => [
  ...new Set(
    cells
      .filter((cell) => cell.participant === service && cell.step === step)
      .map(({ boundary }) => boundary),
  ),
];

describe('the cells of the matrix', () => {
  it('have unique names that say what they are', () => {
    expect(new Set(cells.map(({ id }) => id)).size).toBe(cells.length);
    expect(cells.map(({ id }) => id)).toContain(
      'PLACE_ORDER/AUTHORIZE_PAYMENT/payment/after-commit/kill',
    );
    expect(cells.map(({ id }) => id)).toContain(
      'PLACE_ORDER/undo-RESERVE_STOCK/inventory/before-consume/cut:inventory→postgres',
    );
  });

  it('are at every step, undo step, start and outcome of every saga', () => {
    const steps = (saga: string) =>
      [...new Set(cells.filter((cell) => cell.saga === saga).map(({ step }) => step))].sort();
    expect(steps('PLACE_ORDER')).toEqual([
      'AUTHORIZE_PAYMENT',
      'AUTHORIZE_PAYMENT-refused',
      'CAPTURE_PAYMENT',
      'CAPTURE_PAYMENT-failed',
      'ENDED',
      'ENDED-failed',
      'RESERVE_STOCK',
      'RESERVE_STOCK-refused',
      'SCHEDULE_SHIPMENT',
      'SCHEDULE_SHIPMENT-refused',
      'STARTED',
      'undo-AUTHORIZE_PAYMENT',
      'undo-RESERVE_STOCK',
    ]);
    expect(steps('CANCEL_ORDER')).toEqual([
      'CANCEL_SHIPMENT',
      'CANCEL_SHIPMENT-refused',
      'ENDED',
      'ENDED-failed',
      'REFUND_PAYMENT',
      'RESTOCK_ITEMS',
      'STARTED',
    ]);
  });

  it('are at every boundary of the services of a step', () => {
    expect(placesOf('payment', 'AUTHORIZE_PAYMENT')).toEqual([
      'before-consume',
      'before-commit',
      'after-commit',
      'before-offset-commit',
    ]);
    expect(placesOf('order', 'AUTHORIZE_PAYMENT')).toEqual([
      'before-publish',
      'after-publish',
      'before-reply',
      'before-append',
      'after-append',
      'before-offset-commit',
    ]);
  });

  it('are at the boundaries of those that follow the saga', () => {
    expect(placesOf('job-management', 'ENDED')).toEqual([
      'before-consume',
      'before-store',
      'after-store',
      'before-publish',
      'after-publish',
      'before-offset-commit',
    ]);
    expect(placesOf('notification', 'ENDED')).toContain('before-send');
    expect(placesOf('notification', 'STARTED')).toEqual([]);
    expect(placesOf('websocket', 'ENDED')).toContain('after-store');
    expect(placesOf('api-gateway', 'STARTED')).toEqual(['before-command', 'after-command']);
  });

  it('begin before an operation only at a request, and after it only at an answer', () => {
    for (const { boundary, at, fault } of cells) {
      const isFetch = at.at.operations.includes('kafka.fetch');
      const point = boundary.startsWith('after-') || isFetch ? 'answer' : 'request';
      expect([boundary, at.at.point]).toEqual([boundary, point]);
      if (fault === 'lost-answer') expect(at.at.point).toBe('answer');
      if (fault === 'error' || fault === 'lost-request') expect(at.at.point).toBe('request');
    }
  });

  it('know the order before its command by its customer or its product', () => {
    for (const { at, saga } of cells) {
      if (saga === 'PLACE_ORDER' && at.at.link.startsWith('api-gateway')) {
        expect(at.at.markers).toEqual(['userId']);
      }
    }
  });

  it('disturb only links that there are', () => {
    const links = [...cells, ...enumeratePairs(cells, FACTS)].flatMap(({ link, second }) => [
      link ?? [],
      second?.link ?? [],
    ]);
    const { links: known } = FACTS.topology;
    const names = Object.entries(known).flatMap(([name, to]) => to.map((one) => `${name}→${one}`));
    expect(links.flat().filter((link) => !names.includes(link))).toEqual([]);
  });

  it('are pairs of a fault and another during the recovery from it', () => {
    const pairs = enumeratePairs(cells, FACTS);
    expect(pairs.map(({ id }) => id)).toContain(
      'PLACE_ORDER/AUTHORIZE_PAYMENT/payment/after-commit/kill+cut:payment→postgres',
    );
    expect(new Set(pairs.map(({ id }) => id)).size).toBe(pairs.length);
    expect(pairs.every(({ second }) => second !== undefined)).toBe(true);
  });
});
