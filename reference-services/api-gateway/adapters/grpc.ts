import type { Logger } from 'pino';
import type { ErrorCode } from '#contracts/spec/errors/registry.ts';
import { withFreshDeadline } from '#kit/deadline.ts';
import { errorCodeOf, OperationalError } from '#kit/errors.ts';
import { grpcClient } from '#kit/grpc.ts';
import type { ServiceContext } from '#kit/service.ts';
import { AuthService } from '#proto/sagaproof/auth/v1/auth_pb.js';
import { InventoryService } from '#proto/sagaproof/inventory/v1/inventory_pb.js';
import { JobKind, JobService } from '#proto/sagaproof/jobs/v1/jobs_pb.js';
import { OrderService } from '#proto/sagaproof/order/v1/order_pb.js';
import { PaymentService } from '#proto/sagaproof/payment/v1/payment_pb.js';
import { QueryService } from '#proto/sagaproof/query/v1/query_pb.js';
import { ShippingService } from '#proto/sagaproof/shipping/v1/shipping_pb.js';
import { codeOfQueryFailure, type OrderLine, type Part } from '../domain.ts';
import type { Authenticator, Jobs, OrderHistory, OrderParts, Orders, Warehouse } from '../ports.ts';
import {
  integer,
  jobView,
  orderView,
  paymentView,
  present,
  shipmentView,
  summaryView,
} from './views.ts';

/*
 * Each is what one call may take at most; together they never take longer than the budget that the
 * server gives a request. Taking a job back has a budget of its own, since it comes last.
 */
const AUTHENTICATE_DEADLINE_MS = 2_000;
const ISSUE_DEADLINE_MS = 2_000;
const COMMAND_DEADLINE_MS = 3_000;
const WITHDRAW_DEADLINE_MS = 800;
const COMPOSITION_DEADLINE_MS = 800;
const QUERY_DEADLINE_MS = 2_000;

/** Where the services behind the gateway are: `host:port`. */
export interface Addresses {
  readonly auth: string;
  readonly jobs: string;
  readonly order: string;
  readonly inventory: string;
  readonly payment: string;
  readonly shipping: string;
  readonly query: string;
}

export interface Outside {
  readonly authenticator: Authenticator;
  readonly jobs: Jobs;
  readonly orders: Orders;
  readonly parts: OrderParts;
  readonly warehouse: Warehouse;
  readonly history: OrderHistory;
}

/** Every port of the gateway, on gRPC. */
export function createGrpcPorts(
  context: Pick<ServiceContext, 'log' | 'resources'>,
  addresses: Addresses,
): Outside {
  return {
    authenticator: grpcAuthenticator(context, addresses.auth),
    jobs: grpcJobs(context, addresses.jobs),
    orders: grpcOrders(context, addresses.order),
    parts: grpcOrderParts(context, addresses.payment, addresses.shipping),
    warehouse: grpcWarehouse(context, addresses.inventory),
    history: grpcOrderHistory(context, addresses.query),
  };
}

type Resources = Pick<ServiceContext, 'resources'>;

function grpcAuthenticator(context: Resources, address: string): Authenticator {
  const client = grpcClient(context, AuthService, address, {
    deadlineMs: AUTHENTICATE_DEADLINE_MS,
  });
  return {
    async authenticate(accessToken) {
      const { principal } = await answerOf(client.authenticate({ accessToken }));
      const { userId, roles, email } = present(principal, 'principal');
      return { userId, roles, email };
    },
  };
}

function grpcJobs(context: Resources, address: string): Jobs {
  const client = grpcClient(context, JobService, address, {
    deadlineMs: QUERY_DEADLINE_MS,
    codes: { NOT_FOUND: 'job-not-found', FAILED_PRECONDITION: 'idempotency-key-reused' },
  });
  return {
    async issue(request) {
      const { job, replayed } = await client.issueJob(
        { ...request, kind: JobKind[request.kind] },
        { deadlineMs: ISSUE_DEADLINE_MS },
      );
      return { job: jobView(present(job, 'job')), replayed };
    },
    async withdraw(jobId, userId) {
      await withFreshDeadline(WITHDRAW_DEADLINE_MS, () => client.cancelIssue({ jobId, userId }));
    },
    async get(jobId, userId) {
      const { job } = await answerOf(client.getJob({ jobId, userId }));
      return jobView(present(job, 'job'));
    },
    async list(userId, page) {
      const { jobs, nextPageToken } = await answerOf(client.listJobs({ userId, ...page }));
      return { items: jobs.map(jobView), nextPageToken: tokenOrNull(nextPageToken) };
    },
  };
}

