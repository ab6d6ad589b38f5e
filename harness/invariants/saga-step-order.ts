/**
 * Claims: a saga proceeds step by step: each step is recorded once, in its turn and because its
 * participant reported it; an outcome follows only when all steps before it are recorded.
 *
 * Checks: follows each order's records on `order.events` through the steps of its sagas. Where a
 * record's `causationId` names a participant's event, that event must be what the record reports.
 *
 * Could be fooled: by causes that are the service's own stored events, which is legal: then only
 * the order of the steps is judged.
 */

import type { OrderEventsOrderEvent } from '#avro/types.generated.ts';
import { type NotedMessage, NotedMessages } from '../checker/facts/noted-messages.ts';
import { CAUSES, stepsOf } from '../checker/facts/sagas.ts';
import { Findings } from '../checker/findings.ts';
import { type Checker, defineInvariant, type Finding } from '../checker/invariant.ts';
import type { OrderFacts, Scope } from '../checker/scope.ts';
import type { HistoryEvent, KafkaRecord } from '../history/event.ts';
import { contentOf, participantEvent } from '../history/records.ts';
import { ORCHESTRATORS } from '../kernel/system.ts';

export const sagaStepOrder = defineInvariant({
  name: 'saga-step-order',
  promise: 'Each saga step is recorded in its turn, and because its participant reported it.',
  domain: true,
  concerns: ORCHESTRATORS,
  needs: ['kafka'],
  reads: ['kafka'],
  diagnosis: {
    causes: [
      'the next step starts before the event of the previous one is stored',
      'an answer to an earlier attempt is taken for the current one',
      'two instances continue one saga without an expected revision',
    ],
    look: 'the append of the orchestrator: expected revision and cause',
  },
  start: (scope) => new SagaStepOrder(scope),
});

/** The steps of each saga, in their order. */
const PLACE_STEPS = stepsOf('PLACE_ORDER').map(({ name }) => name);
const CANCEL_STEPS = stepsOf('CANCEL_ORDER').map(({ name }) => name);

const CAUSE_TYPES = [...new Set(Object.values(CAUSES).flat())];
const CLAIMS = Object.keys(CAUSES);

/** How far an order's sagas are. */
interface Progress {
  /** Steps of PlaceOrder that are done, and the one that failed (-1: none). */
  placed: number;
  failed: number;
  timedOut: boolean;
  undoing: boolean;
  outcome: 'none' | 'approved' | 'rejected';
  requested: boolean;
  cancelled: number;
  /** The event before. */
  at: number;
}

type Payload = OrderEventsOrderEvent['payload'];

class SagaStepOrder implements Checker {
  readonly #scope: Scope;
  readonly #findings = new Findings();
  readonly #orders: Progress[] = [];
  /** What participants reported. */
  readonly #reports = new NotedMessages(CAUSE_TYPES);
  /**
   * By the id of a cause that was not reported yet: the record that names it, and which step it
   * records. Most are the service's own stored events, which no participant reports.
   */
  readonly #claims = new NotedMessages(CLAIMS);

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  observe(event: HistoryEvent): void {
    const { order, republished } = this.#scope;
    if (event.type !== 'kafka' || order === undefined || republished) return;
    const report = participantEvent(event);
    if (report !== undefined) {
      const { messageId, payload } = report;
      const cause = { at: event.index, type: payload.type, orderNumber: order.number };
      const claim = this.#reports.note(messageId, cause) && this.#claims.find(messageId);
      if (claim) this.#compare(claim, messageId);
    }
    const recorded = contentOf(event, 'order.events');
    if (recorded !== undefined) this.#recorded(event, order, recorded);
  }

  #recorded(record: KafkaRecord, order: OrderFacts, value: OrderEventsOrderEvent): void {
    const { payload, causationId } = value;
    if (payload.type === 'OrderPlaced') {
      this.#findings.look();
      this.#orders[order.number] ??= begun(record.index);
      return;
    }
    const progress = this.#orders[order.number];
    // The order began before this history.
    if (progress === undefined) return;
    this.#findings.look();
    const flaw = follow(progress, payload);
    if (flaw !== undefined) {
      this.#findings.violate(
        () => `Order ${order.id}: ${describe(payload)}, but ${flaw}.`,
        progress.at,
        record.index,
      );
    }
    progress.at = record.index;
    const type = 'step' in payload ? `${payload.type} ${payload.step}` : '';
    if (CAUSES[type] === undefined || ('timedOut' in payload && payload.timedOut)) return;
    const claim = { at: record.index, type, orderNumber: order.number };
    if (this.#reports.has(causationId)) this.#compare(claim, causationId);
    else this.#claims.replace(causationId, claim);
  }

  /** The step that a record claims is what its cause reported, about the same order. */
  #compare(claim: NotedMessage, causationId: string): void {
    const cause = this.#reports.find(causationId);
    const order = this.#scope.orders[claim.orderNumber];
    if (cause === undefined || order === undefined) return;
    const { type: reported = 'another event' } = cause;
    const { type: claimed = '' } = claim;
    if (CAUSES[claimed]?.includes(reported) && cause.orderNumber === claim.orderNumber) return;
    this.#findings.violate(
      () => `Order ${order.id}: ${claimed} was recorded because of ${reported} ${causationId}.`,
      cause.at,
      claim.at,
    );
  }

  finish(): Finding {
    return this.#findings.finding();
  }
}

