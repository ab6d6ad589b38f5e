/**
 * Claims: each outcome of a saga is notified to its user exactly once.
 *
 * Checks: matches the outcome events on `order.events` with the notifications that were kept, read
 * when the run ended: by order and outcome, and for the order's user.
 *
 * Could be fooled: by a notification that is kept once and sent twice. Sending is at least once by
 * nature (a mail may be taken although its answer was lost), so what is kept decides.
 */
import type { HistoryEvent, StateSeen } from '../history/event.ts';
import type { Checker, Finding, Invariant } from './invariant.ts';
import { contentOf, stateOf } from './records.ts';
import { NEVER, type OrderFacts, type Scope } from './scope.ts';
import { Findings } from './violations.ts';

export const oneNotification: Invariant = {
  name: 'one-notification',
  promise: 'Each outcome of a saga is notified to its user exactly once.',
  needs: ['kafka', 'postgres'],
  reads: ['kafka', 'state'],
  start: (scope) => new OneNotification(scope),
};

const OUTCOMES: readonly string[] = [
  'OrderApproved',
  'OrderRejected',
  'OrderCancelled',
  'OrderCancellationRefused',
];

/** An order may have its cancellation refused more than once: each time is an outcome. */
interface Notified {
  /** By outcome: events on order.events, and notifications. */
  readonly outcomes: number[][];
  readonly notifications: number[][];
}

class OneNotification implements Checker {
  readonly #scope: Scope;
  readonly #findings = new Findings();
  readonly #orders: Notified[] = [];

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
    this.#of(order).outcomes[outcome]?.push(event.index);
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
    if (outcome >= 0) this.#of(order).notifications[outcome]?.push(state.index);
  }

  #of(order: OrderFacts): Notified {
    let notified = this.#orders[order.number];
    if (notified === undefined) {
      notified = {
        outcomes: OUTCOMES.map(() => []),
        notifications: OUTCOMES.map(() => []),
      };
      this.#orders[order.number] = notified;
    }
    return notified;
  }

  finish(): Finding {
    for (const order of this.#scope.orders) {
      const notified = this.#orders[order.number];
      if (notified === undefined || order.placedAt === NEVER || !this.#scope.ours(order)) continue;
      for (const [place, outcome] of OUTCOMES.entries())
        this.#judge(order, outcome, notified, place);
    }
    return this.#findings.finding();
  }

  #judge(order: OrderFacts, outcome: string, notified: Notified, place: number): void {
    const due = notified.outcomes[place] ?? [];
    const kept = notified.notifications[place] ?? [];
    if (due.length === 0 && kept.length === 0) return;
    this.#findings.look();
    if (kept.length === due.length) return;
    const more = kept.length > due.length;
    this.#findings.violate(
      () =>
        `${outcome} of order ${order.id} came ${due.length} times and was notified ${kept.length} times.`,
      ...(more ? kept : due),
    );
  }
}
