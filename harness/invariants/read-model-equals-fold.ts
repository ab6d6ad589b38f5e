/**
 * Claims: in the end the read model has each order of the run exactly as folding `order.events`
 * gives it, and no other; on the way a client never sees an order go back.
 *
 * Checks: folds status, reason, total and number of the last event per order, compares them with
 * the read model's orders in the end; and, per user and order, compares list-orders answers that
 * one after the other were asked for and given.
 *
 * Could be fooled: by a field that is not compared (lines, times).
 */
import type { OrderEventsOrderEvent } from '#avro/types.generated.ts';
import { TableRows } from '../checker/columns/table-rows.ts';
import { Findings } from '../checker/findings.ts';
import { type Checker, defineInvariant, type Finding } from '../checker/invariant.ts';
import { NEVER, type OrderFacts, type Scope } from '../checker/scope.ts';
import type { HistoryEvent, OperationCompleted, StateSeen } from '../history/event.ts';
import { contentOf, stateOf } from '../history/records.ts';
import { storeUsers } from '../kernel/system.ts';

export const readModelEqualsFold = defineInvariant({
  name: 'read-model-equals-fold',
  promise: 'The read model ends as the fold of order.events, and never goes back for a client.',
  domain: true,
  concerns: storeUsers('mongodb'),
  needs: ['kafka', 'mongodb'],
  reads: ['kafka', 'state', 'ok'],
  diagnosis: {
    causes: [
      'an event is applied without comparing its number, so that an old one overwrites a new ' +
        'one',
      'a failed write is skipped and its offset is committed',
      'an event type changes the status and is not projected',
    ],
    look: 'the projection: its condition on the number, its error path',
  },
  start: (scope) => new ReadModelEqualsFold(scope),
});

/** The status that each event leaves an order in; other events leave it as it is. */
const STATUS_AFTER: Readonly<Record<string, string>> = {
  OrderPlaced: 'PENDING',
  OrderApproved: 'APPROVED',
  OrderRejected: 'REJECTED',
  OrderCancelled: 'CANCELLED',
};

interface Fold {
  status: string;
  reason: string;
  sequence: number;
  at: number;
  /** A cancellation that was asked for and has not ended: the status may be CANCELLING. */
  cancelling: boolean;
  seenAt: number;
}

class ReadModelEqualsFold implements Checker {
  readonly #scope: Scope;
  readonly #findings = new Findings();
  readonly #folds: Fold[] = [];
  /** By order number: the number of the last event that the latest list had of it, and where. */
  readonly #listings = new TableRows({ sequence: 'number', at: 'number' });
  readonly #unheard: StateSeen[] = [];

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  observe(event: HistoryEvent): void {
    switch (event.type) {
      case 'ok':
        if (event.name === 'list-orders') this.#listed(event);
        break;
      case 'state':
        this.#state(event);
        break;
      case 'kafka': {
        const value = contentOf(event, 'order.events');
        const { order } = this.#scope;
        if (value === undefined || order === undefined || this.#scope.republished) return;
        this.#fold(event.index, value, order);
        break;
      }
    }
  }

  #fold(index: number, { sequence, payload }: OrderEventsOrderEvent, order: OrderFacts): void {
    let fold = this.#folds[order.number];
    if (fold === undefined) {
      fold = { status: '', reason: '', sequence: 0, at: index, cancelling: false, seenAt: NEVER };
      this.#folds[order.number] = fold;
    }
    // Numbers are the order of an order's events; a record that comes late again changes nothing.
    if (sequence <= fold.sequence) return;
    fold.sequence = sequence;
    fold.at = index;
    const { type } = payload;
    fold.status = STATUS_AFTER[type] ?? fold.status;
    if (type === 'OrderRejected') fold.reason = payload.reason;
    if (type === 'OrderCancellationRequested') fold.cancelling = true;
    if (type === 'OrderCancelled' || type === 'OrderCancellationRefused') fold.cancelling = false;
  }

  #state(state: StateSeen): void {
    const seen = stateOf(state, 'read-model');
    if (seen === undefined) return;
    const order = this.#scope.orderOf(state.key);
    const fold = order === undefined ? undefined : this.#folds[order.number];
    if (order === undefined || fold === undefined) {
      if (this.#scope.users.has(seen.userId)) this.#unheard.push(state);
      return;
    }
    if (!this.#scope.ours(order)) return;
    this.#findings.look();
    fold.seenAt = state.index;
    const differs: string[] = [];
    const compare = (what: string, is: unknown, due: unknown) => {
      if (is !== due) differs.push(`${what} is ${is}, the fold gives ${due}`);
    };
    compare('the number of its last event', seen.sequence, fold.sequence);
    if (!(fold.cancelling && seen.status === 'CANCELLING')) {
      compare('status', seen.status, fold.status);
    }
    compare('user', seen.userId, order.userId);
    compare('total', seen.total.minorUnits, order.totalMinorUnits);
    if (fold.status === 'REJECTED') compare('reason', seen.reason, fold.reason);
    if (differs.length === 0) return;
    this.#findings.violate(
      () => `Order ${order.id} in the read model: ${differs.join('; ')}.`,
      fold.at,
      state.index,
    );
  }

  #listed(event: OperationCompleted): void {
    const { orders } = (event.response ?? {}) as { orders?: unknown };
    if (!Array.isArray(orders)) return;
    const askedAt = this.#scope.invoked?.index ?? NEVER;
    for (const listed of orders as Array<{ orderId?: string; sequence?: number }>) {
      const { orderId = '', sequence = 0 } = listed;
      const order = this.#scope.orderOf(orderId);
      if (order === undefined) continue;
      const before = this.#listings.get(order.number);
      if (before.at !== NEVER && askedAt < before.at) continue;
      this.#findings.look();
      if (before.at !== NEVER && sequence < before.sequence) {
        this.#findings.violate(
          () =>
            `Order ${orderId} was listed after its event ${before.sequence} and later after ${sequence}.`,
          before.at,
          event.index,
        );
      }
      this.#listings.set(order.number, { sequence, at: event.index });
    }
  }

  finish(): Finding {
    for (const order of this.#scope.orders) {
      const fold = this.#folds[order.number];
      if (fold === undefined || fold.seenAt !== NEVER || !this.#scope.ours(order)) continue;
      this.#findings.look();
      this.#findings.violate(
        () => `Order ${order.id} is on order.events, but not in the read model.`,
        order.placedAt,
      );
    }
    for (const state of this.#unheard) {
      this.#findings.violate(
        () => `Order ${state.key} is in the read model, but order.events has nothing of it.`,
        state.index,
      );
    }
    return this.#findings.finding();
  }
}
