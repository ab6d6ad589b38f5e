import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { type Handlers, type Implementation, implement } from '#kit/grpc.ts';
import { QueryService } from '#proto/sagaproof/query/v1/query_pb.js';
import type { Query } from './app.ts';
import type { Money, OrderView } from './domain.ts';

/** A rebuild takes as long as the log is; its caller sets how long it waits. */
const CALL_TIMEOUT_MS_MAX = 300_000;

/** The gRPC side of the read model. */
export function createServer(query: Query): Implementation {
  const handlers: Handlers<typeof QueryService> = {
    async listOrders({ userId, pageSize, pageToken }) {
      const page = await query.listOrders({ userId, pageSize, pageToken });
      return { orders: page.orders.map(summaryOf), nextPageToken: page.nextPageToken };
    },
    async rebuildProjection(_request, call) {
      const { events, orders } = await query.rebuild(call.signal);
      return { events: BigInt(events), orders: BigInt(orders) };
    },
  };
  return implement(QueryService, handlers, { timeoutMsMax: CALL_TIMEOUT_MS_MAX });
}

const summaryOf = (view: OrderView) => ({
  orderId: view.orderId,
  status: view.status,
  lines: view.lines.map(({ sku, quantity, unitPrice }) => ({
    sku,
    quantity,
    unitPrice: moneyOf(unitPrice),
  })),
  total: moneyOf(view.total),
  reason: view.reason,
  placedAt: timestampFromMs(view.placedAtMs),
  updatedAt: timestampFromMs(view.updatedAtMs),
  sequence: BigInt(view.sequence),
});

const moneyOf = ({ currency, minorUnits }: Money) => ({
  currency,
  minorUnits: BigInt(minorUnits),
});
