/**
 * Claims: never is more of a product reserved than was received, and nothing of it gets lost: what
 * is reserved in the end is what reservations that were not undone add up to.
 *
 * Checks: adds up per product, from `inventory.events`, receipts and what orders certainly held at
 * the same time (from `StockReserved` until the saga asked for its undoing); compares the sum in
 * the end with what inventory itself answers.
 *
 * Could be fooled: by an oversell so short that the undoing was already asked for; by an inventory
 * that tells of no reservation and counts none. Products must be new in each run: about one that
 * was received before, nothing is said.
 */
import type {
  InventoryCommandsInventoryCommand,
  InventoryEventsInventoryEvent,
  InventoryEventsOrderLine,
} from '#avro/types.generated.ts';
import { NumberRows } from '../checker/columns/number-rows.ts';
import { RowLists } from '../checker/columns/row-lists.ts';
import { Holdings } from '../checker/facts/holdings.ts';
import { Findings } from '../checker/findings.ts';
import { type Checker, defineInvariant, type Finding } from '../checker/invariant.ts';
import { NEVER, type OrderFacts, type Scope } from '../checker/scope.ts';
import type { EndStates } from '../history/end-state.ts';
import type { HistoryEvent, KafkaRecord, StateSeen } from '../history/event.ts';
import { contentOf, stateOf } from '../history/records.ts';

export const noOversell = defineInvariant({
  name: 'no-oversell',
  promise: 'Never is more of a product reserved than was received, and no stock gets lost.',
  domain: true,
  needs: ['kafka'],
  reads: ['kafka', 'state'],
  start: (scope) => new NoOversell(scope),
});

interface Product {
  /** Dense, from 0. */
  readonly number: number;
  readonly sku: string;
  received: number;
  receivedAt: number;
  /** What reservations that were not undone add up to, as inventory's events have it. */
  reserved: number;
  reservedAt: number;
}

/** How much of a product an order has reserved. */
interface Held {
  readonly product: Product;
  readonly quantity: number;
}

/** Columns of what is known of an order. */
const RESERVED_AT = 0;
const UNDO_ASKED_MS = 1;
const STAGES = 2;
const COLUMNS = 3;

/** Stages, as bits: it has reserved, the saga asked for the undoing, which counts, and came. */
const RESERVED = 1;
const ASKED = 2;
const MAY_BE_GONE = 4;
const UNDONE = 8;

/** What inventory answers in the end, where its events had not said so when it was asked. */
type Answer = EndStates['stock'] & { readonly sku: string; readonly at: number };

class NoOversell implements Checker {
  readonly #scope: Scope;
  readonly #findings = new Findings();
  readonly #products = new Map<string, Product>();
  readonly #byNumber: Product[] = [];
  /** By product number. */
  readonly #holdings = new Holdings();
  /** By order number: when and how far; and what it has reserved, products and quantities. */
  readonly #orders = new NumberRows(COLUMNS);
  readonly #reserves = new RowLists(2);
  readonly #answers: Answer[] = [];

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  observe(event: HistoryEvent): void {
    if (event.type === 'state') {
      this.#answer(event);
      return;
    }
    if (event.type !== 'kafka' || this.#scope.republished) return;
    const command = contentOf(event, 'inventory.commands');
    if (command !== undefined) this.#command(event, command);
    const said = contentOf(event, 'inventory.events');
    if (said !== undefined) this.#event(event, said);
  }

  #command(record: KafkaRecord, { payload }: InventoryCommandsInventoryCommand): void {
    const { order } = this.#scope;
    if (order === undefined || payload.type === 'ReserveStock') return;
    if (this.#undoAskedMs(order) !== undefined) return;
    this.#reach(order, ASKED);
    this.#orders.set(order.number, UNDO_ASKED_MS, record.timestampMs);
    if (this.#has(order, RESERVED)) this.#mayBeGone(order, record.timestampMs);
  }

  #has({ number }: OrderFacts, stage: number): boolean {
    return (this.#orders.at(number, STAGES) & stage) !== 0;
  }

  #reach({ number }: OrderFacts, stage: number): void {
    this.#orders.set(number, STAGES, this.#orders.at(number, STAGES) | stage);
  }

  /** When the saga first asked for the undoing. */
  #undoAskedMs(order: OrderFacts): number | undefined {
    return this.#has(order, ASKED) ? this.#orders.at(order.number, UNDO_ASKED_MS) : undefined;
  }

  #heldBy({ number }: OrderFacts): Held[] {
    const held: Held[] = [];
    for (const row of this.#reserves.rowsOf(number)) {
      const product = this.#byNumber[this.#reserves.at(row, 0)];
      if (product !== undefined) held.push({ product, quantity: this.#reserves.at(row, 1) });
    }
    return held;
  }

  #event(record: KafkaRecord, { payload }: InventoryEventsInventoryEvent): void {
    const { order } = this.#scope;
    switch (payload.type) {
      case 'StockReceived': {
        const product = this.#product(payload.sku);
        product.received += payload.quantity;
        if (product.receivedAt === NEVER) product.receivedAt = record.index;
        break;
      }
      case 'StockReserved':
        if (order !== undefined) this.#reserved(record, order, payload.lines);
        break;
      case 'StockReleased':
      case 'StockRestocked':
        if (order !== undefined && payload.effective) this.#undone(record, order, payload);
        break;
      case 'StockReservationRefused':
        break;
      default:
        payload satisfies never;
    }
  }

