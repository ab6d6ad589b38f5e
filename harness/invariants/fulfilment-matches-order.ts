/**
 * Claims: what is held, charged and shipped for an order is what its customer asked for: the same
 * products and quantities, the same card and address, and the sum of its lines, no more, no less.
 *
 * Checks: compares the lines of `OrderPlaced` with its total, with the commands to the participants
 * and with what inventory says it holds; the card and the address of the commands with those of the
 * client's request; amounts of commands, authorisation and approval with the total.
 *
 * Could be fooled: by lines in another order or put together by product, which is legal; by a
 * request too large for the history to keep, whose card and address are not compared.
 */

import { fingerprint } from '../checker/columns/fingerprint.ts';
import { TableLists } from '../checker/columns/table-lists.ts';
import { TableRows } from '../checker/columns/table-rows.ts';
import { Findings } from '../checker/findings.ts';
import { type Checker, defineInvariant, type Finding } from '../checker/invariant.ts';
import { NEVER, type OrderFacts, type Scope } from '../checker/scope.ts';
import type { HistoryEvent, KafkaRecord, OperationCompleted } from '../history/event.ts';
import { contentOf } from '../history/records.ts';
import { ORCHESTRATORS, PARTICIPANTS } from '../kernel/system.ts';

export const fulfilmentMatchesOrder = defineInvariant({
  name: 'fulfilment-matches-order',
  promise: 'What is held, charged and shipped for an order is what its customer asked for.',
  domain: true,
  concerns: [...ORCHESTRATORS, ...PARTICIPANTS],
  needs: ['client', 'kafka'],
  reads: ['ok', 'kafka'],
  diagnosis: {
    causes: [
      'lines, quantities or amounts are mapped by hand and one field is lost or rounded',
      'the address or card of the customer replaces the one of the request',
      'a cache or a default is used where the command has a value',
    ],
    look: 'the code that makes commands out of the order',
  },
  start: (scope) => new FulfilmentMatchesOrder(scope),
});

/** What is compared, and how a message calls it. */
const ASPECTS = ['lines', 'amount', 'card', 'address'] as const;
type Aspect = (typeof ASPECTS)[number];
const BY_ASPECT = {
  lines: 'number',
  amount: 'number',
  card: 'number',
  address: 'number',
} as const satisfies Record<Aspect, 'number'>;

const SAYERS = [
  'ReserveStock',
  'StockReserved',
  'ScheduleShipment',
  'AuthorizePayment',
  'PaymentAuthorized',
  'PaymentCaptured',
  'OrderApproved',
] as const;
type Sayer = (typeof SAYERS)[number];

interface Line {
  readonly sku: string;
  readonly quantity: number;
}

