/**
 * Claims: never is more of a product reserved than was received, and nothing of it gets lost: what
 * is reserved in the end is what reservations that were not undone add up to.
 *
 * Checks: adds up per product, from `inventory.events`, receipts and what orders certainly held at
 * the same time (from `StockReserved` until the saga asked for its undoing); compares the sum in
 * the end with what inventory itself answers.
 *
 * Could be fooled: by an oversell so short that the undoing was already asked for; by an inventory
 * that reports no reservation and counts none. Products must be new in each run: about one that
 * was received before, nothing is said.
 */
import type {
  InventoryCommandsInventoryCommand,
  InventoryEventsInventoryEvent,
  InventoryEventsOrderLine,
} from '#avro/types.generated.ts';
import { TableLists } from '../checker/columns/table-lists.ts';
import { TableRows } from '../checker/columns/table-rows.ts';
import { Holdings } from '../checker/facts/holdings.ts';
import { type Product, Products } from '../checker/facts/products.ts';
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
  concerns: ['inventory'],
  needs: ['kafka'],
  reads: ['kafka', 'state'],
  diagnosis: {
    causes: [
      'the available quantity is read and written in two steps without a lock or a condition',
      'a repeated reservation or release changes the quantity twice',
      'one of several lines is reserved and the refusal of another does not release it',
    ],
    look: 'the statement that reserves, and its isolation level',
  },
  start: (scope) => new NoOversell(scope),
});

/** How much of a product an order has reserved. */
interface Held {
  readonly product: Product;
  readonly quantity: number;
}

/** An event that gives back what an order reserved. */
interface Undoing {
  readonly type: string;
  readonly lines: readonly InventoryEventsOrderLine[];
}

/** What inventory answers in the end, where its events had not said so when it was asked. */
type Answer = EndStates['stock'] & { readonly sku: string; readonly at: number };

class NoOversell implements Checker {
  readonly #scope: Scope;
  readonly #findings = new Findings();
  readonly #products = new Products();
  /** By product number. */
  readonly #holdings = new Holdings();
  /** By order number: when it reserved, when the saga asked to undo that, and how far it is. */
  readonly #orders = new TableRows({
    reservedAt: 'number',
    undoAskedMs: 'number',
    mayBeGone: 'flag',
    undone: 'flag',
  });
  /** By order number: what it reserved, the number of the product and how much. */
  readonly #reserved = new TableLists({ product: 'number', quantity: 'number' });
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
    const { undoAskedMs, reservedAt } = this.#orders.get(order.number);
    if (undoAskedMs !== NEVER) return;
    this.#orders.set(order.number, { undoAskedMs: record.timestampMs });
    if (reservedAt !== NEVER) this.#mayBeGone(order, record.timestampMs);
  }

  #heldBy({ number }: OrderFacts): Held[] {
    return this.#reserved.rowsOf(number).flatMap((row) => {
      const product = this.#products.numbered(row.product);
      return product === undefined ? [] : [{ product, quantity: row.quantity }];
    });
  }

  #event(record: KafkaRecord, { payload }: InventoryEventsInventoryEvent): void {
    const { order } = this.#scope;
    switch (payload.type) {
      case 'StockReceived': {
        const product = this.#products.of(payload.sku);
        product.received += payload.quantity;
        if (product.receivedAt === NEVER) product.receivedAt = record.index;
        break;
      }
      case 'StockReserved':
        if (order !== undefined) this.#reserve(record, order, payload.lines);
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

  #reserve(
    record: KafkaRecord,
    order: OrderFacts,
    lines: readonly InventoryEventsOrderLine[],
  ): void {
    // Inventory may say again that it holds the stock, in answer to another message.
    const { reservedAt, undoAskedMs } = this.#orders.get(order.number);
    if (reservedAt !== NEVER) return;
    for (const { sku, quantity } of lines) {
      this.#reserved.add(order.number, { product: this.#products.of(sku).number, quantity });
    }
    this.#orders.set(order.number, { reservedAt: record.index });
    for (const { product, quantity } of this.#heldBy(order)) {
      product.reserved += quantity;
      product.reservedAt = record.index;
      this.#holdings.note(product.number, record.timestampMs, quantity, record.index);
    }
    if (undoAskedMs === NEVER) return;
    this.#mayBeGone(order, Math.max(undoAskedMs, record.timestampMs));
  }

  #mayBeGone(order: OrderFacts, atMs: number): void {
    const { mayBeGone, reservedAt } = this.#orders.get(order.number);
    if (mayBeGone) return;
    this.#orders.set(order.number, { mayBeGone: true });
    for (const { product, quantity } of this.#heldBy(order)) {
      this.#holdings.note(product.number, atMs, -quantity, reservedAt);
    }
  }

  #undone(record: KafkaRecord, order: OrderFacts, payload: Undoing): void {
    const { reservedAt, undone } = this.#orders.get(order.number);
    if (reservedAt === NEVER || undone) return;
    this.#orders.set(order.number, { undone: true });
    this.#mayBeGone(order, record.timestampMs);
    const reserved = this.#heldBy(order);
    for (const { product, quantity } of reserved) product.reserved -= quantity;
    checkFreed(this.#findings, { record, order, payload, reserved, reservedAt });
  }

  finish(): Finding {
    for (const product of this.#products.all()) {
      if (product.receivedAt === NEVER) continue;
      this.#findings.look();
      const { most, events } = this.#holdings.peak(product.number);
      const { sku, received } = product;
      if (most <= received) continue;
      this.#findings.violate(
        () => `${most} of ${sku} were reserved at once; only ${received} were received.`,
        ...events,
      );
    }
    for (const answer of this.#answers) {
      this.#findings.look();
      compareAnswer(this.#findings, this.#products.find(answer.sku), answer);
    }
    return this.#findings.finding();
  }

  #answer(state: StateSeen): void {
    const stock = stateOf(state, 'stock');
    if (stock === undefined) return;
    const { received, reserved, available } = stock;
    const product = this.#products.find(state.key);
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
}