  #reserved(
    record: KafkaRecord,
    order: OrderFacts,
    lines: readonly InventoryEventsOrderLine[],
  ): void {
    // Inventory may say again that it holds the stock, in answer to another message.
    if (this.#has(order, RESERVED)) return;
    for (const { sku, quantity } of lines) {
      this.#reserves.add(order.number, this.#product(sku).number, quantity);
    }
    this.#reach(order, RESERVED);
    this.#orders.set(order.number, RESERVED_AT, record.index);
    for (const { product, quantity } of this.#heldBy(order)) {
      product.reserved += quantity;
      product.reservedAt = record.index;
      this.#holdings.note(product.number, record.timestampMs, quantity, record.index);
    }
    const askedMs = this.#undoAskedMs(order);
    if (askedMs !== undefined) this.#mayBeGone(order, Math.max(askedMs, record.timestampMs));
  }

  #mayBeGone(order: OrderFacts, atMs: number): void {
    if (this.#has(order, MAY_BE_GONE)) return;
    this.#reach(order, MAY_BE_GONE);
    const event = this.#orders.at(order.number, RESERVED_AT);
    for (const { product, quantity } of this.#heldBy(order)) {
      this.#holdings.note(product.number, atMs, -quantity, event);
    }
  }

  #undone(
    record: KafkaRecord,
    order: OrderFacts,
    payload: { readonly type: string; readonly lines: readonly InventoryEventsOrderLine[] },
  ): void {
    if (!this.#has(order, RESERVED) || this.#has(order, UNDONE)) return;
    this.#reach(order, UNDONE);
    this.#mayBeGone(order, record.timestampMs);
    const reserved = this.#heldBy(order);
    for (const { product, quantity } of reserved) product.reserved -= quantity;
    const freed = sumOf(payload.lines);
    const held = sumOf(reserved.map(({ product, quantity }) => ({ sku: product.sku, quantity })));
    if (freed === held) return;
    this.#findings.violate(
      () => `${payload.type} of order ${order.id} frees ${freed}; held was ${held}.`,
      this.#orders.at(order.number, RESERVED_AT),
      record.index,
    );
  }

  #product(sku: string): Product {
    let product = this.#products.get(sku);
    if (product === undefined) {
      product = {
        number: this.#byNumber.length,
        sku,
        received: 0,
        receivedAt: NEVER,
        reserved: 0,
        reservedAt: NEVER,
      };
      this.#products.set(sku, product);
      this.#byNumber.push(product);
    }
    return product;
  }

  finish(): Finding {
    for (const [sku, product] of this.#products) {
      if (product.receivedAt === NEVER) continue;
      this.#findings.look();
      const { most, events } = this.#holdings.peak(product.number);
      if (most <= product.received) continue;
      this.#findings.violate(
        () => `${most} of ${sku} were reserved at once; only ${product.received} were received.`,
        ...events,
      );
    }
    for (const answer of this.#answers) this.#compare(answer);
    return this.#findings.finding();
  }

  #answer(state: StateSeen): void {
    const stock = stateOf(state, 'stock');
    if (stock === undefined) return;
    const { received, reserved, available } = stock;
    const product = this.#products.get(state.key);
    if (
      product?.received === received &&
      product.reserved === reserved &&
      available === received - reserved &&
      available >= 0
    ) {
      this.#findings.look();
      return;
    }
    const sku = product?.sku ?? state.key;
    this.#answers.push({ sku, at: state.index, received, reserved, available });
  }

  #compare({ sku, at, received, reserved, available }: Answer): void {
    const product = this.#products.get(sku);
    this.#findings.look();
    if (available < 0 || reserved > received) {
      this.#findings.violate(
        () => `Inventory has ${reserved} of ${sku} reserved and ${received} received.`,
        at,
      );
    } else if (available !== received - reserved) {
      this.#findings.violate(
        () =>
          `Inventory has ${available} of ${sku} available, with ${received} received and ` +
          `${reserved} reserved.`,
        at,
      );
    }
    if (product === undefined || product.receivedAt === NEVER) return;
    if (received < product.received) {
      this.#findings.violate(
        () =>
          `Inventory counts ${received} of ${sku} received; its events say ${product.received}.`,
        product.receivedAt,
        at,
      );
    } else if (received > product.received) {
      this.#findings.undecided(
        `inventory counts ${received} of ${sku} received and this history saw ` +
          `${product.received}: the product is not new in this run, or a receipt counted twice`,
      );
      return;
    }
    if (reserved === product.reserved) return;
    this.#findings.violate(
      () =>
        `Inventory counts ${reserved} of ${sku} reserved; its events add up to ${product.reserved}.`,
      product.reservedAt,
      at,
    );
  }
}

const sumOf = (lines: readonly InventoryEventsOrderLine[]): string =>
  lines
    .map(({ sku, quantity }) => `${quantity} × ${sku}`)
    .sort()
    .join(', ');
