import type { MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { pino } from 'pino';
import { OperationalError } from '#kit/errors.ts';
import { type Handlers, implement, serveGrpc } from '#kit/grpc.ts';
import { createContext, type OwnedContext } from '#kit/service.ts';
import { AuthService } from '#proto/sagaproof/auth/v1/auth_pb.js';
import { InventoryService } from '#proto/sagaproof/inventory/v1/inventory_pb.js';
import {
  type CancelIssueRequestSchema,
  type IssueJobRequestSchema,
  JobKind,
  type JobSchema,
  JobService,
  JobState,
} from '#proto/sagaproof/jobs/v1/jobs_pb.js';
import {
  type CancelOrderRequestSchema,
  OrderService,
  OrderStatus,
  type PlaceOrderRequestSchema,
} from '#proto/sagaproof/order/v1/order_pb.js';
import { PaymentService, PaymentStatus } from '#proto/sagaproof/payment/v1/payment_pb.js';
import { QueryService } from '#proto/sagaproof/query/v1/query_pb.js';
import { ShipmentStatus, ShippingService } from '#proto/sagaproof/shipping/v1/shipping_pb.js';

/** For the tests of the gateway: everything behind it, on real gRPC, as each test wants it. */
export interface FakeProviders {
  readonly address: string;
  readonly calls: {
    readonly issueJob: Array<MessageShape<typeof IssueJobRequestSchema>>;
    readonly cancelIssue: Array<MessageShape<typeof CancelIssueRequestSchema>>;
    readonly placeOrder: Array<MessageShape<typeof PlaceOrderRequestSchema>>;
    readonly cancelOrder: Array<MessageShape<typeof CancelOrderRequestSchema>>;
    readonly traceparents: string[];
  };
  /** What the next calls do; each test replaces what it is about. */
  readonly behaviour: Behaviour;
  end(): Promise<void>;
}

type Behaviour = {
  auth: Writable<Handlers<typeof AuthService>>;
  jobs: Writable<Handlers<typeof JobService>>;
  order: Writable<Handlers<typeof OrderService>>;
  inventory: Writable<Handlers<typeof InventoryService>>;
  payment: Writable<Handlers<typeof PaymentService>>;
  shipping: Writable<Handlers<typeof ShippingService>>;
  query: Writable<Handlers<typeof QueryService>>;
};
type Writable<T> = { -readonly [K in keyof T]: T[K] };

export const JOB_ID = '0192f0c1-2d3e-7a4b-8c5d-6e7f80910a2b';
export const PLACED_AT_MS = 1_764_000_000_123;
export const GOOD_TOKEN = 'header.payload.signature';
export const USER_ID = 'user-1';
export const EMAIL = 'ada@example.com';

/** A context of its own for a test; `lines` takes what is logged. */
export function testContext(lines?: string[]): OwnedContext {
  const config = {
    SERVICE_NAME: 'api-gateway',
    SERVICE_INSTANCE: 'api-gateway-1',
    LOG_LEVEL: 'trace',
    ADMIN_PORT: 0,
    LISTEN_HOST: '127.0.0.1',
  } as const;
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines?.push(line) });
  return createContext(config, log);
}

/** A job as job-management would tell it. */
export const jobMessage = (
  init: MessageInitShape<typeof JobSchema> = {},
): MessageInitShape<typeof JobSchema> => ({
  jobId: JOB_ID,
  userId: USER_ID,
  kind: JobKind.PLACE_ORDER,
  state: JobState.ISSUED,
  issuedAt: timestampFromMs(PLACED_AT_MS),
  updatedAt: timestampFromMs(PLACED_AT_MS),
  expiresAt: timestampFromMs(PLACED_AT_MS + 30_000),
  ...init,
});

/** An order as the order service would tell it. */
export const orderMessage = (orderId: string) => ({
  orderId,
  userId: USER_ID,
  status: OrderStatus.PENDING,
  lines: [{ sku: 'blue-teapot', quantity: 2, unitPrice: { currency: 'EUR', minorUnits: 2_450n } }],
  total: { currency: 'EUR', minorUnits: 4_900n },
  placedAt: timestampFromMs(PLACED_AT_MS),
  revision: 3n,
});