/** What inventory answers in the end is what its events add up to. */
function compareAnswer(
  findings: Findings,
  product: Product | undefined,
  { sku, at, received, reserved, available }: Answer,
): void {
  if (available < 0 || reserved > received) {
    findings.violate(
      () => `Inventory has ${reserved} of ${sku} reserved and ${received} received.`,
      at,
    );
  } else if (available !== received - reserved) {
    findings.violate(
      () =>
        `Inventory has ${available} of ${sku} available, with ${received} received and ` +
        `${reserved} reserved.`,
      at,
    );
  }
  if (product === undefined || product.receivedAt === NEVER) return;
  if (received < product.received) {
    findings.violate(
      () => `Inventory counts ${received} of ${sku} received; its events say ${product.received}.`,
      product.receivedAt,
      at,
    );
  } else if (received > product.received) {
    findings.undecided(
      `inventory counts ${received} of ${sku} received and this history saw ` +
        `${product.received}: the product is not new in this run, or a receipt counted twice`,
    );
    return;
  }
  if (reserved === product.reserved) return;
  findings.violate(
    () =>
      `Inventory counts ${reserved} of ${sku} reserved; its events add up to ${product.reserved}.`,
    product.reservedAt,
    at,
  );
}

/** What an undoing frees is what was reserved. */
function checkFreed(
  findings: Findings,
  {
    record,
    order,
    payload,
    reserved,
    reservedAt,
  }: {
    readonly record: KafkaRecord;
    readonly order: OrderFacts;
    readonly payload: Undoing;
    readonly reserved: readonly Held[];
    readonly reservedAt: number;
  },
): void {
  const freed = sumOf(payload.lines);
  const held = sumOf(reserved.map(({ product, quantity }) => ({ sku: product.sku, quantity })));
  if (freed === held) return;
  findings.violate(
    () => `${payload.type} of order ${order.id} frees ${freed}; held was ${held}.`,
    reservedAt,
    record.index,
  );
}

const sumOf = (lines: readonly InventoryEventsOrderLine[]): string =>
  lines
    .map(({ sku, quantity }) => `${quantity} × ${sku}`)
    .sort()
    .join(', ');
