import fc from 'fast-check';
import type { Level } from '../../harness/clients/socket.ts';

/**
 * What a customer of the generated workload will do: choices that depend on no answer, so that a
 * seed repeats them and fast-check can make them smaller. Quantities and amounts are relative to
 * what is left at the moment; `resolve.ts` turns them into numbers.
 */
export interface CustomerPlan {
  /** Opens the user's id. */
  readonly prefix: string;
  /** Initial stock of the customer's own products; 0 is a product that was never received. */
  readonly stocks: readonly number[];
  readonly cards: readonly CardPlan[];
  readonly steps: readonly Step[];
  /** A socket that sees all jobs of the customer from the start, besides the one at `detail`. */
  readonly watch: { readonly level: Level; readonly node: number };
  /** A socket that subscribes to each job once it is known, and reconnects. */
  readonly follow: { readonly level: Level; readonly node: number };
}

export interface CardPlan {
  readonly kind: 'good' | 'declined' | 'slow' | 'unregistered';
  readonly currency: string;
  readonly limit: number;
}

export type Step =
  | { readonly kind: 'order'; readonly order: OrderPlan }
  /** Sent side by side, so that their timestamps are close or equal. */
  | { readonly kind: 'burst'; readonly orders: readonly OrderPlan[] }
  | { readonly kind: 'receive'; readonly product: number; readonly quantity: number }
  | { readonly kind: 'limit'; readonly card: number; readonly limit: number }
  /** Asks for and cancels an order of another customer. */
  | { readonly kind: 'trespass' };

export interface OrderPlan {
  readonly lines: readonly LinePlan[];
  readonly price: 'free' | 'smallest' | 'some' | 'all-left' | 'one-too-many';
  /** The unit price where the price is `some`. */
  readonly amount: number;
  readonly card: number;
  readonly isForeignCurrency: boolean;
  readonly address: AddressPlan;
  /** End of the Idempotency-Key. */
  readonly key: string;
  readonly repeat: 'never' | 'at-once' | 'afterwards';
  /** Which part of the body differs when the key is used again. */
  readonly change: number;
  readonly cancel: CancelPlan;
  /** The following socket is cut after so many updates of the job and resumed on the other node. */
  readonly cutAfter: number | null;
}

export interface LinePlan {
  readonly product: number;
  readonly quantity: 'one' | 'some' | 'all-left' | 'one-too-many';
  /** In two lines of the same product. */
  readonly isSplit: boolean;
}

export interface AddressPlan {
  readonly recipient: string;
  readonly street: string;
  readonly city: string;
  readonly postalCode: string;
  readonly country: string;
}

export interface CancelPlan {
  readonly when: 'never' | 'at-once' | 'after-updates' | 'afterwards' | 'dispatched';
  readonly updates: number;
}

/** Own products of a customer, and those that all customers share come after them. */
const PRODUCTS = 3;
export const SHARED_PRODUCTS = 2;
const CARDS = 3;

/** Printable and without spaces: what an issuer may use in `sub`. */
const PREFIXES = [
  ...['', '', 'auth0|', 'https://idp.example/', 'a@b.example:', '"o\'neil"<&>'],
  ...['..%2F%00?#', '*?[a-z]', '$HOME;--', '\\u0041', 'x'.repeat(60)],
];
const CURRENCIES = ['JPY', 'EUR', 'USD', 'KWD'];
/** The largest price of one piece is 10^11. */
const LIMITS = [0, 1, 999, 50_000, 10_000_000, 100_000_000_000];
const STOCKS = [0, 1, 2, 5, 5, 40, 40, 1_000, 1_000];
const SERVED = ['JP', 'US', 'DE', 'FR', 'GB'];
const UNSERVED = ['AQ', 'NZ'];
const LEVELS: readonly Level[] = ['outcome', 'progress', 'detail'];
/** Of an order that is approved, at level `detail`: its own and some of its participants'. */
const UPDATES_MAX = 6;