function grpcOrders(context: Resources, address: string): Orders {
  const client = grpcClient(context, OrderService, address, {
    deadlineMs: COMMAND_DEADLINE_MS,
    codes: { NOT_FOUND: 'order-not-found', FAILED_PRECONDITION: 'order-not-cancellable' },
  });
  return {
    async place({ jobId, orderId, principal, requestHash, order }) {
      const accepted = await client.placeOrder({
        jobId,
        orderId,
        userId: principal.userId,
        lines: order.lines.map(lineMessage),
        cardToken: order.cardToken,
        address: order.address,
        contactEmail: principal.email,
        requestHash,
      });
      return { jobId: accepted.jobId, orderId: accepted.orderId };
    },
    async cancel({ jobId, orderId, principal }) {
      const accepted = await client.cancelOrder({ jobId, orderId, userId: principal.userId });
      return { jobId: accepted.jobId, orderId: accepted.orderId };
    },
    async get(orderId, userId) {
      const options = { deadlineMs: COMPOSITION_DEADLINE_MS };
      const { order } = await answerOf(client.getOrder({ orderId, userId }, options));
      return orderView(present(order, 'order'));
    },
  };
}

function grpcOrderParts(
  context: Pick<ServiceContext, 'log' | 'resources'>,
  paymentAddress: string,
  shippingAddress: string,
): OrderParts {
  const payments = grpcClient(context, PaymentService, paymentAddress, {
    deadlineMs: COMPOSITION_DEADLINE_MS,
    codes: { NOT_FOUND: 'payment-not-found' },
  });
  const shipments = grpcClient(context, ShippingService, shippingAddress, {
    deadlineMs: COMPOSITION_DEADLINE_MS,
    codes: { NOT_FOUND: 'shipment-not-found' },
  });
  return {
    payment: (orderId) =>
      partOf(context.log, 'payment-not-found', async () =>
        paymentView(await payments.getPayment({ orderId })),
      ),
    shipment: (orderId) =>
      partOf(context.log, 'shipment-not-found', async () => {
        const { shipment } = await shipments.getShipment({ orderId });
        return shipmentView(present(shipment, 'shipment'));
      }),
  };
}

function grpcWarehouse(context: Resources, address: string): Warehouse {
  const client = grpcClient(context, InventoryService, address, {
    deadlineMs: QUERY_DEADLINE_MS,
    codes: { NOT_FOUND: 'stock-not-found' },
  });
  return {
    async stock(sku) {
      const answer = await answerOf(client.getStock({ sku }));
      const stock = present(answer.stock, 'stock');
      return {
        sku: stock.sku,
        received: integer(stock.received),
        reserved: integer(stock.reserved),
        available: integer(stock.available),
      };
    },
  };
}

function grpcOrderHistory(context: Resources, address: string): OrderHistory {
  const client = grpcClient(context, QueryService, address, { deadlineMs: QUERY_DEADLINE_MS });
  return {
    async ordersOf(userId, page) {
      const { orders, nextPageToken } = await answerOf(client.listOrders({ userId, ...page }));
      return { items: orders.map(summaryView), nextPageToken: tokenOrNull(nextPageToken) };
    },
  };
}

/** Tells a part that is not there from one that could not be had; why not is in the log. */
async function partOf<T>(log: Logger, absent: ErrorCode, ask: () => Promise<T>): Promise<Part<T>> {
  try {
    return { kind: 'present', value: await ask() };
  } catch (error) {
    if (errorCodeOf(error) === absent) return { kind: 'absent' };
    log.warn({ err: error, absent }, 'a part of an order could not be had');
    return { kind: 'unavailable' };
  }
}

/** The answer to a query. */
async function answerOf<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === undefined || codeOfQueryFailure(code) === code) throw error;
    throw new OperationalError(codeOfQueryFailure(code), { cause: error });
  }
}

const lineMessage = ({ sku, quantity, unitPrice }: OrderLine) => ({
  sku,
  quantity,
  unitPrice: { currency: unitPrice.currency, minorUnits: BigInt(unitPrice.minorUnits) },
});

const tokenOrNull = (token: string): string | null => (token === '' ? null : token);
