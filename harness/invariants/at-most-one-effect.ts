/**
 * Claims: however often it is sent or delivered, one Idempotency-Key makes one order and one job,
 * and one message has one effect.
 *
 * Checks: the answers to a user's key all name the same job and order, for the same body; no key's
 * trace leads to two orders; no message id stands for two contents; no participant answers one
 * command with two different messages; no event makes a job take the same update twice; no order
 * is placed twice and no step completed twice. A record that is published again with the same id
 * and content is legal: brokers deliver at least once.
 *
 * Could be fooled: by an effect without a message. What participants hold in the end is
 * compared with their messages by `no-oversell` and `money-conserved`.
 */

import { fingerprint } from '../checker/columns/fingerprint.ts';
import { IdTable } from '../checker/columns/id-table.ts';
import { TableRows } from '../checker/columns/table-rows.ts';
import type { RequestFacts } from '../checker/facts/requests.ts';
import { STEP_NAMES } from '../checker/facts/sagas.ts';
import { Findings } from '../checker/findings.ts';
import { type Checker, defineInvariant, type Finding } from '../checker/invariant.ts';
import { NEVER, type OrderFacts, type Scope } from '../checker/scope.ts';
import type { HistoryEvent, KafkaRecord, OperationCompleted } from '../history/event.ts';
import { contentOf, isDeadLetter, participantEvent, traceIdOf } from '../history/records.ts';
import { ORCHESTRATORS, PARTICIPANTS } from '../kernel/system.ts';

export const atMostOneEffect = defineInvariant({
  name: 'at-most-one-effect',
  promise: 'One Idempotency-Key makes one order, and one message has one effect.',
  domain: true,
  concerns: [...PARTICIPANTS, ...ORCHESTRATORS],
  needs: ['client', 'kafka'],
  reads: ['ok', 'kafka'],
  diagnosis: {
    causes: [
      'a consumer repeats its effect when a message is delivered again: the id of the message' +
        ' is not stored in the transaction of the effect',
      'an Idempotency-Key is looked up and stored in two steps, so that two requests at once ' +
        'both pass',
      'two workers take the same event, such as after a rebalance or when a paused instance ' +
        'wakes up',
    ],
    look: 'the transaction of the consumer: effect and message id; the store of idempotency keys',
  },
  start: (scope) => new AtMostOneEffect(scope),
});

/** What a request was answered first, and what it placed. */
interface Effect {
  answeredAt: number;
  jobId: string;
  orderId: string | undefined;
  bodyDigest: number;
  placedAt: number;
  placed: OrderFacts | undefined;
}

const BY_STEP = Object.fromEntries(STEP_NAMES.map((step) => [step, 'number' as const]));

