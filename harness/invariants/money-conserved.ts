/**
 * Claims: money neither appears nor vanishes: what was authorised is in the end captured, voided or
 * still held; what was captured is kept or refunded. An approved order was charged exactly its
 * total, a rejected or cancelled one nothing. No card ever carries more than its limit.
 *
 * Checks: folds `payment.events` per order, compares with the order's total and outcome on
 * `order.events`, adds up per card what was certainly held or taken at the same time, and compares
 * each card in the end with what payment itself answers.
 *
 * Could be fooled: a payment service that charges twice and reports it once, in events and answers.
 * Cards must be new in each run: about one that was registered before, nothing is said.
 */
import type {
  PaymentCommandsPaymentCommand,
  PaymentEventsPaymentEvent,
} from '#avro/types.generated.ts';
import { Holdings } from '../checker/facts/holdings.ts';
import { type Card, type Payment, Payments } from '../checker/facts/payments.ts';
import { Findings } from '../checker/findings.ts';
import { type Checker, defineInvariant, type Finding } from '../checker/invariant.ts';
import { NEVER, type OrderFacts, type Scope } from '../checker/scope.ts';
import type { EndStates } from '../history/end-state.ts';
import type { HistoryEvent, KafkaRecord, StateSeen } from '../history/event.ts';
import { contentOf, stateOf } from '../history/records.ts';

export const moneyConserved = defineInvariant({
  name: 'money-conserved',
  promise:
    'Approved orders are charged exactly their total, others nothing, and no card exceeds its limit.',
  domain: true,
  concerns: ['payment'],
  needs: ['kafka'],
  reads: ['kafka', 'state'],
  diagnosis: {
    causes: [
      'a capture, void or refund is repeated after a redelivery',
      'the limit of a card is checked and used in two steps',
      'the amount is computed with floating point, or in the wrong currency unit',
    ],
    look: 'the ledger of payment: its transaction, its lock on the card',
  },
  start: (scope) => new MoneyConserved(scope),
});

/** What payment answers in the end. */
type Answer = Omit<EndStates['card'], 'limit'> & { readonly token: string; readonly at: number };

class MoneyConserved implements Checker {
  readonly #scope: Scope;
  readonly #findings = new Findings();
  readonly #payments = new Payments();
  /** By card number. */
  readonly #holdings = new Holdings();
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
    const command = contentOf(event, 'payment.commands');
    if (command !== undefined) this.#command(event, command);
    const said = contentOf(event, 'payment.events');
    if (said !== undefined) this.#event(event, said);
  }

  #command(record: KafkaRecord, { payload }: PaymentCommandsPaymentCommand): void {
    const { order } = this.#scope;
    if (order === undefined) return;
    if (payload.type === 'VoidPayment' || payload.type === 'RefundPayment') {
      const payment = this.#payments.of(order);
      payment.undoAskedMs = Math.min(payment.undoAskedMs, record.timestampMs);
    }
  }

  #event(record: KafkaRecord, { payload }: PaymentEventsPaymentEvent): void {
    if (payload.type === 'CardRegistered') {
      this.#payments.register(record, payload.cardToken, payload.creditLimit.minorUnits);
      return;
    }
    const { order } = this.#scope;
    if (order === undefined) return;
    const payment = this.#payments.of(order);
    switch (payload.type) {
      case 'PaymentAuthorized':
        // Payment may say again what holds already, in answer to another message.
        if (payment.authorizedAt !== NEVER) return;
        // The string that the card is kept by anyway.
        payment.cardToken = this.#payments.card(payload.cardToken)?.token ?? payload.cardToken;
        payment.authorized = payload.amount.minorUnits;
        payment.authorizedAt = record.index;
        payment.authorizedMs = record.timestampMs;
        break;
      case 'PaymentCaptured':
        if (payment.capturedAt !== NEVER) return;
        payment.captured = payload.amount.minorUnits;
        payment.capturedAt = record.index;
        break;
      case 'PaymentVoided':
        if (!payload.effective) return;
        payment.voided += payload.amount?.minorUnits ?? 0;
        payment.voidedAt = record.index;
        break;
      case 'PaymentRefunded':
        if (!payload.effective) return;
        payment.refunded += payload.amount?.minorUnits ?? 0;
        payment.refundedAt = record.index;
        break;
      case 'PaymentDeclined':
      case 'PaymentCaptureFailed':
        break;
      default:
        payload satisfies never;
    }
  }

  finish(): Finding {
    for (const order of this.#scope.orders) {
      const payment = this.#payments.of(order);
      // Cards are new in each run, so whatever is charged to one of them is in this history.
      this.#onCard(payment);
      if (!this.#scope.ours(order)) continue;
      this.#findings.look();
      checkBalance(this.#findings, order, payment);
      checkOutcome(this.#findings, order, payment);
    }
    for (const card of this.#payments.cards()) this.#limit(card);
    for (const answer of this.#answers) this.#compare(answer);
    return this.#findings.finding();
  }

  #onCard(payment: Payment): void {
    const card = this.#payments.card(payment.cardToken);
    if (card === undefined || payment.authorizedAt === NEVER) return;
    const { authorized, captured, voided, refunded, authorizedMs, authorizedAt } = payment;
    this.#holdings.note(card.number, authorizedMs, authorized, authorizedAt);
    if (payment.undoAskedMs !== Number.POSITIVE_INFINITY) {
      const undoMs = Math.max(payment.undoAskedMs, authorizedMs);
      this.#holdings.note(card.number, undoMs, -authorized, authorizedAt);
    }
    card.held += authorized - captured - voided;
    card.taken += captured - refunded;
    card.lastAt = Math.max(card.lastAt, authorizedAt);
  }

  #limit(card: Card): void {
    this.#findings.look();
    const { most, events } = this.#holdings.peak(card.number);
    if (most <= card.limit) return;
    this.#findings.violate(
      () => `Card ${card.token} carried ${most} at once; its limit is ${card.limit}.`,
      card.registeredAt,
      ...events,
    );
  }

  #answer(state: StateSeen): void {
    const card = stateOf(state, 'card');
    if (card === undefined) return;
    const { held, captured } = card;
    const token = this.#payments.card(state.key)?.token ?? state.key;
    this.#answers.push({ token, at: state.index, held, captured });
  }

  #compare({ token, at, held, captured }: Answer): void {
    const card = this.#payments.card(token);
    if (card === undefined || card.registeredTwice) return;
    this.#findings.look();
    if (held === card.held && captured === card.taken) return;
    this.#findings.violate(
      () =>
        `Payment counts ${held} held and ${captured} captured on card ${token}; its events add up ` +
        `to ${card.held} and ${card.taken}.`,
      card.lastAt,
      at,
    );
  }
}

