/**
 * Claims: a saga that fails undoes every step that took effect, the newest first, each with effect
 * exactly once; one that succeeds did every step and undoes none of them, unless the order is
 * cancelled, and then the cancellation undoes them all.
 *
 * Checks: folds, per order, the steps and undoings that participants published on their topics, and
 * those that the saga published on `order.events`; compares both with the outcome. An undoing that
 * says `effective: false` undid nothing.
 *
 * Could be fooled: by a participant that says what it did not do; what participants answer for in
 * the end is compared by `no-leaked-resources`.
 */

import { TableRows } from '../checker/columns/table-rows.ts';
import { stepsOf } from '../checker/facts/sagas.ts';
import { Findings } from '../checker/findings.ts';
import { type Checker, defineInvariant, type Finding } from '../checker/invariant.ts';
import { NEVER, type OrderFacts, type Scope } from '../checker/scope.ts';
import type { HistoryEvent, KafkaRecord } from '../history/event.ts';
import { contentOf, participantEvent } from '../history/records.ts';
import { ORCHESTRATORS, PARTICIPANTS } from '../kernel/system.ts';

export const compensations = defineInvariant({
  name: 'compensations',
  promise:
    'A failed saga undoes each step that took effect, newest first, once; others undo nothing.',
  domain: true,
  concerns: [...ORCHESTRATORS, ...PARTICIPANTS],
  needs: ['kafka'],
  reads: ['kafka'],
  diagnosis: {
    causes: [
      'the undo steps start from the saga plan instead of from the steps that took effect',
      'a late success after a timeout is ignored, so that its effect is never undone',
      'the saga continues twice after a restart: its position is not stored with its events',
    ],
    look: 'the state machine of the saga, and how it continues after a restart',
  },
  start: (scope) => new Compensations(scope),
});

/** The steps of PlaceOrder, in their order, with the event that says that each is done. */
const PLACED = stepsOf('PLACE_ORDER').map((of) => ({
  ...doneOf(of),
  undone: of.compensation?.done,
}));
/** Those that can be undone. */
const STEPS = PLACED.flatMap(({ undone, ...rest }) =>
  undone === undefined ? [] : [{ ...rest, undone }],
);
/** Those that are never undone: a saga that has done them succeeds. */
const FINAL = PLACED.filter(({ undone }) => undone === undefined);
/** What CancelOrder does, in its order. */
const CANCELLATION = stepsOf('CANCEL_ORDER').map(doneOf);

function doneOf({ name, replies }: ReturnType<typeof stepsOf>[number]) {
  return { step: name, done: replies.done };
}

/** A column for each event of a participant that is followed. */
const FOLLOWED = new Set([
  ...[...PLACED, ...CANCELLATION].map(({ done }) => done),
  ...STEPS.map(({ undone }) => undone),
  'ShipmentDispatched',
]);
const BY_EVENT = Object.fromEntries([...FOLLOWED].map((type) => [type, 'number' as const]));
/** By an event, the undoing that it must not come after. */
const FORBIDS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(STEPS.map(({ done, undone }) => [done, undone])),
  ShipmentDispatched: 'ShipmentCancelled',
};

/** What the saga published about an order; indexes of events, -1 for what was not published. */
interface Published {
  /** The last step that the saga said it undid, by its place among the steps, and where. */
  lastUndone: number;
  lastUndoneAt: number;
  /** Steps that the saga reported as undone; shared while there are none. */
  undone: readonly string[];
  /** The last step of {@link CANCELLATION} that the saga said it did, and where. */
  lastCancelled: number;
  lastCancelledAt: number;
}

const NO_STEPS: readonly string[] = [];

