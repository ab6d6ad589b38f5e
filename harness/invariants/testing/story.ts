/**
 * Tells a run that keeps every promise: users place and cancel orders, everything is published,
 * updated, delivered, notified and cleaned up. Tests edit it into runs that break one promise; the
 * benchmark tells it many times over.
 */
import { HistoryBuilder, traceparent } from './history-builder.ts';
import { tellEnd } from './story-end.ts';
import { CANCEL_STEPS, type Participant, PLACE_STEPS, type Step } from './story-steps.ts';

export type Outcome = 'approved' | 'out-of-stock' | 'card-declined' | 'address-undeliverable';

export interface OrderStory {
  readonly name: string;
  readonly orderId: string;
  readonly userId: string;
  readonly sku: string;
  readonly card: string;
  /** The reason of its rejection; empty unless it was rejected. */
  reason: string;
  status: 'PENDING' | 'APPROVED' | 'REJECTED' | 'CANCELLED';
  job: JobStory;
  /** Number of the last record on order.events, and next revision of its stream. */
  sequence: number;
  revision: number;
  stock: 'none' | 'held' | 'undone';
  money: 'none' | 'held' | 'taken' | 'voided' | 'refunded';
  shipment: 'none' | 'scheduled' | 'cancelled';
}

export interface JobStory {
  readonly jobId: string;
  readonly traceId: string;
  readonly userId: string;
  readonly orderId: string;
  sequence: number;
  outcome: number;
  progress: number;
  state: string;
}

const TOTAL = { currency: 'JPY', minorUnits: 2_000 };
const QUANTITY = 2;

export class Story {
  readonly to = new HistoryBuilder();
  readonly id: (name: string) => string;
  readonly orders: OrderStory[] = [];
  readonly jobs: JobStory[] = [];
  /** What outboxes and the notification service keep, told in the end. */
  readonly kept: Array<{ tag: string; event: Parameters<HistoryBuilder['add']>[1] }> = [];
  #messages = 0;

  constructor(identify: (name: string) => string = (name) => name) {
    this.id = identify;
  }

  /** Begins the run; goods arrive, cards are registered, sockets open as orders come. */
  begin(options: Parameters<HistoryBuilder['run']>[0] = {}): this {
    this.to.run(options);
    this.to.add('scenario', { type: 'scenario-started', scenario: 'story' });
    return this;
  }

  /** Ends the run: end states and closed sources. */
  end(): this {
    this.to.wait(3_000);
    tellEnd(this);
    this.to.add('scenario.end', {
      type: 'scenario-ended',
      scenario: 'story',
      outcome: 'passed',
    });
    this.to.close();
    return this;
  }

