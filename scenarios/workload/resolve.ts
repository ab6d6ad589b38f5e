import type { Ledger, Line, Wish } from './ledger.ts';
import { totalOf } from './ledger.ts';
import type { AddressPlan, LinePlan, OrderPlan } from './plan.ts';

/** A PlaceOrder command as the API takes it. */
export interface OrderCommand {
  readonly lines: readonly Line[];
  readonly cardToken: string;
  readonly address: AddressPlan;
}

/** Names of what the plan's numbers stand for. */
export interface Goods {
  /** The customer's own products, then the shared ones. */
  readonly skus: readonly string[];
  readonly cards: readonly string[];
}

const QUANTITY_MAX = 1_000;
const UNIT_PRICE_MAX = 100_000_000_000;
/** Of `some` pieces. */
const SOME_PIECES = 3;

const at = <T>(list: readonly T[], index: number): T => list[index % list.length] as T;

export const wishOf = ({ lines, cardToken, address }: OrderCommand): Wish => ({
  lines,
  cardToken,
  country: address.country,
});

/** Turns an order that is relative to what is left into a command. */
export function commandOf(plan: OrderPlan, goods: Goods, ledger: Ledger): OrderCommand {
  const cardToken = at(goods.cards, plan.card);
  const currency = currencyOf(plan, ledger.cards.get(cardToken)?.currency ?? 'JPY');
  const pieces = piecesOf(plan.lines, goods, ledger);
  const prices = pricesOf(plan, pieces, ledger.credit(cardToken));
  return {
    lines: prices.map((line) => ({
      sku: line.sku,
      quantity: line.quantity,
      unitPrice: { currency, minorUnits: line.price },
    })),
    cardToken,
    address: plan.address,
  };
}

const currencyOf = ({ isForeignCurrency }: OrderPlan, own: string): string =>
  isForeignCurrency ? (own === 'EUR' ? 'USD' : 'EUR') : own;

interface Pieces {
  readonly sku: string;
  readonly quantity: number;
}

/** Lines that together meet what is left, or exceed it where the plan says so. */
function piecesOf(lines: readonly LinePlan[], { skus }: Goods, ledger: Ledger): Pieces[] {
  const left = new Map(skus.map((sku) => [sku, ledger.left(sku)]));
  const leftOf = (sku: string) => left.get(sku) ?? 0;
  return lines.flatMap((line) => {
    const sku = productOf(line, skus, leftOf);
    const quantity = quantityOf(line.quantity, leftOf(sku));
    left.set(sku, leftOf(sku) - quantity);
    if (!line.isSplit || quantity === 1) return [{ sku, quantity }];
    const first = Math.floor(quantity / 2);
    return [
      { sku, quantity: first },
      { sku, quantity: quantity - first },
    ];
  });
}

/** The product of the plan, or the next one that has some left: most orders shall get theirs. */
function productOf(
  { product, quantity }: LinePlan,
  skus: readonly string[],
  leftOf: (sku: string) => number,
): string {
  const from = skus.map((_, index) => at(skus, product + index));
  const found = quantity === 'one-too-many' ? undefined : from.find((sku) => leftOf(sku) > 0);
  return found ?? at(skus, product);
}

function quantityOf(quantity: LinePlan['quantity'], left: number): number {
  switch (quantity) {
    case 'one':
      return 1;
    case 'some':
      return Math.min(Math.max(left, 1), SOME_PIECES);
    case 'all-left':
      return Math.min(Math.max(left, 1), QUANTITY_MAX);
    case 'one-too-many':
      return Math.min(Math.max(left, 0) + 1, QUANTITY_MAX);
  }
}

type Priced = Pieces & { readonly price: number };

function pricesOf({ price, amount }: OrderPlan, pieces: readonly Pieces[], credit: number) {
  const each = (value: number) => pieces.map((line) => ({ ...line, price: value }));
  switch (price) {
    case 'free':
      return each(0);
    case 'smallest':
      return each(1);
    case 'some':
      return each(amount);
    case 'all-left':
      return addingUpTo(credit, pieces) ?? each(1);
    case 'one-too-many':
      return addingUpTo(credit + 1, pieces) ?? each(1);
  }
}

/** Prices that make a total; the last piece takes what does not divide. Undefined if none do. */
function addingUpTo(total: number, pieces: readonly Pieces[]): Priced[] | undefined {
  const last = pieces.at(-1);
  const count = pieces.reduce((sum, { quantity }) => sum + quantity, 0);
  const price = Math.floor(total / count);
  const rest = total - price * (count - 1);
  if (last === undefined || rest > UNIT_PRICE_MAX) return undefined;
  const lines = pieces.slice(0, -1).map((line) => ({ ...line, price }));
  if (last.quantity > 1) lines.push({ sku: last.sku, quantity: last.quantity - 1, price });
  return [...lines, { sku: last.sku, quantity: 1, price: rest }];
}

type Change = (command: OrderCommand) => OrderCommand;

const inAddress =
  (field: 'recipient' | 'street' | 'city' | 'postalCode'): Change =>
  (command) => ({
    ...command,
    address: { ...command.address, [field]: command.address[field] === 'x' ? 'y' : 'x' },
  });

const inFirstLine =
  (change: (line: Line) => Line): Change =>
  (command) => ({
    ...command,
    lines: command.lines.map((line, index) => (index === 0 ? change(line) : line)),
  });

/** Each makes another command of one, in one place. */
const CHANGES: readonly Change[] = [
  inFirstLine((line) => ({ ...line, quantity: line.quantity === 1 ? 2 : line.quantity - 1 })),
  inFirstLine((line) => ({ ...line, sku: `${line.sku}.` })),
  inFirstLine(({ unitPrice, ...line }) => ({
    ...line,
    unitPrice: { ...unitPrice, minorUnits: unitPrice.minorUnits === 0 ? 1 : 0 },
  })),
  (command) => ({ ...command, lines: [...command.lines, ...command.lines.slice(0, 1)] }),
  (command) => ({ ...command, lines: command.lines.map(inOtherCurrency) }),
  (command) => ({ ...command, cardToken: `${command.cardToken}.` }),
  (command) => ({
    ...command,
    address: { ...command.address, country: command.address.country === 'JP' ? 'US' : 'JP' },
  }),
  ...(['recipient', 'street', 'city', 'postalCode'] as const).map(inAddress),
];

const inOtherCurrency = (line: Line): Line => {
  const { currency, minorUnits } = line.unitPrice;
  return { ...line, unitPrice: { currency: currency === 'EUR' ? 'USD' : 'EUR', minorUnits } };
};

/** Another command than the one given; `choice` decides in which place it differs. */
export const changed = (command: OrderCommand, choice: number): OrderCommand =>
  at(CHANGES, choice)(command);

/** For messages: what a command asks for, in a few words. */
export function inWords({ lines, cardToken, address }: OrderCommand): string {
  const list = lines.map(({ sku, quantity, unitPrice }) => {
    return `${quantity} × ${sku} at ${unitPrice.minorUnits}`;
  });
  const currency = lines[0]?.unitPrice.currency ?? '';
  const total = `${totalOf(lines)} ${currency}`;
  return `${list.join(', ')} = ${total} with ${cardToken} to ${address.country}`;
}
