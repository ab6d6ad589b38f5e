/**
 * The words of the order domain: what comes in, what a decision gives out, what is stored, and the
 * state that stored events fold into. Types only.
 */
import type {
  InventoryCommandsInventoryCommand,
  InventoryEventsInventoryEvent,
  OrderEventsMoney,
  OrderEventsOrderEvent,
  OrderEventsPricedLine,
  OrderEventsSaga,
  OrderEventsSagaStep,
  PaymentCommandsPaymentCommand,
  PaymentEventsPaymentEvent,
  ShippingCommandsScheduleShipment,
  ShippingCommandsShippingCommand,
  ShippingEventsShippingEvent,
} from '#avro/types.generated.ts';
import type { ErrorCode } from '#contracts/spec/errors/registry.ts';

export type Money = OrderEventsMoney;
export type PricedLine = OrderEventsPricedLine;
type Address = ShippingCommandsScheduleShipment['address'];
export type Saga = OrderEventsSaga;
export type Step = Exclude<OrderEventsSagaStep, 'UNKNOWN'>;
/** `do` is the step itself, `undo` its compensation. */
type Direction = 'do' | 'undo';

/** What the sagas ask of their participants. */
export type ParticipantCommand =
  | { readonly to: 'inventory'; readonly payload: InventoryCommandsInventoryCommand['payload'] }
  | { readonly to: 'payment'; readonly payload: PaymentCommandsPaymentCommand['payload'] }
  | { readonly to: 'shipping'; readonly payload: ShippingCommandsShippingCommand['payload'] };

type PublicEvent = OrderEventsOrderEvent['payload'];
type OutcomeEvent = Extract<
  PublicEvent,
  { type: 'OrderApproved' | 'OrderRejected' | 'OrderCancellationRefused' | 'OrderCancelled' }
>;
export type ParticipantEvent =
  | InventoryEventsInventoryEvent['payload']
  | PaymentEventsPaymentEvent['payload']
  | ShippingEventsShippingEvent['payload'];

/** What a customer asks for. */
export interface PlaceOrder {
  readonly kind: 'PlaceOrder';
  readonly jobId: string;
  readonly orderId: string;
  readonly userId: string;
  readonly lines: readonly PricedLine[];
  readonly total: Money;
  readonly cardToken: string;
  readonly address: Address;
  readonly contactEmail: string;
  readonly requestHash: string;
}
export interface CancelOrder {
  readonly kind: 'CancelOrder';
  readonly jobId: string;
  readonly orderId: string;
  readonly userId: string;
}
/** What a participant says; a reply when `causationId` is a command of ours. */
export interface Reply {
  readonly kind: 'Reply';
  readonly messageId: string;
  readonly causationId: string | null;
  readonly event: ParticipantEvent;
}
/** The wait that the stored event `timerId` began is over. */
export interface TimerFired {
  readonly kind: 'TimerFired';
  readonly timerId: string;
}
export type Input = PlaceOrder | CancelOrder | Reply | TimerFired;

/** Why an input changes nothing: each one is a named and tested result. */
export type IgnoreReason =
  /** The same command again: the first answer holds. */
  | 'command-repeated'
  /** A participant's event that answers no command (`ShipmentDispatched`, `StockReceived`). */
  | 'not-a-reply'
  /** It answers a command that this order never sent. */
  | 'cause-unknown'
  /** The command was answered before: a duplicate, or the answer to an older attempt. */
  | 'answered-already'
  /** The answer to a step that was given up because no answer came in time. */
  | 'too-late'
  /** It is no answer to the command that it names: the participant breaks the contract. */
  | 'reply-unexpected'
  /** The wait ended before its timer fired. */
  | 'timer-superseded';

/** The closed output alphabet of the sagas. Every `Send` has a time-out: none waits for ever. */
export type Output =
  | {
      readonly kind: 'Send';
      readonly jobId: string;
      readonly saga: Saga;
      readonly step: Step;
      readonly direction: Direction;
      readonly attempt: number;
      readonly timeoutMs: number;
      readonly command: ParticipantCommand;
    }
  | {
      readonly kind: 'Publish';
      readonly jobId: string;
      readonly event: Exclude<PublicEvent, OutcomeEvent>;
      readonly placement?: Placement;
    }
  | {
      readonly kind: 'Schedule';
      readonly jobId: string;
      readonly saga: Saga;
      readonly step: Step;
      readonly direction: Direction;
      /** The attempt that comes when the wait is over, and why it has to. */
      readonly attempt: number;
      readonly reason: string;
      readonly waitMs: number;
    }
  | { readonly kind: 'Complete'; readonly jobId: string; readonly event: OutcomeEvent }
  | { readonly kind: 'Ignore'; readonly reason: IgnoreReason };

