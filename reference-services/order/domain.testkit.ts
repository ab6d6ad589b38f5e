/** Drives the decider in tests: inputs go in, outputs come out as one readable line each. */
import type { InventoryEventsOrderLine } from '#avro/types.generated.ts';
import {
  decide,
  evolve,
  type Input,
  initialState,
  type OrderState,
  type Output,
  type ParticipantEvent,
  type PlaceOrder,
  type Policy,
  type StoredEvent,
  toFacts,
} from './domain.ts';

export const POLICY: Policy = { stepTimeoutMs: 5000, backoffFirstMs: 250, backoffMaxMs: 5000 };
const ORDER_ID = '0198b000-0000-7000-8000-000000000001';
export const PLACE_JOB = 'job-place';
export const CANCEL_JOB = 'job-cancel';
const AMOUNT = { currency: 'EUR', minorUnits: 2500 };
const LINES: readonly InventoryEventsOrderLine[] = [{ sku: 'tea', quantity: 2 }];

export const PLACE: PlaceOrder = {
  kind: 'PlaceOrder',
  jobId: PLACE_JOB,
  orderId: ORDER_ID,
  userId: 'user-1',
  lines: [{ sku: 'tea', quantity: 2, unitPrice: { currency: 'EUR', minorUnits: 1250 } }],
  total: AMOUNT,
  cardToken: 'card-1',
  address: { recipient: 'A', street: 'B 1', city: 'C', postalCode: '1', country: 'DE' },
  contactEmail: 'a@example.org',
  requestHash: 'hash-1',
};

/** One well-formed event of each type that a participant can say. */
export const SAID = {
  StockReceived: { type: 'StockReceived', sku: 'tea', quantity: 1 },
  StockReserved: { type: 'StockReserved', lines: LINES },
  StockReservationRefused: { type: 'StockReservationRefused', reason: 'out-of-stock', sku: 'tea' },
  StockReleased: { type: 'StockReleased', effective: true, lines: LINES },
  StockRestocked: { type: 'StockRestocked', effective: true, lines: LINES },
  CardRegistered: { type: 'CardRegistered', cardToken: 'card-1', creditLimit: AMOUNT },
  PaymentAuthorized: { type: 'PaymentAuthorized', cardToken: 'card-1', amount: AMOUNT },
  PaymentDeclined: { type: 'PaymentDeclined', reason: 'card-declined' },
  PaymentVoided: { type: 'PaymentVoided', effective: true, amount: AMOUNT },
  PaymentCaptured: { type: 'PaymentCaptured', amount: AMOUNT },
  PaymentCaptureFailed: {
    type: 'PaymentCaptureFailed',
    attempt: 1,
    reason: 'acquirer-unavailable',
  },
  PaymentRefunded: { type: 'PaymentRefunded', effective: true, amount: AMOUNT },
  ShipmentScheduled: { type: 'ShipmentScheduled', trackingNumber: 'T-1' },
  ShipmentRefused: { type: 'ShipmentRefused', reason: 'address-undeliverable' },
  ShipmentCancelled: { type: 'ShipmentCancelled', effective: true },
  ShipmentCancellationRefused: {
    type: 'ShipmentCancellationRefused',
    reason: 'shipment-dispatched',
  },
  ShipmentDispatched: { type: 'ShipmentDispatched' },
} as const satisfies { [T in ParticipantEvent['type']]: Extract<ParticipantEvent, { type: T }> };
export type Said = keyof typeof SAID;

/** An order's life in a test: what was stored, where it is, and what the last input led to. */
export class OrderLife {
  state: OrderState = initialState;
  readonly stored: StoredEvent[] = [];
  #nowMs = 1_000_000;

  /** Feeds one input and tells what it led to. */
  feed(input: Input): string[] {
    const decision = decide(input, this.state, POLICY);
    if (decision.kind === 'rejected') return [`rejected ${decision.reason}`];
    this.#nowMs += 1;
    const at = { orderId: ORDER_ID, userId: PLACE.userId, nowMs: this.#nowMs };
    for (const fact of toFacts(decision.outputs, this.state, at)) {
      const event = { id: `e${this.stored.length}`, fact };
      this.stored.push(event);
      this.state = evolve(this.state, event);
    }
    return decision.outputs.map(describeOutput);
  }

  place(change: Partial<PlaceOrder> = {}): string[] {
    return this.feed({ ...PLACE, ...change });
  }

  cancel(jobId = CANCEL_JOB, userId = PLACE.userId): string[] {
    return this.feed({ kind: 'CancelOrder', jobId, orderId: ORDER_ID, userId });
  }

  /** A participant answers the newest command, or the one that is named. */
  receives(type: Said, causationId: string | null = this.command().id): string[] {
    return this.feed({ kind: 'Reply', messageId: `m-${type}`, causationId, event: SAID[type] });
  }

  /** The running wait ends, or the one that is named. */
  timer(timerId: string = this.wait().id): string[] {
    return this.feed({ kind: 'TimerFired', timerId });
  }

  /** The newest command, or the newest with this name. */
  command(type?: string): StoredEvent {
    return this.#newest(
      ({ fact }) =>
        fact.kind === 'command' && (type === undefined || fact.command.payload.type === type),
    );
  }

  wait(): StoredEvent {
    return this.#newest(({ fact }) => fact.kind !== 'public');
  }

  #newest(wanted: (event: StoredEvent) => boolean): StoredEvent {
    const found = this.stored.findLast(wanted);
    if (found === undefined) throw new Error('the order has no such event yet');
    return found;
  }
}

/** An order that was placed and then received these answers, each to the command of its moment. */
export function placedWithReplies(...said: readonly Said[]): OrderLife {
  const life = new OrderLife();
  life.place();
  for (const type of said) life.receives(type);
  return life;
}

export const UNTIL_APPROVED = [
  'StockReserved',
  'PaymentAuthorized',
  'ShipmentScheduled',
  'PaymentCaptured',
] as const satisfies readonly Said[];

/** One line for an output: kind, what, and what tells it apart. */
function describeOutput(output: Output): string {
  switch (output.kind) {
    case 'Send':
      return `Send ${output.command.payload.type} attempt ${output.attempt}`;
    case 'Schedule':
      return `Schedule ${output.step} attempt ${output.attempt} in ${output.waitMs} ms`;
    case 'Ignore':
      return `Ignore ${output.reason}`;
    case 'Publish':
    case 'Complete': {
      const { type, ...rest } = output.event;
      const details = Object.values(rest).filter((value) =>
        ['string', 'boolean', 'number'].includes(typeof value),
      );
      return [output.kind, type, ...details.filter((value) => value !== PLACE.contactEmail)].join(
        ' ',
      );
    }
    default:
      return output satisfies never;
  }
}
