import { createHash } from 'node:crypto';
import { v5 as uuidv5 } from 'uuid';
import { errorCodeOf } from '#kit/errors.ts';
import {
  type Accepted,
  type ComposedOrder,
  canonicalCancelOrder,
  canonicalPlaceOrder,
  composeOrder,
  type Job,
  type JobKind,
  type OrderSummary,
  type Page,
  type PageRequest,
  type PlaceOrder,
  type Principal,
  type Stock,
  settle,
} from './domain.ts';
import type { Authenticator, Jobs, OrderHistory, OrderParts, Orders, Warehouse } from './ports.ts';

/** Order ids of this gateway are UUIDs version 5 in this name space. */
const ORDER_ID_NAMESPACE = '5b0c1b3e-6f0f-4b8b-9a55-6d9a2c0f7a41';

/** What a client says about a command, besides the command. */
export interface Caller {
  readonly principal: Principal;
  /** Undefined when the client sent none: then the request is a command of its own. */
  readonly idempotencyKey: string | undefined;
}

export interface Gateway {
  authenticate(accessToken: string): Promise<Principal>;
  placeOrder(caller: Caller, order: PlaceOrder): Promise<Accepted>;
  cancelOrder(caller: Caller, orderId: string): Promise<Accepted>;
  getJob(principal: Principal, jobId: string): Promise<Job>;
  listJobs(principal: Principal, page: PageRequest): Promise<Page<Job>>;
  getOrder(principal: Principal, orderId: string): Promise<ComposedOrder>;
  listOrders(principal: Principal, page: PageRequest): Promise<Page<OrderSummary>>;
  getStock(sku: string): Promise<Stock>;
}

export interface GatewayParts {
  readonly authenticator: Authenticator;
  readonly jobs: Jobs;
  readonly orders: Orders;
  readonly parts: OrderParts;
  readonly warehouse: Warehouse;
  readonly history: OrderHistory;
  readonly ids: { uuid(): string };
  /** Called when a job could not be taken back; its short expiry ends it. */
  readonly onWithdrawalFailed: (jobId: string, error: unknown) => void;
}

interface CommandRun {
  readonly caller: Caller;
  readonly key: string;
  readonly kind: JobKind;
  readonly orderId: string;
  readonly requestHash: string;
  readonly send: (job: Job) => Promise<Accepted>;
}

/** The use cases of the gateway; it keeps nothing between two calls. */
export function createGateway(outside: GatewayParts): Gateway {
  const { authenticator, jobs, orders, parts, warehouse, history, ids } = outside;

  async function withdraw(job: Job, userId: string): Promise<void> {
    try {
      await jobs.withdraw(job.jobId, userId);
    } catch (error) {
      outside.onWithdrawalFailed(job.jobId, error);
    }
  }

  async function runCommand(run: CommandRun): Promise<Accepted> {
    const { userId } = run.caller.principal;
    const { job, replayed } = await jobs.issue({
      userId,
      kind: run.kind,
      idempotencyKey: run.key,
      requestHash: run.requestHash,
      orderId: run.orderId,
    });
    // Its saga has started, so the command was accepted: nothing to send again.
    if (job.state !== 'ISSUED') return { jobId: job.jobId, orderId: job.orderId };
    try {
      const accepted = await run.send(job);
      // The order had a job already, whose key was forgotten before the command was repeated.
      if (accepted.jobId !== job.jobId) await withdraw(job, userId);
      return accepted;
    } catch (error) {
      const settlement = settle({ code: errorCodeOf(error), replayed });
      if (settlement === 'withdraw') await withdraw(job, userId);
      throw error;
    }
  }

  return {
    authenticate: (accessToken) => authenticator.authenticate(accessToken),

    placeOrder(caller, order) {
      const { principal } = caller;
      const key = caller.idempotencyKey ?? ids.uuid();
      const requestHash = sha256(canonicalPlaceOrder(order));
      return runCommand({
        caller,
        key,
        kind: 'PLACE_ORDER',
        orderId: uuidv5(`${principal.userId}\n${key}`, ORDER_ID_NAMESPACE),
        requestHash,
        send: ({ jobId, orderId }) =>
          orders.place({ jobId, orderId, principal, requestHash, order }),
      });
    },

    cancelOrder(caller, orderId) {
      const { principal } = caller;
      return runCommand({
        caller,
        key: caller.idempotencyKey ?? ids.uuid(),
        kind: 'CANCEL_ORDER',
        orderId,
        requestHash: sha256(canonicalCancelOrder(orderId)),
        send: ({ jobId }) => orders.cancel({ jobId, orderId, principal }),
      });
    },

    getJob: (principal, jobId) => jobs.get(jobId, principal.userId),
    listJobs: (principal, page) => jobs.list(principal.userId, page),

    async getOrder(principal, orderId) {
      // Asked side by side. Whose order it is, only the order service knows: when it refuses, the
      // parts are dropped unseen.
      const [order, payment, shipment] = await Promise.all([
        orders.get(orderId, principal.userId),
        parts.payment(orderId),
        parts.shipment(orderId),
      ]);
      return composeOrder(order, { payment, shipment });
    },

    listOrders: (principal, page) => history.ordersOf(principal.userId, page),
    getStock: (sku) => warehouse.stock(sku),
  };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
