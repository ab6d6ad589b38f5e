import type { ErrorCode } from './errors/registry.ts';

/**
 * What the proto files say in words about the fields of requests, for machines: which must be set,
 * and what they may hold. A server refuses a request that breaks a rule.
 */
export type FieldRule = {
  /** What it is refused with; `invalid-request` where absent. */
  readonly code?: ErrorCode;
} & (
  | { readonly form: 'uuid' }
  | { readonly form: 'text'; readonly charsMax?: number }
  /** `not` holds values that it is not. */
  | { readonly form: 'pattern'; readonly not: readonly string[]; readonly optional?: true }
  /** Required where zero is less than the minimum. */
  | { readonly form: 'number'; readonly min: number; readonly max?: number }
  /** A member of its enum, and not the one that is never sent. */
  | { readonly form: 'member' }
  /** A message that has rules of its own. */
  | { readonly form: 'part' }
  | { readonly form: 'list'; readonly max: number }
  /** May be empty, and nothing that it holds is refused. */
  | { readonly form: 'free' }
);

/** The largest message that a service takes; a larger one is RESOURCE_EXHAUSTED. */
export const REQUEST_BYTES_MAX = 1_048_576;

const uuid: FieldRule = { form: 'uuid' };
const text: FieldRule = { form: 'text' };
const sha256: FieldRule = { form: 'pattern', not: ['abc', 'z'.repeat(64)] };
const sku: FieldRule = { form: 'pattern', not: ['a b', 'x'.repeat(65), 'é'] };
const cardToken: FieldRule = { form: 'text', charsMax: 128 };
const pageSize: FieldRule = { form: 'number', min: 0, max: 100 };
const pageToken: FieldRule = { form: 'pattern', not: ['not one of yours'], optional: true };
const orderOnly = { order_id: uuid };

/** By message, then by field, as the proto files name them. */
export const REQUEST_RULES: Readonly<Record<string, Readonly<Record<string, FieldRule>>>> = {
  'sagaproof.auth.v1.AuthenticateRequest': {
    access_token: {
      form: 'pattern',
      not: ['no token', 'a.b.c', `${'a'.repeat(8_193)}.b.c`],
      code: 'unauthenticated',
    },
  },
  'sagaproof.common.v1.Money': {
    currency: { form: 'pattern', not: ['eur', 'EURO', 'E1R'] },
    minor_units: { form: 'number', min: 0 },
  },
  'sagaproof.common.v1.OrderLine': {
    sku,
    quantity: { form: 'number', min: 1, max: 1_000 },
    unit_price: { form: 'part' },
  },
  'sagaproof.common.v1.Address': {
    recipient: text,
    street: text,
    city: text,
    postal_code: text,
    country: { form: 'pattern', not: ['jp', 'JPN', '12'] },
  },
  'sagaproof.inventory.v1.ReceiveStockRequest': {
    receipt_id: uuid,
    sku,
    quantity: { form: 'number', min: 1, max: 1_000_000 },
  },
  'sagaproof.inventory.v1.GetStockRequest': { sku },
  'sagaproof.inventory.v1.GetReservationRequest': orderOnly,
  'sagaproof.jobs.v1.IssueJobRequest': {
    user_id: text,
    kind: { form: 'member' },
    idempotency_key: { form: 'pattern', not: ['k'.repeat(256), 'schlüssel', 'line\nbreak'] },
    request_hash: sha256,
    order_id: uuid,
  },
  'sagaproof.jobs.v1.GetJobRequest': { job_id: uuid, user_id: text },
  'sagaproof.jobs.v1.ListJobsRequest': {
    user_id: text,
    page_size: pageSize,
    page_token: pageToken,
  },
  'sagaproof.jobs.v1.CancelIssueRequest': { job_id: uuid, user_id: text },
  'sagaproof.order.v1.PlaceOrderRequest': {
    job_id: uuid,
    order_id: uuid,
    user_id: text,
    lines: { form: 'list', max: 50 },
    card_token: cardToken,
    address: { form: 'part' },
    contact_email: { form: 'free' },
    request_hash: sha256,
  },
  'sagaproof.order.v1.CancelOrderRequest': { job_id: uuid, order_id: uuid, user_id: text },
  'sagaproof.order.v1.GetOrderRequest': { order_id: uuid, user_id: text },
  'sagaproof.payment.v1.RegisterCardRequest': {
    card_token: cardToken,
    credit_limit: { form: 'part' },
  },
  'sagaproof.payment.v1.GetCardRequest': { card_token: cardToken },
  'sagaproof.payment.v1.GetPaymentRequest': orderOnly,
  'sagaproof.query.v1.ListOrdersRequest': {
    user_id: text,
    page_size: pageSize,
    page_token: pageToken,
  },
  'sagaproof.query.v1.RebuildProjectionRequest': {},
  'sagaproof.shipping.v1.GetShipmentRequest': orderOnly,
  'sagaproof.shipping.v1.DispatchShipmentRequest': orderOnly,
};