class FulfilmentMatchesOrder implements Checker {
  readonly #scope: Scope;
  readonly #findings = new Findings();
  /** By order number: the fingerprint of what was asked for, and its event. */
  readonly #asked = new TableRows(BY_ASPECT);
  readonly #askedAt = new TableRows(BY_ASPECT);
  /** By order number: what messages say that was not asked for, or not yet. */
  readonly #said = new TableLists({
    aspect: ASPECTS,
    print: 'number',
    sayer: SAYERS,
    at: 'number',
  });

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  observe(event: HistoryEvent): void {
    if (event.type === 'ok') {
      if (event.name === 'place-order') this.#request(event);
      return;
    }
    const { order, republished } = this.#scope;
    if (event.type !== 'kafka' || order === undefined || republished) return;
    this.#placed(event, order);
    this.#commanded(event, order);
    this.#answered(event, order);
  }

  #request(event: OperationCompleted): void {
    const { invoked } = this.#scope;
    const order = this.#scope.orderOf(event.orderId ?? '');
    const { json } = (invoked?.request ?? {}) as { json?: Request };
    if (order === undefined || invoked === undefined || json?.address === undefined) return;
    this.#ask(order, 'card', fingerprint(json.cardToken), invoked.index);
    this.#ask(order, 'address', addressPrint(json.address), invoked.index);
  }

  #placed(record: KafkaRecord, order: OrderFacts): void {
    const payload = contentOf(record, 'order.events')?.payload;
    if (payload?.type === 'OrderApproved') {
      this.#say(order, 'amount', payload.total.minorUnits, 'OrderApproved', record.index);
    }
    if (payload?.type !== 'OrderPlaced') return;
    const { lines, total } = payload;
    let sum = 0;
    for (const { quantity, unitPrice } of lines) sum += quantity * unitPrice.minorUnits;
    this.#ask(order, 'lines', linesPrint(lines), record.index);
    this.#ask(order, 'amount', sum, record.index);
    if (sum === total.minorUnits) return;
    this.#findings.violate(
      () => `Order ${order.id} costs ${total.minorUnits}; its lines add up to ${sum}.`,
      record.index,
    );
  }

  #commanded(record: KafkaRecord, order: OrderFacts): void {
    const { index } = record;
    const stock = contentOf(record, 'inventory.commands')?.payload;
    if (stock?.type === 'ReserveStock') {
      this.#say(order, 'lines', linesPrint(stock.lines), 'ReserveStock', index);
    }
    const parcel = contentOf(record, 'shipping.commands')?.payload;
    if (parcel?.type === 'ScheduleShipment') {
      this.#say(order, 'lines', linesPrint(parcel.lines), 'ScheduleShipment', index);
      this.#say(order, 'address', addressPrint(parcel.address), 'ScheduleShipment', index);
    }
    const money = contentOf(record, 'payment.commands')?.payload;
    if (money?.type === 'AuthorizePayment') {
      this.#say(order, 'amount', money.amount.minorUnits, 'AuthorizePayment', index);
      this.#say(order, 'card', fingerprint(money.cardToken), 'AuthorizePayment', index);
    }
  }

  #answered(record: KafkaRecord, order: OrderFacts): void {
    const { index } = record;
    const stock = contentOf(record, 'inventory.events')?.payload;
    if (stock?.type === 'StockReserved') {
      this.#say(order, 'lines', linesPrint(stock.lines), 'StockReserved', index);
    }
    const money = contentOf(record, 'payment.events')?.payload;
    if (money?.type === 'PaymentAuthorized') {
      this.#say(order, 'amount', money.amount.minorUnits, 'PaymentAuthorized', index);
      this.#say(order, 'card', fingerprint(money.cardToken), 'PaymentAuthorized', index);
    }
    if (money?.type === 'PaymentCaptured') {
      this.#say(order, 'amount', money.amount.minorUnits, 'PaymentCaptured', index);
    }
  }

  #ask({ number }: OrderFacts, aspect: Aspect, print: number, at: number): void {
    if (this.#askedAt.at(number, aspect) !== NEVER) return;
    this.#asked.setAt(number, aspect, print);
    this.#askedAt.setAt(number, aspect, at);
  }

  /** Statements can arrive before the fact they are compared with. */
  #say(order: OrderFacts, aspect: Aspect, print: number, sayer: Sayer, at: number): void {
    // A statement that agrees already needs no keeping.
    if (this.#isAsked(order, aspect) && !this.#isAnother(order, aspect, print)) return;
    this.#said.add(order.number, { aspect, print, sayer, at });
  }

  #isAsked({ number }: OrderFacts, aspect: Aspect): boolean {
    return this.#askedAt.at(number, aspect) !== NEVER;
  }

  #isAnother({ number }: OrderFacts, aspect: Aspect, print: number): boolean {
    return this.#asked.at(number, aspect) !== print;
  }

  finish(): Finding {
    for (const order of this.#scope.orders) {
      if (!this.#isKnown(order) || !this.#scope.ours(order)) continue;
      this.#findings.look();
      this.#judge(order);
    }
    return this.#findings.finding();
  }

  /** Whether anything was asked for or said. */
  #isKnown(order: OrderFacts): boolean {
    return this.#said.has(order.number) || ASPECTS.some((aspect) => this.#isAsked(order, aspect));
  }

  #judge(order: OrderFacts): void {
    for (const { aspect, print, sayer, at } of this.#said.rowsOf(order.number)) {
      if (aspect === undefined || !this.#isAsked(order, aspect)) continue;
      if (!this.#isAnother(order, aspect, print)) continue;
      this.#findings.violate(
        () => `${sayer} of order ${order.id} has another ${aspect} than was ordered.`,
        this.#askedAt.at(order.number, aspect),
        at,
      );
    }
  }
}

interface Address {
  readonly recipient?: unknown;
  readonly street?: unknown;
  readonly city?: unknown;
  readonly postalCode?: unknown;
  readonly country?: unknown;
}

interface Request {
  readonly cardToken?: unknown;
  readonly address?: Address;
}

const addressPrint = ({ recipient, street, city, postalCode, country }: Address): number =>
  fingerprint([recipient, street, city, postalCode, country]);

/** The same for the same products and quantities, in whatever lines they come. */
function linesPrint(lines: readonly Line[]): number {
  const [only] = lines;
  if (only !== undefined && lines.length === 1) return fingerprint([only.sku, only.quantity]);
  const totals = new Map<string, number>();
  for (const { sku, quantity } of lines) totals.set(sku, (totals.get(sku) ?? 0) + quantity);
  const sorted = [...totals].sort(([a], [b]) => (a < b ? -1 : 1));
  return fingerprint(sorted.flat());
}
