import { ERRORS, type ErrorCode } from '#contracts/spec/errors/registry.ts';

/** Shapes are those of `contracts/spec/openapi.yaml`, which every response is checked against. */
export interface Money {
  readonly currency: string;
  readonly minorUnits: number;
}

export interface OrderLine {
  readonly sku: string;
  readonly quantity: number;
  readonly unitPrice: Money;
}

interface Address {
  readonly recipient: string;
  readonly street: string;
  readonly city: string;
  readonly postalCode: string;
  readonly country: string;
}

/** What a client asks for when it places an order. */
export interface PlaceOrder {
  readonly lines: readonly OrderLine[];
  readonly cardToken: string;
  readonly address: Address;
}

/** Who a request speaks for. */
export interface Principal {
  readonly userId: string;
  readonly roles: readonly string[];
  /** Empty when the token has none. */
  readonly email: string;
}

export type JobKind = 'PLACE_ORDER' | 'CANCEL_ORDER';

export interface Job {
  readonly jobId: string;
  readonly kind: string;
  readonly state: string;
  readonly orderId: string;
  readonly sequence: number;
  readonly step: string | null;
  readonly reason: string | null;
  readonly issuedAt: string;
  readonly updatedAt: string;
  readonly expiresAt: string;
}

export interface Accepted {
  readonly jobId: string;
  readonly orderId: string;
}

export interface Order {
  readonly orderId: string;
  readonly status: string;
  readonly lines: readonly OrderLine[];
  readonly total: Money;
  readonly reason: string | null;
  readonly placedAt: string;
  readonly revision: number;
}

export interface Payment {
  readonly status: string;
  readonly amount: Money | null;
}

export interface Shipment {
  readonly status: string;
  readonly trackingNumber: string | null;
}

export interface Stock {
  readonly sku: string;
  readonly received: number;
  readonly reserved: number;
  readonly available: number;
}

export interface OrderSummary extends Omit<Order, 'revision'> {
  readonly updatedAt: string;
  readonly sequence: number;
}

/** Which part of a list is wanted. */
export interface PageRequest {
  readonly pageSize: number;
  /** Empty for the first page. */
  readonly pageToken: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Null on the last page. */
  readonly nextPageToken: string | null;
}

/** What asking for one part of a composition gave. */
export type Part<T> =
  | { readonly kind: 'present'; readonly value: T }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unavailable' };

const UNAVAILABLE = { status: 'UNAVAILABLE' } as const;

export interface ComposedOrder extends Order {
  readonly payment: Payment | typeof UNAVAILABLE | null;
  readonly shipment: Shipment | typeof UNAVAILABLE | null;
  readonly missing: ReadonlyArray<'payment' | 'shipment'>;
}

/** Puts an order and its parts together; a part that could not be had is marked, not guessed. */
export function composeOrder(
  order: Order,
  parts: { readonly payment: Part<Payment>; readonly shipment: Part<Shipment> },
): ComposedOrder {
  const names = ['payment', 'shipment'] as const;
  return {
    ...order,
    payment: shownPart(parts.payment),
    shipment: shownPart(parts.shipment),
    missing: names.filter((name) => parts[name].kind === 'unavailable'),
  };
}

function shownPart<T>(part: Part<T>): T | typeof UNAVAILABLE | null {
  switch (part.kind) {
    case 'present':
      return part.value;
    case 'absent':
      return null;
    case 'unavailable':
      return UNAVAILABLE;
  }
}

/**
 * The command as a text that is the same for the same command, whatever order the client wrote its
 * properties in; the route is in it, so that one key cannot stand for two kinds of command.
 */
export function canonicalPlaceOrder({ lines, cardToken, address }: PlaceOrder): string {
  const { recipient, street, city, postalCode, country } = address;
  return JSON.stringify([
    'POST /v1/orders',
    lines.map((line) => [
      line.sku,
      line.quantity,
      line.unitPrice.currency,
      line.unitPrice.minorUnits,
    ]),
    cardToken,
    [recipient, street, city, postalCode, country],
  ]);
}

/** See {@link canonicalPlaceOrder}. */
export const canonicalCancelOrder = (orderId: string): string =>
  JSON.stringify(['POST /v1/orders/{orderId}/cancel', orderId]);

/** What happens to a job whose command was not acknowledged. */
export type Settlement = 'withdraw' | 'leave-to-expire';

/**
 * A job is taken back only when nothing can stand behind it.
 *
 * When no answer came, the command may be durable: its job has to stay, and its short expiry ends
 * it if it was not. The same goes for a repeat (`replayed`) that could not reach the order service:
 * the request before it may have been accepted meanwhile. A refusal by rule is safe in both cases,
 * since the order service answers a repeat as it did the first.
 */
export function settle(failure: {
  readonly code: ErrorCode | undefined;
  readonly replayed: boolean;
}): Settlement {
  if (failure.code === undefined || !ERRORS[failure.code].definite) return 'leave-to-expire';
  return failure.replayed && ERRORS[failure.code].retryable ? 'leave-to-expire' : 'withdraw';
}

/**
 * The code that a query shows for a failure of a call behind it. `outcome-unknown` is about
 * commands: a query that got no answer was just not answered.
 */
export const codeOfQueryFailure = (code: ErrorCode): ErrorCode =>
  code === 'outcome-unknown' ? 'unavailable' : code;
