/**
 * Claims: each outcome of a saga is notified to its user exactly once.
 *
 * Checks: matches the outcome events on `order.events` with the notifications that were kept, read
 * when the run ended: by order and outcome, and for the order's user.
 *
 * Could be fooled: by a notification that is kept once and sent twice, or never. What is sent is
 * for `mails-match-outcomes`.
 */

import { TableLists } from '../checker/columns/table-lists.ts';
import { OUTCOME_TYPES } from '../checker/facts/sagas.ts';
import { Findings } from '../checker/findings.ts';
import { type Checker, defineInvariant, type Finding } from '../checker/invariant.ts';
import type { OrderFacts, Scope } from '../checker/scope.ts';
import type { HistoryEvent, KafkaRecord, StateSeen } from '../history/event.ts';
import { contentOf, stateOf } from '../history/records.ts';
import { MAIL_SERVICES } from '../kernel/system.ts';

export const exactlyOnceNotification = defineInvariant({
  name: 'exactly-once-notification',
  promise: 'Each outcome of a saga is notified to its user exactly once.',
  concerns: MAIL_SERVICES,
  needs: ['kafka', 'postgres'],
  reads: ['kafka', 'state'],
  diagnosis: {
    causes: [
      'the notification and the id of the message are stored in two transactions',
      'an event type or an outcome is filtered out',
      'a failed attempt marks the notification as sent',
    ],
    look: 'the consumer of `order.events` in notification, and its tables',
  },
  start: (scope) => new ExactlyOnceNotification(scope),
});

class ExactlyOnceNotification implements Checker {
  readonly #scope: Scope;
  readonly #findings = new Findings();
  /** By order number. An order may have its cancellation refused more than once. */
  readonly #outcomes = new TableLists({ outcome: OUTCOME_TYPES, at: 'number' });
  readonly #notifications = new TableLists({ outcome: OUTCOME_TYPES, at: 'number' });

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  observe(event: HistoryEvent): void {
    if (event.type === 'kafka') this.#published(event);
    if (event.type === 'state') this.#notified(event);
  }

  #published(record: KafkaRecord): void {
    const { order, republished } = this.#scope;
    const outcome = contentOf(record, 'order.events')?.payload.type;
    if (outcome === undefined || order === undefined || republished) return;
    if (!OUTCOME_TYPES.includes(outcome)) return;
    this.#outcomes.add(order.number, { outcome, at: record.index });
  }

  #notified(state: StateSeen): void {
    const notification = stateOf(state, 'notification');
    if (notification === undefined) return;
    const { orderId, userId, outcome } = notification;
    const order = this.#scope.orderOf(orderId);
    if (order === undefined || !this.#scope.ours(order)) {
      if (!this.#scope.users.has(userId)) return;
      this.#findings.violate(
        () => `User ${userId} was notified of ${outcome} of unknown order ${orderId}.`,
        state.index,
      );
      return;
    }
    if (userId !== order.userId) {
      this.#findings.violate(
        () =>
          `${outcome} of order ${order.id} was notified to ${userId}, the order is ` +
          `${order.userId}'s.`,
        order.placedAt,
        state.index,
      );
    }
    if (!OUTCOME_TYPES.includes(outcome)) return;
    this.#notifications.add(order.number, { outcome, at: state.index });
  }

  finish(): Finding {
    for (const order of this.#scope.orders) {
      if (this.#scope.ours(order)) this.#compare(order);
    }
    return this.#findings.finding();
  }

  /** Each outcome of the order has as many notifications as events. */
  #compare(order: OrderFacts): void {
    const outcomes = this.#outcomes.rowsOf(order.number);
    const notifications = this.#notifications.rowsOf(order.number);
    for (const outcome of new Set([...outcomes, ...notifications].map((row) => row.outcome))) {
      const published = outcomes.filter((row) => row.outcome === outcome);
      const notified = notifications.filter((row) => row.outcome === outcome);
      this.#findings.look();
      if (notified.length === published.length) continue;
      const shown = notified.length > published.length ? notified : published;
      this.#findings.violate(
        () =>
          `${outcome} of order ${order.id} came ${published.length} times and was notified ` +
          `${notified.length} times.`,
        ...shown.map(({ at }) => at),
      );
    }
  }
}
