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
 * Could be fooled: by an effect that no message tells of. What participants hold in the end is
 * compared with their messages by `no-oversell` and `money-conserved`.
 */
import type { HistoryEvent, KafkaRecord, OperationCompleted } from '../history/event.ts';
import { IdTable } from './id-table.ts';
import type { Checker, Finding, Invariant } from './invariant.ts';
import { contentOf, isDeadLetter, participantEvent, traceIdOf } from './records.ts';
import { NEVER, type OrderFacts, type Scope } from './scope.ts';
import { Findings } from './violations.ts';

export const atMostOneEffect: Invariant = {
  name: 'at-most-one-effect',
  promise: 'One Idempotency-Key makes one order, and one message has one effect.',
  needs: ['client', 'kafka'],
  reads: ['ok', 'info', 'kafka'],
  start: (scope) => new AtMostOneEffect(scope),
};

interface Answer {
  readonly at: number;
  readonly jobId: string;
  readonly orderId: string | undefined;
  readonly bodyDigest: string | undefined;
}

class AtMostOneEffect implements Checker {
  readonly #scope: Scope;
  readonly #findings = new Findings();
  readonly #answers = new Map<string, Answer>();
  readonly #keyOfTrace = new Map<string, string>();
  readonly #placedByTrace = new Map<string, { at: number; orderId: string }>();
  readonly #replies = new IdTable();
  readonly #updates = new IdTable();
  readonly #steps = new IdTable();
  readonly #placedAt: number[] = [];

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  observe(event: HistoryEvent): void {
    if (event.type === 'ok' || event.type === 'info') this.#completed(event);
    if (event.type !== 'kafka' || event.value === undefined || isDeadLetter(event.topic)) return;
    this.#findings.look();
    if (!this.#scope.republished) this.#record(event, event.value);
  }

  #completed(event: OperationCompleted): void {
    const { invoked } = this.#scope;
    if (event.name !== 'place-order' && event.name !== 'cancel-order') return;
    if (invoked?.idempotencyKey === undefined) return;
    const key = `${invoked.userId}\n${invoked.idempotencyKey}`;
    if (invoked.traceId !== undefined) this.#keyOfTrace.set(invoked.traceId, key);
    if (event.type !== 'ok' || event.jobId === undefined) return;
    this.#findings.look();
    const { jobId, orderId } = event;
    const { bodyDigest } = invoked;
    const first = this.#answers.get(key);
    if (first === undefined) {
      this.#answers.set(key, { at: event.index, jobId, orderId, bodyDigest });
      return;
    }
    const said = `Idempotency-Key ${invoked.idempotencyKey} of user ${invoked.userId}`;
    if (first.jobId !== jobId || first.orderId !== orderId) {
      this.#findings.violate(
        () =>
          `${said} was answered with job ${first.jobId}, order ${first.orderId}, and then with ` +
          `job ${jobId}, order ${orderId}.`,
        first.at,
        event.index,
      );
    } else if (first.bodyDigest !== bodyDigest) {
      this.#findings.violate(
        () => `${said} was accepted again with another body, as job ${jobId}.`,
        first.at,
        event.index,
      );
    }
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
    const first = this.#replies.note(event.causationId, record.index, 0);
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
    const traceId = traceIdOf(record.headers['traceparent']);
    if (traceId === undefined) return;
    const first = this.#placedByTrace.get(traceId);
    if (first !== undefined && first.orderId !== order.id) {
      this.#findings.violate(
        () => `One command (trace ${traceId}) placed two orders: ${first.orderId} and ${order.id}.`,
        first.at,
        record.index,
      );
    }
    this.#placedByTrace.set(traceId, { at: record.index, orderId: order.id });
  }

  #step(record: KafkaRecord, order: OrderFacts, step: string): void {
    const first = this.#steps.note(`${order.id}${step}`, record.index, 0);
    if (first === undefined) return;
    this.#findings.violate(
      () => `Order ${order.id} completed step ${step} twice.`,
      first.index,
      record.index,
    );
  }

  #update(record: KafkaRecord): void {
    const update = contentOf(record, 'job.updates');
    const { job } = this.#scope;
    // A job expires by the clock: whatever its last cause was may be named again.
    if (update === undefined || job === undefined || update.kind === 'EXPIRED') return;
    const cause = `${update.causationId}${update.kind}${job.number}`;
    const first = this.#updates.note(cause, record.index, 0);
    if (first === undefined) return;
    this.#findings.violate(
      () => `Event ${update.causationId} made job ${job.id} take update ${update.kind} twice.`,
      first.index,
      record.index,
    );
  }

  finish(): Finding {
    const orderOfKey = new Map<string, { at: number; orderId: string }>();
    for (const [traceId, placed] of this.#placedByTrace) {
      const key = this.#keyOfTrace.get(traceId);
      if (key === undefined) continue;
      const first = orderOfKey.get(key);
      if (first === undefined) orderOfKey.set(key, placed);
      else if (first.orderId !== placed.orderId) {
        this.#findings.violate(
          () =>
            `Idempotency-Key ${key.split('\n')[1]} of user ${key.split('\n')[0]} placed two orders: ` +
            `${first.orderId} and ${placed.orderId}.`,
          first.at,
          placed.at,
        );
      }
    }
    return this.#findings.finding();
  }
}
