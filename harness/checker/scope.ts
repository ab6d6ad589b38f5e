import type {
  HistoryEvent,
  KafkaRecord,
  OperationCompleted,
  OperationInvoked,
  RunStarted,
} from '../history/event.ts';
import { contentOf, isDeadLetter } from '../history/records.ts';
import { orderOfStream } from '../history/streams.ts';
import { fingerprint } from './columns/fingerprint.ts';
import { type FirstSight, IdTable } from './columns/id-table.ts';
import { JobUpdates } from './facts/job-updates.ts';
import { isCommand, type RequestFacts, Requests } from './facts/requests.ts';
import { Slowness } from './facts/slowness.ts';

/** No event: what an index is before it is known. */
export const NEVER = -1;

/** An order that the history mentions. Fields ending in `At` are indexes of events. */
export interface OrderFacts {
  /** Dense, from 0: invariants keep their own state of orders in arrays by it. */
  readonly number: number;
  readonly id: string;
  userId: string | undefined;
  /** The answer that accepted it. */
  acceptedAt: number;
  placedAt: number;
  approvedAt: number;
  rejectedAt: number;
  cancelRequestedAt: number;
  cancelledAt: number;
  cancelRefusedAt: number;
  totalMinorUnits: number;
}

/** A job that the history mentions. */
export interface JobFacts {
  readonly number: number;
  readonly id: string;
  userId: string | undefined;
  order: OrderFacts | undefined;
  saga: 'PLACE_ORDER' | 'CANCEL_ORDER' | undefined;
  /** The first `ok` of a command with this job, and when it was. */
  ackedAt: number;
  ackedMs: number;
  /** An event that names the job's owner. */
  ownerAt: number;
}

/**
 * What every invariant needs to know, gathered once: who the users of this run are, which orders
 * and jobs there are, and whether a record says again what an earlier one said.
 *
 * A warm stack still tells of earlier runs: of their orders, this history has no `OrderPlaced` and
 * no answer to a command, or their user did nothing in this run. Those are not ours to judge.
 */
export class Scope {
  run: RunStarted | undefined;
  /** Of the current Kafka record or stored event: its order, and of a record also its job. */
  order: OrderFacts | undefined;
  job: JobFacts | undefined;
  /** Of the current Kafka record: the same message with the same content came before. */
  republished = false;
  /** Of the current Kafka record: its message id came before, with another content. */
  conflicts: FirstSight | undefined;
  /** Of the current completion: what it completes. */
  invoked: OperationInvoked | undefined;
  /** Of the current invocation or completion of a command: the request that it is of. */
  request: RequestFacts | undefined;
  /** When the last event was, by the recorder's clock. */
  lastMs = 0;

  /** Who the users are, each id with the string that is kept of it. */
  readonly users = new Map<string, string>();
  readonly orders: OrderFacts[] = [];
  readonly jobs: JobFacts[] = [];
  readonly updates = new JobUpdates();
  readonly slowness = new Slowness();
  readonly #ordersById = new Map<string, OrderFacts>();
  readonly #jobsById = new Map<string, JobFacts>();
  readonly #open = new Map<string, OperationInvoked>();
  readonly #messages = new IdTable();
  readonly #requests = new Requests();

  /** Operations that were invoked and never completed. */
  unfinished(): Iterable<OperationInvoked> {
    return this.#open.values();
  }

  orderOf(id: string): OrderFacts | undefined {
    return this.#ordersById.get(id);
  }

  jobOf(id: string): JobFacts | undefined {
    return this.#jobsById.get(id);
  }

  /** The user's id, as the string that is kept anyway where there is one. */
  userOf<Id extends string | undefined>(id: Id): string | Id {
    return id === undefined ? id : (this.users.get(id) ?? id);
  }

  /** The command whose request began this trace. */
  requestOf(traceId: string): RequestFacts | undefined {
    return this.#requests.ofTrace(traceId);
  }

  /** Whether the order belongs to this run: it was placed here, for one of its users. */
  ours(order: OrderFacts): boolean {
    return order.placedAt !== NEVER && this.#isForUser(order);
  }

  /** As {@link ours}, also when `order.events` lacks the order: it was accepted here. */
  accepted(order: OrderFacts): boolean {
    return order.acceptedAt !== NEVER && this.#isForUser(order);
  }