class AtMostOneEffect implements Checker {
  readonly #scope: Scope;
  readonly #findings = new Findings();
  /** By request number. */
  readonly #effects: Effect[] = [];
  /** What must happen once: commands answered, updates made by an event. */
  readonly #once = new IdTable();
  /** By order number: where each step was completed. */
  readonly #completedAt = new TableRows(BY_STEP);
  readonly #placedAt: number[] = [];

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  observe(event: HistoryEvent): void {
    if (event.type === 'ok') this.#answered(event);
    if (event.type !== 'kafka' || event.value === undefined || isDeadLetter(event.topic)) return;
    this.#findings.look();
    if (!this.#scope.republished) this.#record(event, event.value);
  }

  #answered(event: OperationCompleted): void {
    const { request, invoked } = this.#scope;
    if (request?.idempotencyKey === undefined || event.jobId === undefined) return;
    this.#findings.look();
    const { jobId, orderId } = event;
    const bodyDigest = fingerprint(invoked?.bodyDigest);
    const effect = this.#effectOf(request);
    if (effect.answeredAt === NEVER) {
      effect.answeredAt = event.index;
      // Strings that the scope keeps anyway.
      effect.jobId = this.#scope.jobOf(jobId)?.id ?? jobId;
      effect.orderId = this.#scope.orderOf(orderId ?? '')?.id ?? orderId;
      effect.bodyDigest = bodyDigest;
      return;
    }
    if (effect.jobId !== jobId || effect.orderId !== orderId) {
      this.#findings.violate(
        () =>
          `${nameOf(request)} was answered with job ${effect.jobId}, order ${effect.orderId}, and ` +
          `then with job ${jobId}, order ${orderId}.`,
        effect.answeredAt,
        event.index,
      );
    } else if (effect.bodyDigest !== bodyDigest) {
      this.#findings.violate(
        () => `${nameOf(request)} was accepted again with another body, as job ${jobId}.`,
        effect.answeredAt,
        event.index,
      );
    }
  }

  #effectOf(request: RequestFacts): Effect {
    let effect = this.#effects[request.number];
    if (effect === undefined) {
      effect = {
        answeredAt: NEVER,
        jobId: '',
        orderId: undefined,
        bodyDigest: 0,
        placedAt: NEVER,
        placed: undefined,
      };
      this.#effects[request.number] = effect;
    }
    return effect;
  }

  #record(record: KafkaRecord, value: Readonly<Record<string, unknown>>): void {
    this.#identity(record, value);
    this.#reply(record);
    const { order } = this.#scope;
    const payload = contentOf(record, 'order.events')?.payload;
    if (order !== undefined && payload !== undefined) {
      if (payload.type === 'OrderPlaced') this.#placed(record, order);
      if (payload.type === 'SagaStepCompleted') this.#step(record, order, payload.step);
    }
    this.#update(record);
  }

  #identity(record: KafkaRecord, { messageId }: Readonly<Record<string, unknown>>): void {
    const { conflicts } = this.#scope;
    if (conflicts !== undefined) {
      this.#findings.violate(
        () => `Message ${messageId} stands for two contents; one of them is on ${record.topic}.`,
        conflicts.index,
        record.index,
      );
    }
    const header = record.headers['id'];
    if (header !== undefined && messageId !== undefined && header !== messageId) {
      this.#findings.violate(
        () =>
          `A record on ${record.topic} has the id ${header} in its header and ${messageId} in its value.`,
        record.index,
      );
    }
  }

  #reply(record: KafkaRecord): void {
    const event = participantEvent(record);
    if (event?.causationId == null) return;
    const first = this.#once.note(event.causationId, record.index);
    if (first === undefined) return;
    this.#findings.violate(
      () =>
        `Command ${event.causationId} of order ${event.orderId} had two effects; the second is ` +
        `${event.payload.type} on ${record.topic}.`,
      first.index,
      record.index,
    );
  }

  #placed(record: KafkaRecord, order: OrderFacts): void {
    const before = this.#placedAt[order.number] ?? NEVER;
    if (before !== NEVER) {
      this.#findings.violate(() => `Order ${order.id} was placed twice.`, before, record.index);
      return;
    }
    this.#placedAt[order.number] = record.index;
    const request = this.#scope.requestOf(traceIdOf(record.headers['traceparent']) ?? '');
    if (request === undefined) return;
    const effect = this.#effectOf(request);
    if (effect.placed !== undefined) {
      const { placed } = effect;
      this.#findings.violate(
        () => `${nameOf(request)} placed two orders: ${placed.id} and ${order.id}.`,
        effect.placedAt,
        record.index,
      );
    }
    effect.placed = order;
    effect.placedAt = record.index;
  }

  #step(record: KafkaRecord, order: OrderFacts, step: string): void {
    const before =
      BY_STEP[step] === undefined
        ? this.#once.note(`${order.id}${step}`, record.index)?.index
        : this.#completed(record, order, step);
    if (before === undefined) return;
    this.#findings.violate(
      () => `Order ${order.id} completed step ${step} twice.`,
      before,
      record.index,
    );
  }

  /** Notes where a step was completed, unless it was before: then answers where that was. */
  #completed({ index }: KafkaRecord, { number }: OrderFacts, step: string): number | undefined {
    const before = this.#completedAt.at(number, step);
    if (before !== NEVER) return before;
    this.#completedAt.setAt(number, step, index);
    return undefined;
  }

  #update(record: KafkaRecord): void {
    const update = contentOf(record, 'job.updates');
    const { job } = this.#scope;
    // A job expires by the clock: whatever its last cause was may be named again.
    if (update === undefined || job === undefined || update.kind === 'EXPIRED') return;
    const cause = `${update.causationId}${update.kind}${job.number}`;
    const first = this.#once.note(cause, record.index);
    if (first === undefined) return;
    this.#findings.violate(
      () => `Event ${update.causationId} made job ${job.id} take update ${update.kind} twice.`,
      first.index,
      record.index,
    );
  }

  finish(): Finding {
    return this.#findings.finding();
  }
}

const nameOf = ({ userId, idempotencyKey, traceId }: RequestFacts): string =>
  idempotencyKey === undefined
    ? `The command in trace ${traceId}`
    : `Idempotency-Key ${idempotencyKey} of user ${userId}`;
