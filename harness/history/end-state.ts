/**
 * End states in the one form that the history has them in. A recorder reads an implementation's
 * own layout or, where a service answers for its state by gRPC, asks the service; from then on
 * only this form is known.
 */

export interface Amount {
  readonly currency: string;
  readonly minorUnits: number;
}

export interface EndStates {
  /** Row of a transactional outbox; key = message id. */
  readonly outbox: {
    readonly topic: string;
    readonly recordKey: string;
    readonly eventType: string;
    readonly createdAtMs: number;
  };
  /** A notification that was kept; key = its own id. */
  readonly notification: {
    readonly orderId: string;
    readonly userId: string;
    /** The outcome event's type, such as `OrderApproved`. */
    readonly outcome: string;
  };
  /** A job in Redis; key = jobId. */
  readonly job: {
    readonly userId: string;
    readonly orderId: string;
    readonly state: string;
    readonly sequence: number;
    /** What is left of its time to live; null when it has none. */
    readonly ttlMs: number | null;
  };
  /** A socket's entry in Redis; key = the service's own socket id. */
  readonly 'ws-socket': {
    readonly userId: string;
    readonly node: string;
    readonly ttlMs: number | null;
  };
  /** An order in the read model; key = orderId. */
  readonly 'read-model': {
    readonly userId: string;
    /** PENDING, APPROVED, REJECTED, CANCELLING or CANCELLED. */
    readonly status: string;
    readonly total: Amount;
    readonly reason: string;
    readonly sequence: number;
  };
  /** Stock of a product, as inventory answers; key = sku. */
  readonly stock: {
    readonly received: number;
    readonly reserved: number;
    readonly available: number;
  };
  /** A card, as payment answers; key = card token. */
  readonly card: {
    readonly limit: number;
    readonly held: number;
    readonly captured: number;
  };
  /** What participants hold for an order, as they answer; key = orderId. */
  readonly reservation: { readonly status: string };
  readonly payment: { readonly status: string; readonly amount: number };
  readonly shipment: { readonly status: string };
  /** A Kafka consumer group that was not there when the run began; key = its name. */
  readonly group: { readonly state: string; readonly members: number };
}
export type EndStateKind = keyof EndStates;

const KINDS: Readonly<Record<EndStateKind, true>> = {
  outbox: true,
  notification: true,
  job: true,
  'ws-socket': true,
  'read-model': true,
  stock: true,
  card: true,
  reservation: true,
  payment: true,
  shipment: true,
  group: true,
};
export const END_STATE_KINDS = Object.keys(KINDS) as EndStateKind[];
