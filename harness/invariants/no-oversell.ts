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
import type { EndStates } from '../history/end-state.ts';
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
  readonly sku: string;
  received: number;
  receivedAt: number;
  /** What reservations that were not undone add up to, as inventory's events have it. */
  reserved: number;
  reservedAt: number;
  readonly holdings: Holdings;
}

interface Reservation {
  held: ReadonlyArray<{ readonly product: Product; readonly quantity: number }>;
  at: number;
  undone: boolean;
  undoAsked: boolean;
}

/** What inventory answers in the end, where its events had not said so when it was asked. */
type Answer = EndStates['stock'] & { readonly sku: string; readonly at: number };

class NoOversell implements Checker {
  readonly #scope: Scope;
  readonly #findings = new Findings();
  readonly #products = new Map<string, Product>();
  readonly #reservations: Reservation[] = [];
  /** By order number: when the saga first asked for the undoing. */
  readonly #undoAskedMs: number[] = [];
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
    const held = lines.map(({ sku, quantity }) => ({ product: this.#product(sku), quantity }));
    const reservation = { held, at: record.index, undone: false, undoAsked: false };
    this.#reservations[order.number] = reservation;
    for (const { product, quantity } of held) {
      product.reserved += quantity;
      product.reservedAt = record.index;
      product.holdings.note(record.timestampMs, quantity, record.index);
    }
    const askedMs = this.#undoAskedMs[order.number];
    if (askedMs !== undefined) {
      this.#mayBeGone(reservation, Math.max(askedMs, record.timestampMs));
    }
  }

  #mayBeGone(reservation: Reservation, atMs: number): void {
    if (reservation.undoAsked) return;
    reservation.undoAsked = true;
    for (const { product, quantity } of reservation.held) {
      product.holdings.note(atMs, -quantity, reservation.at);
    }
  }

  #undone(
    record: KafkaRecord,
    order: OrderFacts,
    payload: { readonly type: string; readonly lines: readonly InventoryEventsOrderLine[] },
  ): void {
    const reservation = this.#reservations[order.number];
    if (reservation === undefined || reservation.undone) return;
    reservation.undone = true;
    this.#mayBeGone(reservation, record.timestampMs);
    for (const { product, quantity } of reservation.held) product.reserved -= quantity;
    const freed = sumOf(payload.lines);
    const held = sumOf(
      reservation.held.map(({ product, quantity }) => ({ sku: product.sku, quantity })),
    );
    reservation.held = [];
    if (freed === held) return;
    this.#findings.violate(
      () => `${payload.type} of order ${order.id} frees ${freed}; held was ${held}.`,
      reservation.at,
      record.index,
    );
  }

  #product(sku: string): Product {
    let product = this.#products.get(sku);
    if (product === undefined) {
      product = {
        sku,
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
    for (const answer of this.#answers) this.#compare(answer);
    return this.#findings.finding();
  }

  #answer(state: StateSeen): void {
    const stock = stateOf(state, 'stock');
    if (stock === undefined) return;
    const { received, reserved, available } = stock;
    const product = this.#products.get(state.key);
    if (product?.received === received && product.reserved === reserved && available >= 0) {
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