/** No more is captured than was authorised, and no more is given back than was taken. */
function checkBalance(findings: Findings, order: OrderFacts, payment: Payment): void {
  const { authorized, captured, voided, refunded } = payment;
  const { authorizedAt, capturedAt, voidedAt, refundedAt } = payment;
  const violate = (message: string, ...witness: number[]) =>
    findings.violate(() => `Order ${order.id}: ${message}.`, ...witness);
  if (authorizedAt !== NEVER && authorized !== order.totalMinorUnits) {
    violate(
      `${authorized} was authorised, its total is ${order.totalMinorUnits}`,
      order.placedAt,
      authorizedAt,
    );
  }
  if (captured > authorized) {
    violate(`${captured} was captured of ${authorized} authorised`, authorizedAt, capturedAt);
  }
  if (voided > 0 && voided + captured > authorized) {
    violate(
      `${voided} was voided and ${captured} captured of ${authorized} authorised`,
      authorizedAt,
      capturedAt,
      voidedAt,
    );
  }
  if (refunded > captured) {
    violate(`${refunded} was refunded of ${captured} captured`, capturedAt, refundedAt);
  }
}

/** An approved order is charged its total; a rejected or cancelled one nothing. */
function checkOutcome(findings: Findings, order: OrderFacts, payment: Payment): void {
  const kept = payment.captured - payment.refunded;
  const held = payment.authorized - payment.captured - payment.voided;
  const { authorizedAt, capturedAt, refundedAt } = payment;
  const violate = (message: string, ...witness: number[]) =>
    findings.violate(() => `Order ${order.id} ${message}.`, ...witness);
  if (order.approvedAt !== NEVER && payment.captured !== order.totalMinorUnits) {
    violate(
      `was approved with ${payment.captured} captured, its total is ${order.totalMinorUnits}`,
      order.placedAt,
      capturedAt,
      order.approvedAt,
    );
  }
  if (order.rejectedAt !== NEVER && kept !== 0) {
    violate(`was rejected, but ${kept} of it is kept`, capturedAt, refundedAt, order.rejectedAt);
  }
  if (order.rejectedAt !== NEVER && held > 0) {
    violate(`was rejected, but ${held} is still held on its card`, authorizedAt, order.rejectedAt);
  }
  if (order.cancelledAt !== NEVER && kept !== 0) {
    violate(`was cancelled, but ${kept} of it is kept`, capturedAt, refundedAt, order.cancelledAt);
  }
  const inForce = order.approvedAt !== NEVER && order.cancelRequestedAt === NEVER;
  if (inForce && payment.refunded > 0) {
    violate(
      `was approved and not cancelled, but ${payment.refunded} was refunded`,
      order.approvedAt,
      refundedAt,
    );
  }
}
