/**
 * Claims: a command that was answered 202 is durable and public: its first event is in the event
 * store and on `order.events`, for the user who sent it and with what was asked for. So is what the
 * participants took by gRPC: receipts, cards and dispatches are on their topics.
 *
 * Checks: for each `ok` of place-order and cancel-order, looks for `OrderPlaced` or
 * `OrderCancellationRequested` with its job in the order's stream and on the topic, and compares
 * the user and the lines with the request. For each `ok` of a preparation, looks for its event.
 *
 * Could be fooled: by a store whose events have other type names than `order.events`; then it
 * sees no command in the store at all and the topic alone decides.
 */

import { IdTable } from '../checker/columns/id-table.ts';
import { Findings } from '../checker/findings.ts';
import { type Checker, defineInvariant, type Finding } from '../checker/invariant.ts';
import { type JobFacts, NEVER, type OrderFacts, type Scope } from '../checker/scope.ts';
import type {
  HistoryEvent,
  KafkaRecord,
  OperationCompleted,
  StoredEvent,
} from '../history/event.ts';
import { contentOf, participantEvent } from '../history/records.ts';
import { ORCHESTRATORS, REST_SERVICE } from '../kernel/system.ts';

export const noAcknowledgedCommandLost = defineInvariant({
  name: 'no-acknowledged-command-lost',
  promise: 'A command that was answered 202 is in the event store and on order.events.',
  domain: true,
  concerns: [REST_SERVICE, ...ORCHESTRATORS],
  needs: ['client', 'kafka', 'eventstore'],
  reads: ['ok', 'kafka', 'eventstore'],
  diagnosis: {
    causes: [
      'the answer 202 is sent before the append is acknowledged',
      'a refused append (wrong expected revision, timeout) is treated as success',
      'the publisher skips a stream or starts behind its first event',
    ],
    look: 'the handler of the command, from the append to the answer; the publisher',
  },
  start: (scope) => new NoAcknowledgedCommandLost(scope),
});

const FIRST_EVENT = {
  PLACE_ORDER: 'OrderPlaced',
  CANCEL_ORDER: 'OrderCancellationRequested',
} as const;

/** What a participant publishes of what it took by gRPC, and by what the two are matched. */
const PREPARED = {
  'receive-stock': { event: 'StockReceived', id: 'sku' },
  'register-card': { event: 'CardRegistered', id: 'cardToken' },
  'dispatch-shipment': { event: 'ShipmentDispatched', id: 'orderId' },
} as const;

const PLACED = 1;
const CANCEL_REQUESTED = 2;

/** The command on the topic, and what is left to compare with the answer. */
interface Published {
  readonly at: number;
  readonly userId: string;
  readonly order: OrderFacts | undefined;
  /** Undefined once it was compared, or where there is nothing to compare. */
  lines: string | undefined;
}

class NoAcknowledgedCommandLost implements Checker {
  readonly #scope: Scope;
  readonly #findings = new Findings();
  /** By job number. */
  readonly #published: Published[] = [];
  /** By job number: what the client asked for, until it was compared. */
  readonly #asked = new Map<number, string>();
  /** By order number: which first events the store has of it, as a mask. */
  readonly #stored: number[] = [];
  #storeSpeaks = false;
  /** Preparations that were acknowledged and not published yet, by event and id. */
  readonly #prepared = new Map<string, number>();
  /** Those that are on their topics. */
  readonly #facts = new IdTable();

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  observe(event: HistoryEvent): void {
    switch (event.type) {
      case 'ok':
        this.#answered(event);
        this.#tookPreparation(event);
        break;
      case 'eventstore':
        this.#inStore(event);
        break;
      case 'kafka': {
        this.#publishedPreparation(event);
        const value = contentOf(event, 'order.events');
        const { job } = this.#scope;
        if (value === undefined || job === undefined) return;
        const { payload } = value;
        const lines = payload.type === 'OrderPlaced' ? linesOf(payload.lines) : undefined;
        if (lines === undefined && payload.type !== 'OrderCancellationRequested') return;
        if (this.#published[job.number] !== undefined) return;
        // The order's own string, where it is the same: nothing more has to be kept then.
        const known = this.#scope.order?.userId;
        const userId = known === value.userId ? known : value.userId;
        const { order } = this.#scope;
        this.#published[job.number] = { at: event.index, userId, order, lines };
        this.#compareLines(job);
        break;
      }
    }
  }

  #tookPreparation({ name, index }: OperationCompleted): void {
    const due = name in PREPARED ? PREPARED[name as keyof typeof PREPARED] : undefined;
    if (due === undefined) return;
    this.#findings.look();
    const { [due.id]: id } = (this.#scope.invoked?.request ?? {}) as Record<string, unknown>;
    const what = `${due.event} of ${id}`;
    if (!this.#facts.has(what)) this.#prepared.set(what, index);
  }

  #publishedPreparation(record: KafkaRecord): void {
    const said = participantEvent(record);
    if (said === undefined || said.causationId !== null) return;
    const { orderId, payload } = said;
    const { index } = record;
    if (payload.type === 'StockReceived') this.#add(`StockReceived of ${payload.sku}`, index);
    if (payload.type === 'CardRegistered') {
      this.#add(`CardRegistered of ${payload.cardToken}`, index);
    }
    if (payload.type === 'ShipmentDispatched') {
      this.#add(`ShipmentDispatched of ${orderId}`, index);
    }
  }

  #add(what: string, index: number): void {
    this.#facts.note(what, index);
    this.#prepared.delete(what);
  }