  #isForUser(order: OrderFacts): boolean {
    return order.userId !== undefined && this.users.has(order.userId);
  }

  /** Takes the next event; before any checker does. */
  observe(event: HistoryEvent): void {
    if (event.atMs > this.lastMs) this.lastMs = event.atMs;
    switch (event.type) {
      case 'run-started':
        this.run = event;
        break;
      case 'resource-sample':
        this.slowness.observe(event);
        break;
      case 'invoke':
        if (event.userId !== undefined) this.#user(event.userId);
        this.#open.set(event.operation, event);
        this.request = this.#requests.take(event, this.userOf(event.userId));
        break;
      case 'ok':
      case 'fail':
      case 'info':
        this.#completed(event);
        break;
      case 'ws':
        this.#user(event.userId);
        break;
      case 'kafka':
        this.#recorded(event);
        break;
      case 'eventstore': {
        const orderId = orderOfStream(event.stream);
        this.order = orderId === undefined ? undefined : this.#order(orderId);
        break;
      }
    }
  }

  #completed(event: OperationCompleted): void {
    this.invoked = this.#open.get(event.operation);
    this.#open.delete(event.operation);
    const traceId = this.invoked?.traceId;
    this.request = traceId === undefined ? undefined : this.#requests.ofTrace(traceId);
    if (event.type !== 'ok' || !isCommand(event.name) || event.jobId === undefined) return;
    const job = this.#job(event.jobId);
    if (job.ackedAt !== NEVER) return;
    job.ackedAt = event.index;
    job.ackedMs = event.atMs;
    job.saga = event.name === 'place-order' ? 'PLACE_ORDER' : 'CANCEL_ORDER';
    // The sender of the command owns its effects, even if records name another user.
    const userId = this.userOf(this.invoked?.userId);
    job.userId = userId ?? job.userId;
    job.ownerAt = event.index;
    if (event.orderId !== undefined) {
      job.order = this.#order(event.orderId);
      job.order.userId = userId ?? job.order.userId;
      if (event.name === 'place-order') job.order.acceptedAt = event.index;
    }
  }

  #recorded(record: KafkaRecord): void {
    this.order = undefined;
    this.job = undefined;
    this.republished = false;
    this.conflicts = undefined;
    const { value } = record;
    if (value === undefined || isDeadLetter(record.topic)) return;
    const { messageId, orderId, jobId } = value;
    if (typeof messageId === 'string') {
      const print = fingerprint([record.topic, record.key, value]);
      const first = this.#messages.note(messageId, record.index, print);
      if (first?.fingerprint === print) this.republished = true;
      else this.conflicts = first;
    }
    if (typeof orderId === 'string') this.order = this.#order(orderId);
    if (typeof jobId === 'string') this.job = this.#job(jobId);
    if (this.republished) return;
    this.#orderEvent(record);
    this.#jobUpdate(record);
  }

  #orderEvent(record: KafkaRecord): void {
    const event = contentOf(record, 'order.events');
    const { order, job } = this;
    if (event === undefined || order === undefined || job === undefined) return;
    order.userId ??= this.userOf(event.userId);
    job.order ??= order;
    const { payload } = event;
    switch (payload.type) {
      case 'OrderPlaced':
        if (order.placedAt === NEVER) order.placedAt = record.index;
        order.totalMinorUnits = payload.total.minorUnits;
        job.saga ??= 'PLACE_ORDER';
        break;
      case 'OrderApproved':
        if (order.approvedAt === NEVER) order.approvedAt = record.index;
        break;
      case 'OrderRejected':
        if (order.rejectedAt === NEVER) order.rejectedAt = record.index;
        break;
      case 'OrderCancellationRequested':
        if (order.cancelRequestedAt === NEVER) order.cancelRequestedAt = record.index;
        job.saga ??= 'CANCEL_ORDER';
        break;
      case 'OrderCancelled':
        if (order.cancelledAt === NEVER) order.cancelledAt = record.index;
        break;
      case 'OrderCancellationRefused':
        if (order.cancelRefusedAt === NEVER) order.cancelRefusedAt = record.index;
        break;
    }
  }

  #jobUpdate(record: KafkaRecord): void {
    const update = contentOf(record, 'job.updates');
    const { job } = this;
    if (update === undefined || job === undefined) return;
    this.updates.add(job, record, update);
    job.userId ??= this.userOf(update.userId);
    job.order ??= this.order;
    if (job.ownerAt === NEVER) job.ownerAt = record.index;
  }

  #user(id: string): void {
    if (!this.users.has(id)) this.users.set(id, id);
  }

  #order(id: string): OrderFacts {
    const known = this.#ordersById.get(id);
    if (known !== undefined) return known;
    const order = newOrder(this.orders.length, id);
    this.orders.push(order);
    this.#ordersById.set(id, order);
    return order;
  }

  #job(id: string): JobFacts {
    const known = this.#jobsById.get(id);
    if (known !== undefined) return known;
    const job = newJob(this.jobs.length, id);
    this.jobs.push(job);
    this.#jobsById.set(id, job);
    return job;
  }
}

const newOrder = (number: number, id: string): OrderFacts => ({
  number,
  id,
  userId: undefined,
  acceptedAt: NEVER,
  placedAt: NEVER,
  approvedAt: NEVER,
  rejectedAt: NEVER,
  cancelRequestedAt: NEVER,
  cancelledAt: NEVER,
  cancelRefusedAt: NEVER,
  totalMinorUnits: 0,
});

const newJob = (number: number, id: string): JobFacts => ({
  number,
  id,
  userId: undefined,
  order: undefined,
  saga: undefined,
  ackedAt: NEVER,
  ackedMs: 0,
  ownerAt: NEVER,
});
