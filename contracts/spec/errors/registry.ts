/**
 * Every error code that crosses a boundary, in one table: callers match on the code, never on a
 * class or a message. gRPC carries it in the trailer `sagaproof-error-code`, HTTP in the problem
 * detail's `code`, Kafka replies and job updates in `reason`.
 *
 * `definite`: the operation certainly had no effect. `retryable`: the same call may succeed later.
 */

/** gRPC status names, as in https://grpc.io/docs/guides/status-codes/. */
export type GrpcStatusName =
  | 'INVALID_ARGUMENT'
  | 'UNAUTHENTICATED'
  | 'PERMISSION_DENIED'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'FAILED_PRECONDITION'
  | 'RESOURCE_EXHAUSTED'
  | 'UNAVAILABLE'
  | 'DEADLINE_EXCEEDED'
  | 'INTERNAL';

export interface ErrorEntry {
  readonly http: number;
  readonly grpc: GrpcStatusName;
  readonly definite: boolean;
  readonly retryable: boolean;
  /** One sentence for the caller; no internals. */
  readonly title: string;
}

const refusal = (http: number, grpc: GrpcStatusName, title: string): ErrorEntry => ({
  http,
  grpc,
  definite: true,
  retryable: false,
  title,
});

/** Codes of the boundaries: HTTP, gRPC, WebSocket. */
export const ERRORS = {
  'invalid-request': refusal(400, 'INVALID_ARGUMENT', 'The request does not match its schema.'),
  'body-too-large': refusal(413, 'RESOURCE_EXHAUSTED', 'The body is larger than allowed.'),
  'headers-too-large': refusal(431, 'RESOURCE_EXHAUSTED', 'The headers are larger than allowed.'),
  'request-timeout': {
    http: 408,
    grpc: 'DEADLINE_EXCEEDED',
    definite: true,
    retryable: true,
    title: 'The request did not arrive in time.',
  },
  'unsupported-media-type': refusal(415, 'INVALID_ARGUMENT', 'The body must be JSON.'),
  unauthenticated: refusal(401, 'UNAUTHENTICATED', 'A valid access token is needed.'),
  'token-expired': refusal(401, 'UNAUTHENTICATED', 'The access token has expired.'),
  forbidden: refusal(403, 'PERMISSION_DENIED', 'The caller may not do this.'),
  'route-not-found': refusal(404, 'NOT_FOUND', 'There is nothing at this address.'),
  'method-not-allowed': refusal(405, 'INVALID_ARGUMENT', 'This address has no such method.'),
  'job-not-found': refusal(404, 'NOT_FOUND', 'There is no such job, or it has expired.'),
  'order-not-found': refusal(404, 'NOT_FOUND', 'There is no such order.'),
  'stock-not-found': refusal(404, 'NOT_FOUND', 'There is no such product.'),
  'reservation-not-found': refusal(404, 'NOT_FOUND', 'The order has no reservation.'),
  'card-not-found': refusal(404, 'NOT_FOUND', 'There is no such card.'),
  'payment-not-found': refusal(404, 'NOT_FOUND', 'The order has no payment.'),
  'shipment-not-found': refusal(404, 'NOT_FOUND', 'The order has no shipment.'),
  'shipment-not-scheduled': refusal(409, 'FAILED_PRECONDITION', 'There is nothing to hand over.'),
  'order-not-cancellable': refusal(
    409,
    'FAILED_PRECONDITION',
    'The order is rejected, cancelled, or being cancelled already.',
  ),
  'idempotency-key-reused': refusal(
    422,
    'FAILED_PRECONDITION',
    'This Idempotency-Key was used with another request.',
  ),
  'projection-rebuilding': refusal(409, 'ALREADY_EXISTS', 'A rebuild is under way already.'),
  'rate-limited': {
    http: 429,
    grpc: 'RESOURCE_EXHAUSTED',
    definite: true,
    retryable: true,
    title: 'Too many requests; see Retry-After.',
  },
  unavailable: {
    http: 503,
    grpc: 'UNAVAILABLE',
    definite: true,
    retryable: true,
    title: 'A part that this needs cannot be reached; nothing was kept.',
  },
  'outcome-unknown': {
    http: 503,
    grpc: 'DEADLINE_EXCEEDED',
    definite: false,
    retryable: true,
    title: 'No answer came in time; repeat with the same Idempotency-Key.',
  },
  internal: {
    http: 500,
    grpc: 'INTERNAL',
    definite: false,
    retryable: false,
    title: 'Something went wrong here; the trace id finds it.',
  },
} as const satisfies Record<string, ErrorEntry>;
export type ErrorCode = keyof typeof ERRORS;

/** Reasons that sagas, replies and job updates give: domain refusals, never thrown. */
export const REASONS = {
  'out-of-stock': 'A product of the order is not available in the quantity asked for.',
  'reservation-released': 'The reservation was released before the request to make it came.',
  'card-declined': 'The card does not exist or its issuer declines it.',
  'credit-limit-exceeded': 'The amount is more than the card has left.',
  'payment-voided': 'The payment was voided before the request to authorise it came.',
  'acquirer-unavailable': 'The acquirer could not take the amount this time.',
  'address-undeliverable': 'No carrier delivers to this address.',
  'shipment-cancelled': 'The shipment was cancelled before the request to schedule it came.',
  'shipment-dispatched': 'The parcel is with the carrier already.',
  'step-timed-out': 'A participant did not answer in time.',
  'order-rejected': 'The order was rejected before it could be cancelled.',
} as const;

/** The gRPC trailer that carries an {@link ErrorCode}. */
export const ERROR_CODE_TRAILER = 'sagaproof-error-code';
