import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ledger, type Wish } from './ledger.ts';
import { customers } from './plan.ts';
import { commandOf, wishOf } from './resolve.ts';

const OUTCOMES = [
  ...['approved', 'out-of-stock', 'card-declined', 'credit-limit-exceeded'],
  ...['address-undeliverable', 'step-timed-out'],
];
const SHARED = ['shared-1', 'shared-2'];

const wish = (quantity: number, price: number, more: Partial<Wish> = {}): Wish => ({
  lines: [{ sku: 'sku', quantity, unitPrice: { currency: 'JPY', minorUnits: price } }],
  cardToken: 'card',
  country: 'JP',
  ...more,
});

function ledger(): Ledger {
  const ledger = new Ledger();
  ledger.addStock('sku', 5);
  ledger.addCard('card', { kind: 'good', currency: 'JPY', limit: 1_000 });
  return ledger;
}

const possible = (model: Ledger, one: Wish): string[] =>
  OUTCOMES.filter((outcome) => model.objection(one, outcome, []) === undefined);

describe('the model of the workload', () => {
  it.each([
    ['the whole stock and limit', wish(5, 200), 'approved'],
    ['one piece too many', wish(6, 1), 'out-of-stock'],
    ['one unit too much', wish(1, 1_001), 'credit-limit-exceeded'],
    ['no carrier', wish(1, 1, { country: 'AQ' }), 'address-undeliverable'],
  ])('gives an order with %s one outcome', (_, one, outcome) => {
    expect(possible(ledger(), one)).toEqual([outcome]);
  });

  it('counts both lines of one product', () => {
    const { lines } = wish(3, 1);
    expect(possible(ledger(), wish(3, 1, { lines: [...lines, ...lines] }))).toEqual([
      'out-of-stock',
    ]);
  });

  it('keeps what approved orders took, and gives it back', () => {
    const model = ledger();
    model.settle(wish(5, 200), 'approved');
    expect([model.left('sku'), model.credit('card')]).toEqual([0, 0]);
    model.settle(wish(5, 200), 'approved', -1);
    expect([model.left('sku'), model.credit('card')]).toEqual([5, 1_000]);
  });

  it('allows a refusal for what a concurrent order held', () => {
    const [one, other] = [wish(3, 1), wish(3, 1)];
    const model = ledger();
    expect(model.objection(one, 'out-of-stock', [{ wish: other, outcome: 'approved' }])).toBe(
      undefined,
    );
    expect(model.objection(one, 'out-of-stock', [{ wish: other, outcome: 'out-of-stock' }])).toBe(
      'every product was in stock',
    );
  });

  it('leaves an order that runs alone exactly one outcome, unless others share its products', () => {
    fc.assert(
      fc.property(customers, (plan) => {
        const model = new Ledger();
        const skus = plan.stocks.map((quantity, index) => {
          model.addStock(`sku-${index}`, quantity);
          return `sku-${index}`;
        });
        for (const sku of SHARED) model.addStock(sku, 10, true);
        const cards = plan.cards.map((card, index) => {
          model.addCard(`card-${index}`, card);
          return `card-${index}`;
        });
        for (const step of plan.steps) {
          if (step.kind !== 'order') continue;
          const one = wishOf(commandOf(step.order, { skus: [...skus, ...SHARED], cards }, model));
          if (one.lines.some(({ sku }) => SHARED.includes(sku))) continue;
          const outcomes = possible(model, one);
          // A card of another currency refuses, with either reason.
          const isForeign =
            one.lines[0]?.unitPrice.currency !== model.cards.get(one.cardToken)?.currency;
          expect(outcomes.length).toBe(isForeign && outcomes.length === 2 ? 2 : 1);
          model.settle(one, outcomes[0] ?? '');
        }
      }),
    );
  });
});