/** A domain refusal is a value. */
export interface Rejected {
  readonly kind: 'rejected';
  readonly reason: Extract<
    ErrorCode,
    'order-not-found' | 'order-not-cancellable' | 'idempotency-key-reused'
  >;
}
interface Decided {
  readonly kind: 'decided';
  readonly outputs: readonly Output[];
}
export type Decision = Decided | Rejected;

/** What an order keeps to itself: stored with `OrderPlaced`, published nowhere. */
interface Placement {
  readonly requestHash: string;
  readonly cardToken: string;
  readonly address: Address;
  readonly contactEmail: string;
}

interface StoredBase {
  readonly orderId: string;
  readonly userId: string;
  readonly jobId: string;
  /** Epoch milliseconds. */
  readonly occurredAt: number;
}
/** The stored form of `Publish` and `Complete`: one record of `order.events`. */
export interface StoredPublicEvent extends StoredBase {
  readonly kind: 'public';
  /** 1 for the order's first event on `order.events`, then without a gap. */
  readonly sequence: number;
  readonly payload: PublicEvent;
  readonly placement?: Placement;
}
/** The stored form of `Send`: one record of `<to>.commands`, and the begin of a wait. */
export interface StoredCommand extends StoredBase {
  readonly kind: 'command';
  readonly saga: Saga;
  readonly step: Step;
  readonly direction: Direction;
  readonly attempt: number;
  readonly timeoutMs: number;
  readonly command: ParticipantCommand;
}
/** The stored form of `Schedule`: the begin of a wait. */
interface StoredWait extends StoredBase {
  readonly kind: 'wait';
  readonly saga: Saga;
  readonly step: Step;
  readonly direction: Direction;
  readonly attempt: number;
  readonly reason: string;
  readonly waitMs: number;
}
export type StoredFact = StoredPublicEvent | StoredCommand | StoredWait;
/** A fact with the identity under which it is stored; also the id of the message it becomes. */
export interface StoredEvent {
  readonly id: string;
  readonly fact: StoredFact;
}

export interface Order extends Placement {
  readonly orderId: string;
  readonly userId: string;
  readonly jobId: string;
  readonly lines: readonly PricedLine[];
  readonly total: Money;
  readonly placedAtMs: number;
}
/** What the commands of the sagas are made of. */
export type OrderDetails = Pick<Order, 'lines' | 'total' | 'cardToken' | 'address'>;

/** State of a command: only an awaited one can be answered. */
export type CommandFate = 'awaited' | 'answered' | 'given-up';

export interface RunningSaga {
  readonly saga: Saga;
  readonly jobId: string;
  readonly step: Step;
  readonly direction: Direction;
  readonly attempt: number;
  /** The stored event that began the wait which is on now. */
  readonly timerId: string;
  readonly waitsFor: 'reply' | 'retry';
  /** Why the next attempt has to come; set while `waitsFor` is `retry`. */
  readonly retryReason?: string;
}
type OrderStatus = 'none' | 'pending' | 'approved' | 'rejected' | 'cancelling' | 'cancelled';

export interface OrderState {
  readonly status: OrderStatus;
  readonly order?: Order;
  /** How many events of the order are on `order.events`. */
  readonly sequence: number;
  /** Why it was rejected, or why its cancellation was refused. */
  readonly reason: string;
  /** Why PlaceOrder is being undone. */
  readonly failure?: string;
  readonly running?: RunningSaga;
  /** The job of a cancellation that has been asked for and has not ended. */
  readonly cancellationJobId?: string;
  /** Every job that ever asked to cancel. */
  readonly cancellationJobIds: readonly string[];
  readonly commands: Readonly<Record<string, CommandFate>>;
}

/** How long to wait; from configuration. */
export interface Policy {
  readonly stepTimeoutMs: number;
  readonly backoffFirstMs: number;
  readonly backoffMaxMs: number;
}
