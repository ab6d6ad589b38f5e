import type { OrderEventsOrderEvent } from '#avro/types.generated.ts';

export type OrderEvent = OrderEventsOrderEvent;

export type OrderStatus = 'pending' | 'approved' | 'rejected' | 'cancelling' | 'cancelled';

export interface Money {
  readonly currency: string;
  readonly minorUnits: number;
}

export interface OrderLine {
  readonly sku: string;
  readonly quantity: number;
  readonly unitPrice: Money;
}

/**
 * One order of the read model: a public document (see the canvas). It is nothing but the fold of
 * its events, so that a rebuild gives the same bytes.
 */
export interface OrderView {
  readonly orderId: string;
  readonly userId: string;
  readonly status: OrderStatus;
  readonly lines: readonly OrderLine[];
  readonly total: Money;
  /** Why it was rejected; empty otherwise. */
  readonly reason: string;
  readonly placedAtMs: number;
  /** When the last event that is folded in happened. */
  readonly updatedAtMs: number;
  /** Number of the last event that is folded in: 1, 2, 3 and so on. */
  readonly sequence: number;
  /** Asked for and not ended: an approval then leads straight on to the cancellation. */
  readonly cancellationRequested: boolean;
}

/** What an event means to a view that may have seen it, or may miss one before it. */
export type Projection =
  | { readonly kind: 'apply'; readonly view: OrderView }
  | { readonly kind: 'ignore'; readonly reason: 'seen-already' }
  | { readonly kind: 'gap'; readonly expected: number }
  /** An order must start with its placement: no later event can correct this one. */
  | { readonly kind: 'misfit'; readonly reason: string };

/** Decides what to do with an event; `view` is undefined while nothing is known of the order. */
export function project(view: OrderView | undefined, event: OrderEvent): Projection {
  const seen = view?.sequence ?? 0;
  if (event.sequence <= seen) return { kind: 'ignore', reason: 'seen-already' };
  if (event.sequence > seen + 1) return { kind: 'gap', expected: seen + 1 };
  if (view === undefined) return begin(event);
  return { kind: 'apply', view: evolve(view, event) };
}

function begin(event: OrderEvent): Projection {
  const { payload, orderId, userId, sequence, occurredAt } = event;
  if (payload.type !== 'OrderPlaced') {
    return { kind: 'misfit', reason: `the first event of an order is ${payload.type}` };
  }
  return {
    kind: 'apply',
    view: {
      orderId,
      userId,
      status: 'pending',
      lines: payload.lines.map(({ sku, quantity, unitPrice }) => ({
        sku,
        quantity,
        unitPrice: copyOf(unitPrice),
      })),
      total: copyOf(payload.total),
      reason: '',
      placedAtMs: occurredAt,
      updatedAtMs: occurredAt,
      sequence,
      cancellationRequested: false,
    },
  };
}

/** The view after one more event. */
function evolve(view: OrderView, event: OrderEvent): OrderView {
  const { sequence, occurredAt } = event;
  return { ...view, ...changeOf(view, event.payload), updatedAtMs: occurredAt, sequence };
}

type Change = Partial<Pick<OrderView, 'status' | 'reason' | 'cancellationRequested'>>;

function changeOf(view: OrderView, payload: OrderEvent['payload']): Change {
  switch (payload.type) {
    case 'OrderApproved':
      return { status: view.cancellationRequested ? 'cancelling' : 'approved' };
    case 'OrderRejected':
      return { status: 'rejected', reason: payload.reason };
    case 'OrderCancellationRequested':
      // While PlaceOrder runs, the wish is only noted: its saga begins when the order is approved.
      return {
        status: view.status === 'approved' ? 'cancelling' : view.status,
        cancellationRequested: true,
      };
    case 'OrderCancellationRefused':
      return {
        status: view.status === 'rejected' ? 'rejected' : 'approved',
        cancellationRequested: false,
      };
    case 'OrderCancelled':
      return { status: 'cancelled', cancellationRequested: false };
    case 'OrderPlaced':
    case 'SagaStepCompleted':
    case 'SagaStepFailed':
    case 'SagaStepRetried':
    case 'SagaCompensationStarted':
    case 'SagaStepCompensated':
      return {};
    default:
      return payload satisfies never;
  }
}

/** The same properties in the same order, whichever decoder made them. */
const copyOf = ({ currency, minorUnits }: Money): Money => ({ currency, minorUnits });

/** Where a page ends: the next one begins behind it. */
export interface Position {
  readonly placedAtMs: number;
  readonly orderId: string;
}

const POSITION = /^([0-9a-z]{1,11})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
const RADIX = 36;

/** A page token. It tells nothing that its reader may not know, and grants nothing. */
export const tokenOf = ({ placedAtMs, orderId }: Position): string =>
  `${placedAtMs.toString(RADIX)}.${orderId}`;

/** The position of a page token; undefined when it is none. */
export function positionOf(token: string): Position | undefined {
  const [, time, orderId] = POSITION.exec(token) ?? [];
  if (time === undefined || orderId === undefined) return undefined;
  const placedAtMs = Number.parseInt(time, RADIX);
  return Number.isSafeInteger(placedAtMs) ? { placedAtMs, orderId } : undefined;
}