  #answered(event: OperationCompleted): void {
    if (event.name !== 'place-order' || event.jobId === undefined) return;
    const job = this.#scope.jobOf(event.jobId);
    const lines = linesOf(requestedLines(this.#scope.invoked?.request));
    if (job === undefined || lines === undefined || job.ackedAt !== event.index) return;
    this.#asked.set(job.number, lines);
    this.#compareLines(job);
  }

  /** What was asked for and what was ordered, as soon as both are known. */
  #compareLines(job: JobFacts): void {
    const published = this.#published[job.number];
    const asked = this.#asked.get(job.number);
    const ordered = published?.lines;
    if (published === undefined || asked === undefined || ordered === undefined) return;
    this.#asked.delete(job.number);
    published.lines = undefined;
    if (asked === ordered) return;
    this.#findings.violate(
      () => `Job ${job.id} was asked to order ${asked}, but ${ordered} was ordered.`,
      job.ackedAt,
      published.at,
    );
  }

  #inStore(event: StoredEvent): void {
    const isPlaced = event.eventType === FIRST_EVENT.PLACE_ORDER;
    if (!isPlaced && event.eventType !== FIRST_EVENT.CANCEL_ORDER) return;
    const { order } = this.#scope;
    if (order === undefined) return;
    this.#storeSpeaks = true;
    const mask = isPlaced ? PLACED : CANCEL_REQUESTED;
    this.#stored[order.number] = (this.#stored[order.number] ?? 0) | mask;
  }

  finish(): Finding {
    for (const job of this.#scope.jobs) {
      if (job.ackedAt === NEVER || job.saga === undefined) continue;
      this.#findings.look();
      this.#judge(job, FIRST_EVENT[job.saga]);
    }
    for (const [what, at] of this.#prepared) {
      this.#findings.violate(() => `${what} was acknowledged, and no topic has it.`, at);
    }
    return this.#findings.finding();
  }

  #judge(job: JobFacts, first: string): void {
    const published = this.#published[job.number];
    const orderId = job.order?.id ?? 'unknown';
    if (published === undefined) {
      this.#findings.violate(
        () =>
          `Job ${job.id} was acknowledged, but order.events has no ${first} of it (order ${orderId}).`,
        job.ackedAt,
      );
    } else if (job.userId !== undefined && published.userId !== job.userId) {
      this.#findings.violate(
        () =>
          `Job ${job.id} is a command of user ${job.userId}, but was carried out for ` +
          `${published.userId}.`,
        job.ackedAt,
        published.at,
      );
    } else if (published.order !== job.order) {
      this.#findings.violate(
        () =>
          `Job ${job.id} was acknowledged for order ${orderId}, but order.events has its ${first} ` +
          `for order ${published.order?.id}.`,
        job.ackedAt,
        published.at,
      );
    }
    if (this.#storeSpeaks && !this.#isStored(job)) {
      this.#findings.violate(
        () =>
          `Job ${job.id} was acknowledged, but the event store has no ${first} of order ${orderId}.`,
        job.ackedAt,
      );
    }
  }

  #isStored(job: JobFacts): boolean {
    if (job.order === undefined) return false;
    const mask = job.saga === 'PLACE_ORDER' ? PLACED : CANCEL_REQUESTED;
    return ((this.#stored[job.order.number] ?? 0) & mask) !== 0;
  }
}

function requestedLines(request: unknown): unknown {
  const json = (request as { json?: unknown } | undefined)?.json;
  return (json as { lines?: unknown } | undefined)?.lines;
}

/** The lines in a form that compares, or undefined when they have none. */
function linesOf(lines: unknown): string | undefined {
  if (!Array.isArray(lines)) return undefined;
  return lines
    .map(
      (line: { sku?: unknown; quantity?: unknown; unitPrice?: { minorUnits?: unknown } }) =>
        `${line?.quantity} × ${line?.sku} at ${line?.unitPrice?.minorUnits}`,
    )
    .join(', ');
}
