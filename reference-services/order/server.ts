/** gRPC in and out: what comes is checked by schema here, and domain refusals become errors. */

import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { z } from 'zod';
import { LIMITS } from '#contracts/spec/limits.generated.ts';
import { OperationalError } from '#kit/errors.ts';
import { type Implementation, implement } from '#kit/grpc.ts';
import { OrderService, OrderStatus } from '#proto/sagaproof/order/v1/order_pb.js';
import type { Accepted, OrderApp } from './app.ts';
import type { Money, OrderState, PlaceOrder, PricedLine, Rejected } from './domain.ts';

const LINES_MAX = LIMITS.order.lines;
const QUANTITY_MAX = LIMITS.order.quantity;
const TEXT_CHARS_MAX = 200;
const USER_ID_CHARS_MAX = 256;
/** As long as auth accepts them. Whether one is an address is for those to say who write to it. */
const EMAIL_CHARS_MAX = 320;

/** A character is a code point, as in the OpenAPI document. */
const text = z
  .string()
  .min(1)
  .refine((value) => [...value].length <= TEXT_CHARS_MAX);
const userId = z.string().min(1).max(USER_ID_CHARS_MAX);
/** Any UUID: gateways differ in the version they use. */
const uuid = z.guid();
/** Amounts are whole numbers that JSON can carry. */
const minorUnits = z.bigint().min(0n).max(BigInt(Number.MAX_SAFE_INTEGER)).transform(Number);
const money = z.object({ currency: z.string().regex(/^[A-Z]{3}$/), minorUnits });
const line = z.object({
  sku: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/),
  quantity: z.int().min(1).max(QUANTITY_MAX),
  unitPrice: money,
});
const address = z.object({
  recipient: text,
  street: text,
  city: text,
  postalCode: text,
  country: z.string().regex(/^[A-Z]{2}$/),
});
const placeOrderRequest = z.object({
  jobId: uuid,
  orderId: uuid,
  userId,
  lines: z.array(line).min(1).max(LINES_MAX),
  cardToken: z.string().min(1).max(128),
  address,
  contactEmail: z.string().max(EMAIL_CHARS_MAX),
  requestHash: z.string().regex(/^[0-9a-f]{64}$/i),
});
const cancelOrderRequest = z.object({ jobId: uuid, orderId: uuid, userId });
const getOrderRequest = z.object({ orderId: uuid, userId });

/** OrderService over the use cases. */
export function orderServer(app: OrderApp): Implementation {
  return implement(OrderService, {
    placeOrder: async (request) => {
      const command = placeOrderOf(valid(placeOrderRequest, request));
      const { jobId } = accepted(await app.placeOrder(command));
      return { orderId: command.orderId, jobId };
    },
    cancelOrder: async (request) => {
      const command = valid(cancelOrderRequest, request);
      const { jobId } = accepted(await app.cancelOrder({ kind: 'CancelOrder', ...command }));
      return { orderId: command.orderId, jobId };
    },
    getOrder: async (request) => {
      const { orderId, userId } = valid(getOrderRequest, request);
      const state = await app.getOrder(orderId, userId);
      if (state === undefined) throw new OperationalError('order-not-found');
      return { order: orderMessage(state) };
    },
  });
}

function valid<S extends z.ZodType>(schema: S, request: unknown): z.infer<S> {
  const parsed = schema.safeParse(request);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  // The place of the first mistake, and never the value: it may be a card's token.
  throw new OperationalError('invalid-request', {
    detail: `${issue?.path.join('.') ?? 'request'} is not valid`,
  });
}

function placeOrderOf(request: z.infer<typeof placeOrderRequest>): PlaceOrder {
  return { kind: 'PlaceOrder', ...request, total: totalOf(request.lines) };
}

/** What all lines cost together. */
function totalOf(lines: readonly PricedLine[]): Money {
  const currencies = new Set(lines.map(({ unitPrice }) => unitPrice.currency));
  const [currency] = currencies;
  if (currency === undefined || currencies.size > 1) {
    throw new OperationalError('invalid-request', {
      detail: 'the lines are in several currencies',
    });
  }
  const total = lines.reduce(
    (sum, { quantity, unitPrice }) => sum + BigInt(quantity) * BigInt(unitPrice.minorUnits),
    0n,
  );
  if (total > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new OperationalError('invalid-request', { detail: 'the total is too large' });
  }
  return { currency, minorUnits: Number(total) };
}

function accepted(outcome: Accepted | Rejected): Accepted {
  if (outcome.kind === 'rejected') throw new OperationalError(outcome.reason);
  return outcome;
}

const STATUSES = {
  none: OrderStatus.UNSPECIFIED,
  pending: OrderStatus.PENDING,
  approved: OrderStatus.APPROVED,
  rejected: OrderStatus.REJECTED,
  cancelling: OrderStatus.CANCELLING,
  cancelled: OrderStatus.CANCELLED,
} as const satisfies Record<OrderState['status'], OrderStatus>;

function orderMessage({ order, status, reason, sequence }: OrderState) {
  if (order === undefined) throw new OperationalError('order-not-found');
  return {
    orderId: order.orderId,
    userId: order.userId,
    status: STATUSES[status],
    lines: order.lines.map((line) => ({ ...line, unitPrice: moneyMessage(line.unitPrice) })),
    total: moneyMessage(order.total),
    reason,
    placedAt: timestampFromMs(order.placedAtMs),
    revision: BigInt(sequence),
  };
}

function moneyMessage({ currency, minorUnits }: Money) {
  return { currency, minorUnits: BigInt(minorUnits) };
}
