import type { Unrecorded } from '../../history/event.ts';
import { HistoryBuilder, traceparent } from './history-builder.ts';
import { answerHeaders } from './story-answers.ts';
import type { Participant } from './story-steps.ts';
import { ADDRESS, type JobStory, type OrderStory, QUANTITY, TOTAL } from './story-types.ts';

/** Where a story shows: client, event store, topics, sockets, spans and outboxes. */
export class StoryChannels {
  readonly to = new HistoryBuilder();
  readonly id: (name: string) => string;
  /** What outboxes and the notification service keep; recorded at the end. */
  readonly kept: Array<{ readonly tag: string; readonly event: Unrecorded }> = [];
  #messages = 0;

  constructor(identify: (name: string) => string) {
    this.id = identify;
  }

  command(
    order: OrderStory,
    job: JobStory,
    name: 'place-order' | 'cancel-order',
    tag: string,
    meanwhile: () => string,
  ): string {
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
                address: ADDRESS,
              },
            },
    });
    this.#span(job, `${tag}.span.gateway`, 'api-gateway', `POST ${tag}`, 'client');
    const done = meanwhile();
    this.to.add(`${tag}.ok`, {
      type: 'ok',
      ...about,
      status: 202,
      jobId: job.jobId,
      orderId: order.orderId,
      response: { jobId: job.jobId, orderId: order.orderId },
      headers: { ...answerHeaders(job.traceId), location: `/v1/jobs/${job.jobId}` },
    });
    return done;
  }

  participant(
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

  stored(order: OrderStory, tag: string, payload: Record<string, unknown>): string {
    const id = this.#message();
    this.to.add(tag, {
      type: 'eventstore',
      stream: `order-${order.orderId}`,
      revision: String(order.revision++),
      position: String(this.#messages),
      id,
      eventType: String(payload['type']),
      data: { payload },
      metadata: {},
    });
    return id;
  }

  update(
    order: OrderStory,
    tag: string,
    kind: string,
    state: string,
    level: 'OUTCOME' | 'PROGRESS' | 'DETAIL',
    causationId: string,
    about: { readonly step?: string; readonly reason?: string | null } = {},
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
    const said = { step: null, detail: null, reason: null, ...about };
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

  socket(job: JobStory, tag: string): void {
    const { jobId } = job;
    const ws = this.#ws(job);
    this.to.add(`${tag}.socket.open`, { ...ws, what: 'open' });
    this.#connection(job, tag, 'CONNECTED');
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

  closeSocket({ job }: OrderStory, tag: string): void {
    this.to.add(`${tag}.socket.closed`, { ...this.#ws(job), what: 'closed', closeCode: 1000 });
    this.#connection(job, tag, 'DISCONNECTED');
  }

  #connection({ jobId, userId }: JobStory, tag: string, kind: string): void {
    const closeCode = kind === 'CONNECTED' ? null : 1000;
    const about = { messageId: this.#message(), socketId: this.id(`s-${jobId}`), userId };
    const value = { ...about, nodeId: 'websocket-1', kind, closeCode, occurredAt: this.to.nowMs };
    this.to.record(`${tag}.${kind}`, 'websocket.connections', userId, value);
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

  #message(): string {
    return this.id(`m-${String(++this.#messages).padStart(14, '0')}`);
  }

  /** Stores a public event of the order and publishes it. */
  say(order: OrderStory, tag: string, payload: Record<string, unknown>): string {
    const { orderId, userId, job } = order;
    order.sequence += 1;
    const type = String(payload['type']);
    const messageId = this.stored(order, `${tag}.stored.${type}`, payload);
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

  /** Goods arrive and a card is registered, for this order alone. */
  seed({ name, sku, card }: OrderStory): void {
    this.participant('inventory', `${name}.StockReceived`, sku, null, null, {
      type: 'StockReceived',
      sku,
      quantity: QUANTITY,
    });
    this.participant('payment', `${name}.CardRegistered`, card, null, null, {
      type: 'CardRegistered',
      cardToken: card,
      creditLimit: TOTAL,
    });
  }
}