const CONTROL = /\p{Cc}/u;
const text = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom('Aoi Tanaka', '1-2-3 Jingumae', 'São Paulo') },
  {
    weight: 1,
    arbitrary: fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
      .filter((value) => !CONTROL.test(value)),
  },
);

const address: fc.Arbitrary<AddressPlan> = fc.record({
  recipient: text,
  street: text,
  city: text,
  postalCode: fc.constantFrom('150-0001', 'SW1Y 4JH', '1'),
  country: fc.oneof(
    { weight: 7, arbitrary: fc.constantFrom(...SERVED) },
    { weight: 1, arbitrary: fc.constantFrom(...UNSERVED) },
  ),
});

const line: fc.Arbitrary<LinePlan> = fc.record({
  product: fc.oneof(
    { weight: 5, arbitrary: fc.nat(PRODUCTS - 1) },
    { weight: 1, arbitrary: fc.integer({ min: PRODUCTS, max: PRODUCTS + SHARED_PRODUCTS - 1 }) },
  ),
  quantity: fc.constantFrom(
    ...(['one', 'one', 'one', 'one', 'some', 'some', 'some', 'some', 'some'] as const),
    ...(['all-left', 'all-left', 'all-left', 'all-left', 'one-too-many'] as const),
  ),
  isSplit: fc.boolean(),
});

const key = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
  maxLength: 20,
});

const order: fc.Arbitrary<OrderPlan> = fc.record({
  lines: fc.array(line, { minLength: 1, maxLength: 4 }),
  price: fc.constantFrom(
    'some',
    'some',
    'all-left',
    'all-left',
    'one-too-many',
    'smallest',
    'free',
  ),
  amount: fc.integer({ min: 1, max: 300 }),
  card: fc.nat(CARDS - 1),
  isForeignCurrency: fc.integer({ min: 0, max: 5 }).map((n) => n === 5),
  address,
  key,
  repeat: fc.constantFrom('never', 'at-once', 'afterwards'),
  change: fc.nat(),
  cancel: fc.record({
    when: fc.constantFrom(
      ...(['never', 'at-once', 'after-updates', 'afterwards', 'dispatched', 'dispatched'] as const),
    ),
    updates: fc.integer({ min: 1, max: UPDATES_MAX }),
  }),
  cutAfter: fc.oneof(fc.constant(null), fc.integer({ min: 1, max: UPDATES_MAX })),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: order.map((value) => ({ kind: 'order' as const, order: value })) },
  {
    weight: 2,
    arbitrary: fc
      .array(order, { minLength: 2, maxLength: 4 })
      .map((orders) => ({ kind: 'burst' as const, orders })),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('receive' as const),
      product: fc.nat(PRODUCTS - 1),
      quantity: fc.integer({ min: 1, max: 5 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('limit' as const),
      card: fc.nat(CARDS - 1),
      limit: fc.constantFrom(...LIMITS),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'trespass' as const }) },
);

const card: fc.Arbitrary<CardPlan> = fc.record({
  kind: fc.constantFrom(
    ...(['good', 'good', 'good', 'good', 'good', 'good', 'slow', 'slow'] as const),
    ...(['declined', 'unregistered'] as const),
  ),
  currency: fc.constantFrom(...CURRENCIES),
  limit: fc.constantFrom(...LIMITS.slice(1)),
});

const viewer = fc.record({ level: fc.constantFrom(...LEVELS), node: fc.nat(1) });

/** Customers that each use their own products and cards, and some shared products. */
export const customers: fc.Arbitrary<CustomerPlan> = fc.record({
  prefix: fc.constantFrom(...PREFIXES),
  stocks: fc.array(fc.constantFrom(...STOCKS), { minLength: PRODUCTS, maxLength: PRODUCTS }),
  cards: fc.array(card, { minLength: CARDS, maxLength: CARDS }),
  steps: fc.array(step, { minLength: 4, maxLength: 6, size: 'max' }),
  watch: viewer,
  follow: viewer,
});
