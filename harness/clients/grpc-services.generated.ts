// Generated from contracts/topology.yaml by `pnpm generate`. Edit that file instead.
import type { DescService } from '@bufbuild/protobuf';
import { AuthService } from '#proto/sagaproof/auth/v1/auth_pb.js';
import { JobService } from '#proto/sagaproof/jobs/v1/jobs_pb.js';
import { OrderService } from '#proto/sagaproof/order/v1/order_pb.js';
import { InventoryService } from '#proto/sagaproof/inventory/v1/inventory_pb.js';
import { PaymentService } from '#proto/sagaproof/payment/v1/payment_pb.js';
import { ShippingService } from '#proto/sagaproof/shipping/v1/shipping_pb.js';
import { QueryService } from '#proto/sagaproof/query/v1/query_pb.js';

/** Every gRPC service, by the service that serves it. */
export const GRPC_SERVICES = {
  'auth': AuthService,
  'job-management': JobService,
  'order': OrderService,
  'inventory': InventoryService,
  'payment': PaymentService,
  'shipping': ShippingService,
  'query': QueryService,
} as const satisfies Record<string, DescService>;