const begun = (at: number): Progress => ({
  placed: 0,
  failed: -1,
  timedOut: false,
  undoing: false,
  outcome: 'none',
  requested: false,
  cancelled: 0,
  at,
});

const describe = (payload: Payload): string =>
  'step' in payload ? `${payload.type} of ${payload.step} came` : `${payload.type} came`;

/** Takes an order on by a record; answers why it must not come now, if it must not. */
function follow(progress: Progress, payload: Payload): string | undefined {
  switch (payload.type) {
    case 'SagaStepCompleted':
      return payload.saga === 'CANCEL_ORDER'
        ? cancelStep(progress, payload.step)
        : placeStep(progress, payload.step);
    case 'SagaStepFailed':
      return payload.saga === 'CANCEL_ORDER' ? cancelling(progress) : failStep(progress, payload);
    case 'SagaCompensationStarted':
      progress.undoing = true;
      return progress.failed < 0 ? 'no step had failed' : undefined;
    case 'SagaStepCompensated':
      return progress.undoing ? undefined : 'no compensation had started';
    case 'OrderApproved': {
      const isDone = progress.placed === PLACE_STEPS.length && progress.outcome === 'none';
      progress.outcome = 'approved';
      return isDone
        ? undefined
        : `${PLACE_STEPS[progress.placed] ?? 'its outcome'} was not recorded`;
    }
    case 'OrderRejected': {
      const isDue = progress.failed >= 0 && progress.outcome === 'none';
      progress.outcome = 'rejected';
      return isDue ? undefined : 'no step had failed';
    }
    case 'OrderCancellationRequested':
      progress.requested = true;
      return undefined;
    case 'OrderCancellationRefused':
      return progress.requested ? undefined : 'no cancellation was requested';
    case 'OrderCancelled':
      return progress.cancelled === CANCEL_STEPS.length
        ? undefined
        : `${CANCEL_STEPS[progress.cancelled]} was not recorded`;
    default:
      return undefined;
  }
}

function placeStep(progress: Progress, step: string): string | undefined {
  const place = PLACE_STEPS.indexOf(step);
  const { placed, failed, timedOut, outcome } = progress;
  // What was given up because no answer came may have been done for good.
  const wasGivenUp = failed === place && timedOut;
  progress.placed = Math.max(placed, place + 1);
  if (wasGivenUp) {
    progress.failed = -1;
    progress.undoing = false;
  }
  if (outcome !== 'none') return `the order was ${outcome} already`;
  if (failed >= 0 && !wasGivenUp) return `${PLACE_STEPS[failed]} had failed`;
  return place === placed ? undefined : `${PLACE_STEPS[placed] ?? 'nothing'} was next`;
}

function failStep(
  progress: Progress,
  { step, timedOut }: { readonly step: string; readonly timedOut: boolean },
): string | undefined {
  const place = PLACE_STEPS.indexOf(step);
  const due = progress.placed;
  progress.failed = place;
  progress.timedOut = timedOut;
  if (progress.outcome !== 'none') return `the order was ${progress.outcome} already`;
  return place === due ? undefined : `${PLACE_STEPS[due] ?? 'nothing'} was next`;
}

function cancelling({ outcome, requested }: Progress): string | undefined {
  if (!requested) return 'no cancellation was requested';
  return outcome === 'approved' ? undefined : 'the order was not approved';
}

function cancelStep(progress: Progress, step: string): string | undefined {
  const due = progress.cancelled;
  const place = CANCEL_STEPS.indexOf(step);
  progress.cancelled = Math.max(due, place + 1);
  const flaw = cancelling(progress);
  if (flaw !== undefined) return flaw;
  return place === due ? undefined : `${CANCEL_STEPS[due] ?? 'nothing'} was next`;
}
