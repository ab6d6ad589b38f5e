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
import type { HistoryEvent, KafkaRecord, StateSeen } from '../history/event.ts';
import { Holdings } from './holdings.ts';
import type { Checker, Finding, Invariant } from './invariant.ts';
import { contentOf, stateOf } from './records.ts';
import { NEVER, type OrderFacts, type Scope } from './scope.ts';
import { Findings } from './violations.ts';

export const noOversell: Invariant = {
  name: 'no-oversell',
  promise: 'Never is more of a product reserved than was received, and no stock gets lost.',
  needs: ['kafka'],
  reads: ['kafka', 'state'],
  start: (scope) => new NoOversell(scope),
};

interface Product {
  received: number;
  receivedAt: number;
  /** What reservations that were not undone add up to, as inventory's events have it. */
  reserved: number;
  reservedAt: number;
  readonly holdings: Holdings;
}

interface Reservation {
  lines: readonly InventoryEventsOrderLine[];
  at: number;
  undone: boolean;
  undoAsked: boolean;
}

class NoOversell implements Checker {
  readonly #scope: Scope;
  readonly #findings = new Findings();
  readonly #products = new Map<string, Product>();
  readonly #reservations: Reservation[] = [];
  /** By order number: when the saga first asked for the undoing. */
  readonly #undoAskedMs: number[] = [];
  readonly #states: StateSeen[] = [];

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  observe(event: HistoryEvent): void {
    if (event.type === 'state') {
      if (event.kind === 'stock') this.#states.push(event);
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
    if (this.#undoAskedMs[order.number] !== undefined) return;
    this.#undoAskedMs[order.number] = record.timestampMs;
    const held = this.#reservations[order.number];
    if (held !== undefined) this.#mayBeGone(held, record.timestampMs);
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
    if (this.#reservations[order.number] !== undefined) return;
    const held = { lines, at: record.index, undone: false, undoAsked: false };
    this.#reservations[order.number] = held;
    for (const { sku, quantity } of lines) {
      const product = this.#product(sku);
      product.reserved += quantity;
      product.reservedAt = record.index;
      product.holdings.note(record.timestampMs, quantity, record.index);
    }
    const askedMs = this.#undoAskedMs[order.number];
    if (askedMs !== undefined) this.#mayBeGone(held, Math.max(askedMs, record.timestampMs));
  }

  #mayBeGone(held: Reservation, atMs: number): void {
    if (held.undoAsked) return;
    held.undoAsked = true;
    for (const { sku, quantity } of held.lines) {
      this.#product(sku).holdings.note(atMs, -quantity, held.at);
    }
  }

  #undone(
    record: KafkaRecord,
    order: OrderFacts,
    payload: { readonly type: string; readonly lines: readonly InventoryEventsOrderLine[] },
  ): void {
    const held = this.#reservations[order.number];
    if (held === undefined || held.undone) return;
    held.undone = true;
    this.#mayBeGone(held, record.timestampMs);
    for (const { sku, quantity } of held.lines) this.#product(sku).reserved -= quantity;
    if (sumOf(payload.lines) !== sumOf(held.lines)) {
      this.#findings.violate(
        () =>
          `${payload.type} of order ${order.id} frees ${sumOf(payload.lines)}; held was ${sumOf(held.lines)}.`,
        held.at,
        record.index,
      );
    }
  }

  #product(sku: string): Product {
    let product = this.#products.get(sku);
    if (product === undefined) {
      product = {
        received: 0,
        receivedAt: NEVER,
        reserved: 0,
        reservedAt: NEVER,
        holdings: new Holdings(),
      };
      this.#products.set(sku, product);
    }
    return product;
  }

  finish(): Finding {
    for (const [sku, product] of this.#products) {
      if (product.receivedAt === NEVER) continue;
      this.#findings.look();
      const { most, events } = product.holdings.peak();
      if (most <= product.received) continue;
      this.#findings.violate(
        () => `${most} of ${sku} were reserved at once; only ${product.received} were received.`,
        ...events,
      );
    }
    for (const state of this.#states) this.#compare(state);
    return this.#findings.finding();
  }

  #compare(state: StateSeen): void {
    const stock = stateOf(state, 'stock');
    const product = this.#products.get(state.key);
    if (stock === undefined) return;
    this.#findings.look();
    if (stock.available < 0 || stock.reserved > stock.received) {
      this.#findings.violate(
        () =>
          `Inventory has ${stock.reserved} of ${state.key} reserved and ${stock.received} received.`,
        state.index,
      );
    }
    if (product === undefined || product.receivedAt === NEVER) return;
    if (stock.received < product.received) {
      this.#findings.violate(
        () =>
          `Inventory counts ${stock.received} of ${state.key} received; its events say ${product.received}.`,
        product.receivedAt,
        state.index,
      );
    } else if (stock.received > product.received) {
      this.#findings.undecided(
        `inventory counts ${stock.received} of ${state.key} received and this history saw ` +
          `${product.received}: the product is not new in this run, or a receipt counted twice`,
      );
      return;
    }
    if (stock.reserved === product.reserved) return;
    this.#findings.violate(
      () =>
        `Inventory counts ${stock.reserved} of ${state.key} reserved; its events add up to ${product.reserved}.`,
      product.reservedAt,
      state.index,
    );
  }
}

const sumOf = (lines: readonly InventoryEventsOrderLine[]): string =>
  lines
    .map(({ sku, quantity }) => `${quantity} × ${sku}`)
    .sort()
    .join(', ');