class Compensations implements Checker {
  readonly #scope: Scope;
  readonly #findings = new Findings();
  /** By order number: where each event of a participant was first with effect. */
  readonly #at = new TableRows(BY_EVENT);
  readonly #published: Published[] = [];

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  observe(event: HistoryEvent): void {
    if (event.type !== 'kafka' || this.#scope.republished) return;
    const { order } = this.#scope;
    if (order === undefined) return;
    const said = participantEvent(event)?.payload;
    if (said !== undefined) this.#participant(event, order, said);
    const saga = contentOf(event, 'order.events')?.payload;
    if (saga?.type === 'SagaStepCompensated') this.#undone(event, order, saga.step);
    if (saga?.type === 'SagaStepCompleted' && saga.saga === 'CANCEL_ORDER') {
      this.#cancelled(event, order, saga.step);
    }
  }

  #participant(
    record: KafkaRecord,
    order: OrderFacts,
    said: { readonly type: string; readonly effective?: boolean },
  ): void {
    if (BY_EVENT[said.type] === undefined || said.effective === false) return;
    const forbidding = FORBIDS[said.type];
    const undoneAt = forbidding === undefined ? NEVER : this.#atOf(order, forbidding);
    const before = this.#atOf(order, said.type);
    if (undoneAt !== NEVER && before === NEVER) {
      this.#findings.violate(
        () => `Order ${order.id}: ${said.type} came after ${forbidding}, which forbids it.`,
        undoneAt,
        record.index,
      );
    }
    if (before === NEVER) this.#at.setAt(order.number, said.type, record.index);
    else if (said.effective === true) {
      this.#findings.violate(
        () => `Order ${order.id}: ${said.type} took effect twice.`,
        before,
        record.index,
      );
    }
  }

  #undone(record: KafkaRecord, order: OrderFacts, step: string): void {
    const published = this.#of(order);
    const place = STEPS.findIndex((known) => known.step === step);
    if (place < 0) return;
    if (published.lastUndone !== NEVER && place >= published.lastUndone) {
      this.#findings.violate(
        () =>
          `Order ${order.id}: ${step} was undone after ${STEPS[published.lastUndone]?.step}, which came before it.`,
        published.lastUndoneAt,
        record.index,
      );
    }
    published.lastUndone = place;
    published.lastUndoneAt = record.index;
    published.undone = [...published.undone, step];
  }

  #cancelled(record: KafkaRecord, order: OrderFacts, step: string): void {
    const published = this.#of(order);
    const place = CANCELLATION.findIndex((known) => known.step === step);
    if (place <= published.lastCancelled) {
      this.#findings.violate(
        () =>
          `Order ${order.id}: the cancellation did ${step} after ${CANCELLATION[published.lastCancelled]?.step}.`,
        published.lastCancelledAt,
        record.index,
      );
    }
    published.lastCancelled = place;
    published.lastCancelledAt = record.index;
  }

  #atOf({ number }: OrderFacts, type: string): number {
    return this.#at.at(number, type);
  }

  #of(order: OrderFacts): Published {
    let published = this.#published[order.number];
    if (published === undefined) {
      published = {
        lastUndone: NEVER,
        lastUndoneAt: NEVER,
        undone: NO_STEPS,
        lastCancelled: NEVER,
        lastCancelledAt: NEVER,
      };
      this.#published[order.number] = published;
    }
    return published;
  }

  finish(): Finding {
    for (const order of this.#scope.orders) {
      if (!this.#scope.ours(order)) continue;
      this.#findings.look();
      this.#invented(order);
      if (order.rejectedAt !== NEVER) this.#rejected(order);
      if (order.approvedAt !== NEVER) this.#approved(order);
      if (order.cancelledAt !== NEVER) this.#wasCancelled(order);
      if (order.cancelRefusedAt !== NEVER) this.#cancelRefused(order);
    }
    return this.#findings.finding();
  }

  /** An undoing with effect needs something that it undid. */
  #invented(order: OrderFacts): void {
    for (const [undone, done] of [
      ['StockReleased', 'StockReserved'],
      ['PaymentVoided', 'PaymentAuthorized'],
      ['ShipmentCancelled', 'ShipmentScheduled'],
      ['PaymentRefunded', 'PaymentCaptured'],
      ['StockRestocked', 'StockReserved'],
    ] as const) {
      const undoneAt = this.#atOf(order, undone);
      if (undoneAt === NEVER || this.#atOf(order, done) !== NEVER) continue;
      this.#violate(order, `${undone} took effect although there was no ${done}`, undoneAt);
    }
  }

  #rejected(order: OrderFacts): void {
    const { undone: reported = NO_STEPS } = this.#published[order.number] ?? {};
    for (const { step, done, undone } of STEPS) {
      const doneAt = this.#atOf(order, done);
      const undoneAt = this.#atOf(order, undone);
      if (doneAt !== NEVER && undoneAt === NEVER) {
        this.#violate(
          order,
          `it was rejected, but ${done} was never undone`,
          doneAt,
          order.rejectedAt,
        );
      }
      if (undoneAt !== NEVER && !reported.includes(step)) {
        this.#violate(
          order,
          `${undone} took effect, but order.events does not say that ${step} was undone`,
          undoneAt,
          order.rejectedAt,
        );
      }
    }
    for (const { done } of FINAL) {
      const doneAt = this.#atOf(order, done);
      if (doneAt === NEVER) continue;
      this.#violate(order, `it was rejected after ${done}`, doneAt, order.rejectedAt);
    }
  }

  #approved(order: OrderFacts): void {
    for (const { step, done } of PLACED) {
      if (this.#atOf(order, done) !== NEVER) continue;
      this.#violate(order, `it was approved without ${step}: no ${done}`, order.approvedAt);
    }
    for (const { undone } of STEPS) {
      // A cancellation may undo with the same event.
      if (CANCELLATION.some(({ done }) => done === undone)) continue;
      const undoneAt = this.#atOf(order, undone);
      if (undoneAt === NEVER) continue;
      this.#violate(
        order,
        `it was approved, yet ${undone} took effect`,
        order.approvedAt,
        undoneAt,
      );
    }
    if (order.cancelRequestedAt !== NEVER) return;
    for (const { done } of CANCELLATION) {
      const doneAt = this.#atOf(order, done);
      if (doneAt === NEVER) continue;
      this.#violate(
        order,
        `it was approved and not cancelled, yet ${done} took effect`,
        order.approvedAt,
        doneAt,
      );
    }
  }

  #wasCancelled(order: OrderFacts): void {
    for (const { step, done } of CANCELLATION) {
      if (this.#atOf(order, done) !== NEVER) continue;
      this.#violate(order, `it was cancelled without ${step}: no ${done}`, order.cancelledAt);
    }
  }

  #cancelRefused(order: OrderFacts): void {
    if (order.rejectedAt !== NEVER || order.cancelledAt !== NEVER) return;
    for (const { done } of CANCELLATION) {
      const doneAt = this.#atOf(order, done);
      if (doneAt === NEVER) continue;
      this.#violate(
        order,
        `its cancellation was refused, yet ${done} took effect`,
        doneAt,
        order.cancelRefusedAt,
      );
    }
  }

  #violate(order: OrderFacts, message: string, ...witness: number[]): void {
    this.#findings.violate(() => `Order ${order.id}: ${message}.`, ...witness);
  }
}