  /** A user places an order and watches it at level detail until it ends. */
  place(name: string, outcome: Outcome = 'approved'): OrderStory {
    const order = this.#order(name);
    this.#seed(order);
    const { job } = order;
    this.#command(order, job, 'place-order', `${name}.place`, () => {
      const placed = this.#say(order, `${name}`, {
        type: 'OrderPlaced',
        lines: [{ sku: order.sku, quantity: QUANTITY, unitPrice: { ...TOTAL, minorUnits: 1_000 } }],
        total: TOTAL,
      });
      return placed;
    });
    this.#socket(order, job, name);
    this.#update(order, name, 'STARTED', 'RUNNING', 'PROGRESS', `${name}.OrderPlaced`);
    this.#saga(order, name, outcome);
    this.#closeSocket(order, name);
    return order;
  }

  /** The user cancels the order; it is cancelled, or refused because the parcel is gone. */
  cancel(order: OrderStory, outcome: 'cancelled' | 'refused' = 'cancelled'): this {
    const tag = `${order.name}.cancel`;
    order.job = this.#job(order.orderId, order.userId, `${order.name}c`);
    this.#command(order, order.job, 'cancel-order', tag, () =>
      this.#say(order, tag, { type: 'OrderCancellationRequested' }),
    );
    this.#socket(order, order.job, tag);
    const cause = `${tag}.OrderCancellationRequested`;
    this.#update(order, tag, 'STARTED', 'RUNNING', 'PROGRESS', cause);
    if (outcome === 'refused') {
      this.#ask(order, tag, CANCEL_STEPS[0] as Step, {
        type: 'ShipmentCancellationRefused',
        reason: 'shipment-dispatched',
      });
      this.#ends(order, tag, 'OrderCancellationRefused', 'shipment-dispatched');
    } else {
      for (const step of CANCEL_STEPS) {
        this.#ask(order, tag, step, step.undone(order));
        this.#stepped(order, tag, 'CANCEL_ORDER', step);
        step.keep(order);
      }
      order.status = 'CANCELLED';
      this.#ends(order, tag, 'OrderCancelled', '');
    }
    this.#closeSocket(order, tag);
    return this;
  }

  #saga(order: OrderStory, tag: string, outcome: Outcome): void {
    const done: Step[] = [];
    for (const step of PLACE_STEPS) {
      if (step.refusal?.reason === outcome) {
        this.#ask(order, tag, step, step.refusal);
        this.#fails(order, tag, step, outcome, done);
        return;
      }
      this.#ask(order, tag, step, step.done(order));
      this.#stepped(order, tag, 'PLACE_ORDER', step);
      step.keep(order);
      done.push(step);
    }
    order.status = 'APPROVED';
    this.#ends(order, tag, 'OrderApproved', '');
  }

  #fails(order: OrderStory, tag: string, failed: Step, reason: string, done: Step[]): void {
    const saga = 'PLACE_ORDER';
    this.#say(order, tag, {
      type: 'SagaStepFailed',
      saga,
      step: failed.step,
      reason,
      timedOut: false,
    });
    this.#update(order, `${tag}.${failed.step}`, 'STEP_FAILED', 'RUNNING', 'PROGRESS');
    if (done.length > 0) {
      this.#say(order, tag, { type: 'SagaCompensationStarted', saga, reason });
      this.#update(order, tag, 'COMPENSATING', 'COMPENSATING', 'DETAIL');
    }
    for (const step of done.toReversed()) {
      const undo = { ...step, command: step.undo, step: `undo-${step.step}` };
      this.#ask(order, tag, undo, step.undone(order));
      step.take(order);
      this.#say(order, `${tag}.undo-${step.step}`, {
        type: 'SagaStepCompensated',
        saga,
        step: step.step,
        effective: true,
      });
      this.#update(order, `${tag}.undo-${step.step}`, 'STEP_COMPENSATED', 'COMPENSATING', 'DETAIL');
    }
    order.status = 'REJECTED';
    order.reason = reason;
    this.#ends(order, tag, 'OrderRejected', reason);
  }

  #stepped(order: OrderStory, tag: string, saga: string, { step }: Step): void {
    this.#say(order, `${tag}.${step}`, { type: 'SagaStepCompleted', saga, step });
    this.#update(order, `${tag}.${step}`, 'STEP_COMPLETED', 'RUNNING', 'PROGRESS');
  }

  #ends(order: OrderStory, tag: string, type: string, reason: string): void {
    const succeeded = type === 'OrderApproved' || type === 'OrderCancelled';
    this.#say(order, tag, {
      type,
      contactEmail: '',
      ...(type === 'OrderApproved' ? { total: TOTAL } : {}),
      ...(reason === '' ? {} : { reason }),
    });
    const kind = succeeded ? 'SUCCEEDED' : 'FAILED';
    this.#update(order, tag, kind, kind, 'OUTCOME', `${tag}.${type}`);
    this.kept.push({
      tag: `${tag}.notification`,
      event: {
        type: 'state',
        source: 'postgres',
        kind: 'notification',
        service: 'notification',
        key: this.id(`n-${tag}`),
        value: { orderId: order.orderId, userId: order.userId, outcome: type },
      },
    });
  }

  /** Goods arrive and a card is registered, for this order alone. */
  #seed({ name, sku, card }: OrderStory): void {
    this.#participant('inventory', `${name}.StockReceived`, sku, null, null, {
      type: 'StockReceived',
      sku,
      quantity: QUANTITY,
    });
    this.#participant('payment', `${name}.CardRegistered`, card, null, null, {
      type: 'CardRegistered',
      cardToken: card,
      creditLimit: TOTAL,
    });
  }

  #command(
    order: OrderStory,
    job: JobStory,
    name: 'place-order' | 'cancel-order',
    tag: string,
    meanwhile: () => void,
  ): void {
    const operation = `op-${tag}`;
    const about = { operation, name, scenario: 'story' } as const;
    this.to.add(`${tag}.invoke`, {
      type: 'invoke',
      ...about,
      userId: order.userId,
      idempotencyKey: `key-${tag}`,
      bodyDigest: `digest-${tag}`,
      traceId: job.traceId,
      request:
        name === 'cancel-order'
          ? { method: 'POST', path: `/v1/orders/${order.orderId}/cancel` }
          : {
              method: 'POST',
              path: '/v1/orders',
              json: {
                lines: [
                  {
                    sku: order.sku,
                    quantity: QUANTITY,
                    unitPrice: { ...TOTAL, minorUnits: 1_000 },
                  },
                ],
                cardToken: order.card,
              },
            },
    });
    this.#span(job, `${tag}.span.gateway`, 'api-gateway', `POST ${tag}`, 'client');
    meanwhile();
    this.to.add(`${tag}.ok`, {
      type: 'ok',
      ...about,
      status: 202,
      jobId: job.jobId,
      orderId: order.orderId,
      response: { jobId: job.jobId, orderId: order.orderId },
    });
  }

  /** The saga asks a participant, and the participant answers. */
  #ask(order: OrderStory, tag: string, step: Step, answer: Record<string, unknown>): void {
    const { job, orderId } = order;
    const { to, command } = step;
    const at = `${tag}.${step.step}`;
    const messageId = this.#stored(order, `${at}.stored.command`, command(order), {});
    this.to.record(
      `${at}.command`,
      `${to}.commands`,
      orderId,
      {
        messageId,
        jobId: job.jobId,
        orderId,
        causationId: this.id(`cause-${at}`),
        occurredAt: this.to.nowMs,
        payload: command(order),
      },
      job.traceId,
    );
    const event = this.#participant(to, `${at}.event`, orderId, order, messageId, answer);
    this.#update(order, `${at}.domain`, 'DOMAIN_EVENT', job.state, 'DETAIL', event);
  }

  #participant(
    service: Participant,
    tag: string,
    key: string,
    order: OrderStory | null,
    causationId: string | null,
    payload: Record<string, unknown>,
  ): string {
    const messageId = this.#message();
    const topic = `${service}.events`;
    const jobId = order?.job.jobId ?? null;
    const orderId = order?.orderId ?? null;
    const occurredAt = this.to.nowMs;
    const value = { messageId, jobId, orderId, causationId, occurredAt, payload };
    if (order !== null) {
      this.#span(order.job, `${tag}.span`, service, `process ${topic}`, order.job.traceId);
    }
    this.to.record(tag, topic, key, value, order?.job.traceId);
    this.kept.push({
      tag: `${tag}.outbox`,
      event: {
        type: 'state',
        source: 'postgres',
        kind: 'outbox',
        service,
        key: messageId,
        value: {
          topic,
          recordKey: key,
          eventType: String(payload['type']),
          createdAtMs: this.to.nowMs,
        },
      },
    });
    return messageId;
  }

  /** Stores a public event of the order and publishes it. */
  #say(order: OrderStory, tag: string, payload: Record<string, unknown>): string {
    const { orderId, userId, job } = order;
    order.sequence += 1;
    const type = String(payload['type']);
    const messageId = this.#stored(order, `${tag}.stored.${type}`, payload, {});
    this.#span(job, `${tag}.span.${type}`, 'order', `publish ${type}`, job.traceId);
    this.to.record(
      `${tag}.${type}`,
      'order.events',
      orderId,
      {
        messageId,
        orderId,
        userId,
        jobId: job.jobId,
        sequence: order.sequence,
        causationId: this.id(`cause-${messageId}`),
        occurredAt: this.to.nowMs,
        payload,
      },
      job.traceId,
    );
    return messageId;
  }

  #stored(
    order: OrderStory,
    tag: string,
    payload: Record<string, unknown>,
    metadata: Record<string, unknown>,
  ): string {
    const id = this.#message();
    this.to.add(tag, {
      type: 'eventstore',
      stream: `order-${order.orderId}`,
      revision: String(order.revision++),
      position: String(this.#messages),
      id,
      eventType: String(payload['type']),
      data: { payload },
      metadata,
    });
    return id;
  }

  #update(
    order: OrderStory,
    tag: string,
    kind: string,
    state: string,
    level: 'OUTCOME' | 'PROGRESS' | 'DETAIL',
    causationId = this.id(`cause-${tag}-${kind}`),
  ): void {
    const { job, orderId, userId } = order;
    const { jobId } = job;
    const previousSequences = {
      outcome: job.outcome,
      progress: job.progress,
      detail: job.sequence,
    };
    const previousSequence = job.sequence;
    const sequence = ++job.sequence;
    if (level === 'OUTCOME') job.outcome = sequence;
    if (level !== 'DETAIL') job.progress = sequence;
    job.state = state;
    const said = { step: null, detail: null, reason: null };
    const messageId = this.#message();
    this.#span(job, `${tag}.span.${kind}`, 'job-management', `publish ${kind}`, job.traceId);
    this.to.record(
      `${tag}.update.${kind}`,
      'job.updates',
      jobId,
      {
        messageId,
        jobId,
        userId,
        orderId,
        sequence,
        previousSequences,
        level,
        kind,
        state,
        ...said,
        causationId,
        occurredAt: this.to.nowMs,
      },
      job.traceId,
    );
    this.to.add(`${tag}.frame.${kind}`, {
      ...this.#ws(job),
      what: 'frame',
      message: {
        type: 'update',
        jobId,
        orderId,
        sequence,
        previousSequence,
        level: level.toLowerCase(),
        kind,
        state,
        ...said,
        occurredAt: new Date(this.to.nowMs).toISOString(),
        traceparent: traceparent(job.traceId),
      },
    });
  }

  #socket(_order: OrderStory, job: JobStory, tag: string): void {
    const { jobId } = job;
    const ws = this.#ws(job);
    this.to.add(`${tag}.socket.open`, { ...ws, what: 'open' });
    this.to.add(`${tag}.socket.subscribe`, {
      ...ws,
      what: 'sent',
      message: { type: 'subscribe', requestId: 'r1', jobId, level: 'detail' },
    });
    this.to.add(`${tag}.socket.subscribed`, {
      ...ws,
      what: 'frame',
      message: { type: 'subscribed', requestId: 'r1', jobId, level: 'detail', afterSequence: 0 },
    });
  }

  #closeSocket({ job }: OrderStory, tag: string): void {
    this.to.add(`${tag}.socket.closed`, { ...this.#ws(job), what: 'closed', closeCode: 1000 });
  }

  #ws(job: JobStory) {
    return {
      type: 'ws',
      socket: `socket-${job.jobId}`,
      scenario: 'story',
      userId: job.userId,
      node: 'websocket-1',
    } as const;
  }

  #span(job: JobStory, tag: string, service: string, name: string, parent: string): void {
    // The gateway's span has the trace's own name, so that every other span finds its parent.
    const isRoot = service === 'api-gateway';
    this.to.add(tag, {
      type: 'span',
      traceId: job.traceId,
      spanId: isRoot ? job.traceId.slice(0, 16) : this.#message().slice(-16),
      parentSpanId: isRoot ? `${parent}-root` : job.traceId.slice(0, 16),
      name,
      kind: isRoot ? 'SERVER' : 'CONSUMER',
      service,
      startMs: this.to.nowMs,
      endMs: this.to.nowMs + 1,
      attributes: {},
    });
  }

  #order(name: string): OrderStory {
    const userId = `user-${name}`;
    const orderId = this.id(`order-${name}`);
    const order: OrderStory = {
      name,
      orderId,
      userId,
      sku: `sku-${name}`,
      card: `card-${name}`,
      reason: '',
      status: 'PENDING',
      job: this.#job(orderId, userId, name),
      sequence: 0,
      revision: 0,
      stock: 'none',
      money: 'none',
      shipment: 'none',
    };
    this.orders.push(order);
    return order;
  }

  #job(orderId: string, userId: string, name: string): JobStory {
    const job: JobStory = {
      jobId: this.id(`job-${name}`),
      traceId: traceIdFrom(name),
      userId,
      orderId,
      sequence: 0,
      outcome: 0,
      progress: 0,
      state: 'ISSUED',
    };
    this.jobs.push(job);
    return job;
  }

  #message(): string {
    return this.id(`m-${String(++this.#messages).padStart(14, '0')}`);
  }
}

/** 32 hex digits that begin differently for each name. */
function traceIdFrom(name: string): string {
  const hex = [...name].map((character) => character.charCodeAt(0).toString(16)).join('');
  return `a${hex.length.toString(16).padStart(2, '0')}${hex}`.padEnd(32, '0').slice(0, 32);
}

/** The story that most tests edit: an approved, a rejected and a cancelled order. */
export function goodStory(identify?: (name: string) => string): Story {
  const story = new Story(identify).begin();
  story.place('a');
  story.place('r', 'address-undeliverable');
  story.cancel(story.place('c'));
  return story.end();
}