function goodBehaviour(calls: FakeProviders['calls']): Behaviour {
  return {
    auth: {
      authenticate: async ({ accessToken }) => {
        if (accessToken !== GOOD_TOKEN) throw new OperationalError('unauthenticated');
        return { principal: { userId: USER_ID, email: EMAIL, roles: ['customer'] } };
      },
    },
    jobs: {
      issueJob: async (request) => ({
        job: jobMessage({ kind: request.kind, orderId: request.orderId }),
        replayed: false,
      }),
      cancelIssue: async () => ({ cancelled: true }),
      getJob: async ({ jobId }) => ({ job: jobMessage({ jobId, orderId: JOB_ID }) }),
      listJobs: async () => ({ jobs: [jobMessage({ orderId: JOB_ID })], nextPageToken: 'next' }),
    },
    order: {
      placeOrder: async ({ orderId, jobId }, call) => {
        calls.traceparents.push(call.metadata.get('traceparent').map(String).join());
        return { orderId, jobId };
      },
      cancelOrder: async ({ orderId, jobId }) => ({ orderId, jobId }),
      getOrder: async ({ orderId }) => ({ order: orderMessage(orderId) }),
    },
    inventory: {
      getStock: async ({ sku }) => ({
        stock: { sku, received: 10n, reserved: 3n, available: 7n },
      }),
      receiveStock: notUsed,
      getReservation: notUsed,
    },
    payment: {
      getPayment: async ({ orderId }) => ({
        orderId,
        status: PaymentStatus.AUTHORIZED,
        amount: { currency: 'EUR', minorUnits: 4_900n },
      }),
      registerCard: notUsed,
      getCard: notUsed,
    },
    shipping: {
      getShipment: async ({ orderId }) => ({
        shipment: { orderId, status: ShipmentStatus.SCHEDULED, trackingNumber: 'TRACK-1' },
      }),
      dispatchShipment: notUsed,
    },
    query: {
      listOrders: async () => ({
        orders: [
          {
            ...(({ revision: _, ...order }) => order)(orderMessage(JOB_ID)),
            status: 'approved',
            updatedAt: timestampFromMs(PLACED_AT_MS + 5),
            sequence: 6n,
          },
        ],
        nextPageToken: '',
      }),
      rebuildProjection: notUsed,
    },
  };
}

const notUsed = async (): Promise<never> => {
  throw new OperationalError('internal', { detail: 'the gateway never calls this' });
};

/** Starts them on one port of their own. */
export async function startFakeProviders(): Promise<FakeProviders> {
  const context = testContext();
  const calls: FakeProviders['calls'] = {
    issueJob: [],
    cancelIssue: [],
    placeOrder: [],
    cancelOrder: [],
    traceparents: [],
  };
  const behaviour = goodBehaviour(calls);
  const { auth, jobs, order, inventory, payment, shipping, query } = behaviour;
  const recorded =
    <R, C, A>(list: R[], handler: () => (request: R, call: C) => A) =>
    (request: R, call: C): A => {
      list.push(request);
      return handler()(request, call);
    };
  const port = await serveGrpc(context, {
    port: 0,
    services: [
      implement(AuthService, { authenticate: (r, c) => auth.authenticate(r, c) }),
      implement(JobService, {
        issueJob: recorded(calls.issueJob, () => jobs.issueJob),
        cancelIssue: recorded(calls.cancelIssue, () => jobs.cancelIssue),
        getJob: (r, c) => jobs.getJob(r, c),
        listJobs: (r, c) => jobs.listJobs(r, c),
      }),
      implement(OrderService, {
        placeOrder: recorded(calls.placeOrder, () => order.placeOrder),
        cancelOrder: recorded(calls.cancelOrder, () => order.cancelOrder),
        getOrder: (r, c) => order.getOrder(r, c),
      }),
      implement(InventoryService, { ...inventory, getStock: (r, c) => inventory.getStock(r, c) }),
      implement(PaymentService, { ...payment, getPayment: (r, c) => payment.getPayment(r, c) }),
      implement(ShippingService, {
        ...shipping,
        getShipment: (r, c) => shipping.getShipment(r, c),
      }),
      implement(QueryService, { ...query, listOrders: (r, c) => query.listOrders(r, c) }),
    ],
  });
  return { address: `127.0.0.1:${port}`, calls, behaviour, end: () => context.end() };
}
