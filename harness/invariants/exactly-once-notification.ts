/**
 * Claims: each outcome of a saga is notified to its user exactly once.
 *
 * Checks: matches the outcome events on `order.events` with the notifications that were kept, read
 * when the run ended: by order and outcome, and for the order's user.
 *
 * Could be fooled: by a notification that is kept once and sent twice. Sending is at least once by
 * nature (a mail may be taken although its answer was lost), so what is kept decides.
 */

import { NO_ROW, RowLists } from '../checker/columns/row-lists.ts';
import { Findings } from '../checker/findings.ts';
import { type Checker, defineInvariant, type Finding } from '../checker/invariant.ts';
import type { OrderFacts, Scope } from '../checker/scope.ts';
import type { HistoryEvent, StateSeen } from '../history/event.ts';
import { contentOf, stateOf } from '../history/records.ts';

export const exactlyOnceNotification = defineInvariant({
  name: 'exactly-once-notification',
  promise: 'Each outcome of a saga is notified to its user exactly once.',
  needs: ['kafka', 'postgres'],
  reads: ['kafka', 'state'],
  start: (scope) => new ExactlyOnceNotification(scope),
});

const OUTCOMES: readonly string[] = [
  'OrderApproved',
  'OrderRejected',
  'OrderCancelled',
  'OrderCancellationRefused',
];

/** Added to an outcome's place where a notification of it is meant. */
const KEPT = 10;

class ExactlyOnceNotification implements Checker {
  readonly #scope: Scope;
  readonly #findings = new Findings();
  /**
   * By order number: the outcome's place, plus {@link KEPT} for a notification, and the event. An
   * order may have its cancellation refused more than once.
   */
  readonly #seen = new RowLists(2);

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  observe(event: HistoryEvent): void {
    if (event.type === 'state') this.#state(event);
    if (event.type !== 'kafka' || this.#scope.republished) return;
    const type = contentOf(event, 'order.events')?.payload.type;
    const outcome = OUTCOMES.indexOf(type ?? '');
    const { order } = this.#scope;
    if (outcome < 0 || order === undefined) return;
    this.#note(order, outcome, event.index);
  }

  #state(state: StateSeen): void {
    const row = stateOf(state, 'notification');
    if (row === undefined) return;
    const order = this.#scope.orderOf(row.orderId);
    if (order === undefined || !this.#scope.ours(order)) {
      if (!this.#scope.users.has(row.userId)) return;
      this.#findings.violate(
        () => `User ${row.userId} was notified of ${row.outcome} of unknown order ${row.orderId}.`,
        state.index,
      );
      return;
    }
    if (row.userId !== order.userId) {
      this.#findings.violate(
        () =>
          `${row.outcome} of order ${order.id} was notified to ${row.userId}, the order is ${order.userId}'s.`,
        order.placedAt,
        state.index,
      );
    }
    const outcome = OUTCOMES.indexOf(row.outcome);
    if (outcome >= 0) this.#note(order, outcome + KEPT, state.index);
  }

  #note(order: OrderFacts, what: number, at: number): void {
    this.#seen.add(order.number, what, at);
  }

  #eventsOf(order: OrderFacts, what: number): number[] {
    const events: number[] = [];
    for (const row of this.#seen.rowsOf(order.number)) {
      if (this.#seen.at(row, 0) === what) events.push(this.#seen.at(row, 1));
    }
    return events;
  }

  finish(): Finding {
    for (const order of this.#scope.orders) {
      if (this.#seen.first(order.number) === NO_ROW || !this.#scope.ours(order)) continue;
      for (const [place, outcome] of OUTCOMES.entries()) {
        const due = this.#eventsOf(order, place);
        this.#judge(order, outcome, due, this.#eventsOf(order, place + KEPT));
      }
    }
    return this.#findings.finding();
  }

  #judge(
    order: OrderFacts,
    outcome: string,
    due: readonly number[],
    kept: readonly number[],
  ): void {
    if (due.length === 0 && kept.length === 0) return;
    this.#findings.look();
    if (kept.length === due.length) return;
    this.#findings.violate(
      () =>
        `${outcome} of order ${order.id} came ${due.length} times and was notified ` +
        `${kept.length} times.`,
      ...(kept.length > due.length ? kept : due),
    );
  }
}
