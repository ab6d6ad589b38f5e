import type { CardPlan } from './plan.ts';

/** A line of an order as it is sent. */
export interface Line {
  readonly sku: string;
  readonly quantity: number;
  readonly unitPrice: { readonly currency: string; readonly minorUnits: number };
}

/** What an order asks for, as far as its outcome depends on it. */
export interface Wish {
  readonly lines: readonly Line[];
  readonly cardToken: string;
  readonly country: string;
}

/** How a PlaceOrder saga ended: `approved`, or the reason of its rejection. */
export type Outcome = string;

interface Stock {
  received: number;
  /** Reserved by orders that are approved. */
  held: number;
  /** Ordered by several customers at once: only sums are known. */
  readonly isShared: boolean;
}

interface Card {
  readonly kind: CardPlan['kind'];
  readonly currency: string;
  limit: number;
  /** Captured for orders that are approved. */
  charged: number;
}

const SERVED: ReadonlySet<string> = new Set(['JP', 'US', 'DE', 'FR', 'GB']);

/** Outcomes of an order that had its stock reserved, for a while at least. */
const holdsStock = (outcome: Outcome): boolean => outcome !== 'out-of-stock';
/** Outcomes of an order whose amount was held on its card, for a while at least. */
const holdsMoney = (outcome: Outcome): boolean =>
  outcome === 'approved' || outcome === 'address-undeliverable';

/**
 * A model of stock and cards, written from the canvases of inventory, payment and shipping. It
 * decides which outcomes an order may have: of one that runs alone, exactly one; of several that
 * run side by side, those that some order of events can lead to.
 */
export class Ledger {
  readonly stocks = new Map<string, Stock>();
  readonly cards = new Map<string, Card>();

  addStock(sku: string, received: number, isShared = false): void {
    const stock = this.stocks.get(sku);
    if (stock === undefined) this.stocks.set(sku, { received, held: 0, isShared });
    else stock.received += received;
  }

  addCard(cardToken: string, { kind, currency, limit }: CardPlan): void {
    this.cards.set(cardToken, { kind, currency, limit, charged: 0 });
  }

  left(sku: string): number {
    const { received, held } = this.#stock(sku);
    return received - held;
  }

  credit(cardToken: string): number {
    const { limit, charged } = this.#card(cardToken);
    return Math.max(0, limit - charged);
  }

  /** Why an outcome is not possible; undefined where it is. `concurrent` ran at the same time. */
  objection(
    wish: Wish,
    outcome: Outcome,
    concurrent: ReadonlyArray<{ readonly wish: Wish; readonly outcome: Outcome }>,
  ): string | undefined {
    if (outcome === 'out-of-stock') {
      const holders = concurrent.filter((one) => holdsStock(one.outcome)).map((one) => one.wish);
      const isPossible = this.#isContended(wish) || this.#short(wish, holders) !== undefined;
      return isPossible ? undefined : 'every product was in stock';
    }
    const short = this.#short(wish, []);
    if (short !== undefined) return `only ${this.left(short)} of ${short} were left`;
    const charges = concurrent.filter((one) => holdsMoney(one.outcome)).map((one) => one.wish);
    const aboutMoney = this.#objectionToMoney(wish, outcome, charges);
    return aboutMoney ?? (holdsMoney(outcome) ? objectionToAddress(wish, outcome) : undefined);
  }

  /** The outcome of an order has come. */
  settle(wish: Wish, outcome: Outcome, sign: 1 | -1 = 1): void {
    if (outcome !== 'approved') return;
    for (const { sku, quantity } of wish.lines) this.#stock(sku).held += sign * quantity;
    this.#card(wish.cardToken).charged += sign * totalOf(wish.lines);
  }

  #objectionToMoney(wish: Wish, outcome: Outcome, charges: readonly Wish[]): string | undefined {
    const { kind, currency, limit, charged } = this.#card(wish.cardToken);
    const isForeign = wish.lines[0]?.unitPrice.currency !== currency;
    const isRefusing = kind === 'declined' || kind === 'unregistered';
    if (outcome === 'card-declined') {
      return isRefusing || isForeign ? undefined : 'the card exists and its issuer agrees';
    }
    if (isRefusing) return `the card is ${kind}`;
    const total = totalOf(wish.lines);
    const others = charges
      .filter(({ cardToken }) => cardToken === wish.cardToken)
      .reduce((sum, { lines }) => sum + totalOf(lines), 0);
    if (outcome === 'credit-limit-exceeded') {
      const isPossible = isForeign || charged + others + total > limit;
      return isPossible ? undefined : `${limit - charged} of the limit were left for ${total}`;
    }
    if (!holdsMoney(outcome)) return 'no rule leads to it';
    if (isForeign) return `the card has another currency (${currency})`;
    const isTooMuch = charged + total > limit;
    return isTooMuch ? `only ${limit - charged} of the limit were left for ${total}` : undefined;
  }

  /** Whether other customers may have taken what it asks for. */
  #isContended({ lines }: Wish): boolean {
    return lines.some(({ sku }) => this.#stock(sku).isShared);
  }

  /** The first product of which there is not enough, when others hold theirs. */
  #short(wish: Wish, others: readonly Wish[]): string | undefined {
    const taken = piecesOf(others);
    return [...piecesOf([wish])].find(([sku, quantity]) => {
      const { received, held, isShared } = this.#stock(sku);
      const used = isShared ? 0 : held + (taken.get(sku) ?? 0);
      return used + quantity > received;
    })?.[0];
  }

  #stock(sku: string): Stock {
    const stock = this.stocks.get(sku);
    if (stock === undefined) throw new Error(`the model has no product ${sku}`);
    return stock;
  }

  #card(cardToken: string): Card {
    const card = this.cards.get(cardToken);
    if (card === undefined) throw new Error(`the model has no card ${cardToken}`);
    return card;
  }
}

function objectionToAddress({ country }: Wish, outcome: Outcome): string | undefined {
  if (outcome === 'approved') {
    return SERVED.has(country) ? undefined : `no carrier delivers to ${country}`;
  }
  return SERVED.has(country) ? `carriers deliver to ${country}` : undefined;
}

export const totalOf = (lines: readonly Line[]): number =>
  lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice.minorUnits, 0);

/** How many of each product orders ask for together. */
export function piecesOf(wishes: ReadonlyArray<Pick<Wish, 'lines'>>): Map<string, number> {
  const pieces = new Map<string, number>();
  for (const { sku, quantity } of wishes.flatMap(({ lines }) => lines)) {
    pieces.set(sku, (pieces.get(sku) ?? 0) + quantity);
  }
  return pieces;
}
