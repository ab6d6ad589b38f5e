// Generated from avro/*.avsc by `pnpm generate`. Do not edit.

/** One product and how many of it. */
export interface InventoryCommandsOrderLine {
  /** Stock-keeping unit. */
  readonly sku: string;
  /** 1 to 1000. */
  readonly quantity: number;
}

/** Hold stock for an order: all lines or none. */
export interface InventoryCommandsReserveStock {
  readonly type: 'ReserveStock';
  /** What to hold. */
  readonly lines: ReadonlyArray<InventoryCommandsOrderLine>;
}

/** Undo ReserveStock. Safe before, during and after it; once it came, a later ReserveStock of the order is refused. */
export interface InventoryCommandsReleaseStock {
  readonly type: 'ReleaseStock';
}

/** Put the stock of a cancelled order back. */
export interface InventoryCommandsRestockItems {
  readonly type: 'RestockItems';
}

/** What the order saga asks of inventory. */
export interface InventoryCommandsInventoryCommand {
  /** Identity of the message: a consumer has at most one effect for it. Equals the header `id`. */
  readonly messageId: string;
  /** The job that reports on it. */
  readonly jobId: string;
  /** The order it is about; the record's key. */
  readonly orderId: string;
  /** The message or stored event that led to it. */
  readonly causationId: string;
  /** When it happened, by the publisher's clock. */
  readonly occurredAt: number;
  /** What it says; the branch is its type and equals the header `eventType`. */
  readonly payload: InventoryCommandsReserveStock | InventoryCommandsReleaseStock | InventoryCommandsRestockItems;
}

/** Goods arrived. */
export interface InventoryEventsStockReceived {
  readonly type: 'StockReceived';
  /** Product. */
  readonly sku: string;
  /** How many. */
  readonly quantity: number;
}

/** One product and how many of it. */
export interface InventoryEventsOrderLine {
  /** Stock-keeping unit. */
  readonly sku: string;
  /** 1 to 1000. */
  readonly quantity: number;
}

/** Stock is held for the order. */
export interface InventoryEventsStockReserved {
  readonly type: 'StockReserved';
  /** What is held. */
  readonly lines: ReadonlyArray<InventoryEventsOrderLine>;
}

/** Nothing is held for the order. */
export interface InventoryEventsStockReservationRefused {
  readonly type: 'StockReservationRefused';
  /** Code of the error registry. */
  readonly reason: string;
  /** The product that was short, if one was. */
  readonly sku: null | string;
}

/** The reservation was undone. */
export interface InventoryEventsStockReleased {
  readonly type: 'StockReleased';
  /** False when there was nothing to undo: it came before the step, or again. */
  readonly effective: boolean;
  /** What came free; empty when not effective. */
  readonly lines: ReadonlyArray<InventoryEventsOrderLine>;
}

/** The stock of a cancelled order is back. */
export interface InventoryEventsStockRestocked {
  readonly type: 'StockRestocked';
  /** False when there was nothing to undo: it came before the step, or again. */
  readonly effective: boolean;
  /** What came back; empty when not effective. */
  readonly lines: ReadonlyArray<InventoryEventsOrderLine>;
}

/** What happened in inventory; also its replies to the saga. Keyed by order, or by product when about none. */
export interface InventoryEventsInventoryEvent {
  /** Identity of the message: a consumer has at most one effect for it. Equals the header `id`. */
  readonly messageId: string;
  /** The job that reports on it; null when no job led to it. */
  readonly jobId: null | string;
  /** The order it is about; null when it is about none. */
  readonly orderId: null | string;
  /** The command that led to it: what a reply answers. */
  readonly causationId: null | string;
  /** When it happened, by the publisher's clock. */
  readonly occurredAt: number;
  /** What it says; the branch is its type and equals the header `eventType`. */
  readonly payload: InventoryEventsStockReceived | InventoryEventsStockReserved | InventoryEventsStockReservationRefused | InventoryEventsStockReleased | InventoryEventsStockRestocked;
}

/** By level, the update that a subscriber of it saw before this one; 0 when none. */
export interface JobUpdatesPreviousSequences {
  /** At level OUTCOME. */
  readonly outcome: number;
  /** At level PROGRESS. */
  readonly progress: number;
  /** At level DETAIL. */
  readonly detail: number;
}

/** The lowest level that sees it; each level includes the ones before. */
export type JobUpdatesSubscribeLevel = 'OUTCOME' | 'PROGRESS' | 'DETAIL';

/** What happened. */
export type JobUpdatesJobUpdateKind = 'UNKNOWN' | 'STARTED' | 'STEP_COMPLETED' | 'STEP_FAILED' | 'STEP_RETRIED' | 'COMPENSATING' | 'STEP_COMPENSATED' | 'DOMAIN_EVENT' | 'SUCCEEDED' | 'FAILED' | 'EXPIRED';

/** Where the job is after it. */
export type JobUpdatesJobState = 'ISSUED' | 'RUNNING' | 'COMPENSATING' | 'SUCCEEDED' | 'FAILED';

/** One change of a job, as its user may see it. Keyed by jobId. */
export interface JobUpdatesJobUpdate {
  /** Identity of the message. Equals the header `id`. */
  readonly messageId: string;
  /** The job; the record's key. */
  readonly jobId: string;
  /** Its owner: nobody else may see it. */
  readonly userId: string;
  /** The order it is about. */
  readonly orderId: string;
  /** 1 for the first update of the job, then without a gap. */
  readonly sequence: number;
  /** What makes a gap visible at every level. */
  readonly previousSequences: JobUpdatesPreviousSequences;
  /** The lowest level that sees it. */
  readonly level: JobUpdatesSubscribeLevel;
  /** What happened. SUCCEEDED and FAILED are terminal and come once; only EXPIRED may follow. */
  readonly kind: JobUpdatesJobUpdateKind;
  /** Where the job is after it. */
  readonly state: JobUpdatesJobState;
  /** The saga step it is about, as in order.events. */
  readonly step: null | string;
  /** For DOMAIN_EVENT: the type of the event. */
  readonly detail: null | string;
  /** Code of the error registry. */
  readonly reason: null | string;
  /** The event that led to it. */
  readonly causationId: string;
  /** When that event happened. */
  readonly occurredAt: number;
}

/** An amount without fractions of the minor unit. */
export interface OrderEventsMoney {
  /** ISO 4217 code. */
  readonly currency: string;
  /** Amount in cents, yen and so on; never negative. */
  readonly minorUnits: number;
}

/** One product, how many of it, and its price. */
export interface OrderEventsPricedLine {
  /** Stock-keeping unit. */
  readonly sku: string;
  /** 1 to 1000. */
  readonly quantity: number;
  /** Price of one piece. */
  readonly unitPrice: OrderEventsMoney;
}

/** The PlaceOrder saga starts. */
export interface OrderEventsOrderPlaced {
  readonly type: 'OrderPlaced';
  /** What was ordered. */
  readonly lines: ReadonlyArray<OrderEventsPricedLine>;
  /** What it costs in all. */
  readonly total: OrderEventsMoney;
}

/** Which saga. */
export type OrderEventsSaga = 'PLACE_ORDER' | 'CANCEL_ORDER';

/** Which step. */
export type OrderEventsSagaStep = 'UNKNOWN' | 'RESERVE_STOCK' | 'AUTHORIZE_PAYMENT' | 'SCHEDULE_SHIPMENT' | 'CAPTURE_PAYMENT' | 'CANCEL_SHIPMENT' | 'REFUND_PAYMENT' | 'RESTOCK_ITEMS';

/** A participant did its step. */
export interface OrderEventsSagaStepCompleted {
  readonly type: 'SagaStepCompleted';
  /** Which saga. */
  readonly saga: OrderEventsSaga;
  /** Which step. */
  readonly step: OrderEventsSagaStep;
}

/** A participant refused its step, or did not answer in time. */
export interface OrderEventsSagaStepFailed {
  readonly type: 'SagaStepFailed';
  /** Which saga. */
  readonly saga: OrderEventsSaga;
  /** Which step. */
  readonly step: OrderEventsSagaStep;
  /** Code of the error registry. */
  readonly reason: string;
  /** True when no answer came in time. */
  readonly timedOut: boolean;
}

/** A step that must succeed is tried again. */
export interface OrderEventsSagaStepRetried {
  readonly type: 'SagaStepRetried';
  /** Which saga. */
  readonly saga: OrderEventsSaga;
  /** Which step. */
  readonly step: OrderEventsSagaStep;
  /** Which attempt comes now. */
  readonly attempt: number;
  /** Code of the error registry. */
  readonly reason: string;
}

/** The saga undoes what it did. */
export interface OrderEventsSagaCompensationStarted {
  readonly type: 'SagaCompensationStarted';
  /** Which saga. */
  readonly saga: OrderEventsSaga;
  /** Code of the error registry. */
  readonly reason: string;
}

/** A step was undone. */
export interface OrderEventsSagaStepCompensated {
  readonly type: 'SagaStepCompensated';
  /** Which saga. */
  readonly saga: OrderEventsSaga;
  /** The step that was undone. */
  readonly step: OrderEventsSagaStep;
  /** False when there was nothing to undo. */
  readonly effective: boolean;
}

/** Outcome of PlaceOrder: done. */
export interface OrderEventsOrderApproved {
  readonly type: 'OrderApproved';
  /** What was taken. */
  readonly total: OrderEventsMoney;
  /** Where to write to; may be empty. */
  readonly contactEmail: string;
}

/** Outcome of PlaceOrder: refused and undone. */
export interface OrderEventsOrderRejected {
  readonly type: 'OrderRejected';
  /** Code of the error registry. */
  readonly reason: string;
  /** Where to write to; may be empty. */
  readonly contactEmail: string;
}

/** The CancelOrder saga starts, at once or after PlaceOrder has ended. */
export interface OrderEventsOrderCancellationRequested {
  readonly type: 'OrderCancellationRequested';
}

/** Outcome of CancelOrder: the order stands. */
export interface OrderEventsOrderCancellationRefused {
  readonly type: 'OrderCancellationRefused';
  /** Code of the error registry. */
  readonly reason: string;
  /** Where to write to; may be empty. */
  readonly contactEmail: string;
}

/** Outcome of CancelOrder: refunded and restocked. */
export interface OrderEventsOrderCancelled {
  readonly type: 'OrderCancelled';
  /** Where to write to; may be empty. */
  readonly contactEmail: string;
}

/** What happened to an order and in its sagas. */
export interface OrderEventsOrderEvent {
  /** Identity of the message: a consumer has at most one effect for it. Equals the header `id`. */
  readonly messageId: string;
  /** The order it is about; the record's key. */
  readonly orderId: string;
  /** The customer. */
  readonly userId: string;
  /** The job whose saga it belongs to. */
  readonly jobId: string;
  /** 1 for the first event of the order on this topic, then without a gap. */
  readonly sequence: number;
  /** The message or stored event that led to it. */
  readonly causationId: string;
  /** When it happened, by the publisher's clock. */
  readonly occurredAt: number;
  /** What it says; the branch is its type and equals the header `eventType`. */
  readonly payload: OrderEventsOrderPlaced | OrderEventsSagaStepCompleted | OrderEventsSagaStepFailed | OrderEventsSagaStepRetried | OrderEventsSagaCompensationStarted | OrderEventsSagaStepCompensated | OrderEventsOrderApproved | OrderEventsOrderRejected | OrderEventsOrderCancellationRequested | OrderEventsOrderCancellationRefused | OrderEventsOrderCancelled;
}

/** An amount without fractions of the minor unit. */
export interface PaymentCommandsMoney {
  /** ISO 4217 code. */
  readonly currency: string;
  /** Amount in cents, yen and so on; never negative. */
  readonly minorUnits: number;
}

/** Hold the amount on the card. */
export interface PaymentCommandsAuthorizePayment {
  readonly type: 'AuthorizePayment';
  /** Token of the card. */
  readonly cardToken: string;
  /** How much. */
  readonly amount: PaymentCommandsMoney;
}

/** Undo AuthorizePayment. Safe before, during and after it; once it came, a later AuthorizePayment of the order is refused. */
export interface PaymentCommandsVoidPayment {
  readonly type: 'VoidPayment';
}

/** Take the authorised amount. */
export interface PaymentCommandsCapturePayment {
  readonly type: 'CapturePayment';
  /** 1 for the first; the saga retries until it is done. */
  readonly attempt: number;
}

/** Give the captured amount back. */
export interface PaymentCommandsRefundPayment {
  readonly type: 'RefundPayment';
}

/** What the order saga asks of payment. */
export interface PaymentCommandsPaymentCommand {
  /** Identity of the message: a consumer has at most one effect for it. Equals the header `id`. */
  readonly messageId: string;
  /** The job that reports on it. */
  readonly jobId: string;
  /** The order it is about; the record's key. */
  readonly orderId: string;
  /** The message or stored event that led to it. */
  readonly causationId: string;
  /** When it happened, by the publisher's clock. */
  readonly occurredAt: number;
  /** What it says; the branch is its type and equals the header `eventType`. */
  readonly payload: PaymentCommandsAuthorizePayment | PaymentCommandsVoidPayment | PaymentCommandsCapturePayment | PaymentCommandsRefundPayment;
}

/** An amount without fractions of the minor unit. */
export interface PaymentEventsMoney {
  /** ISO 4217 code. */
  readonly currency: string;
  /** Amount in cents, yen and so on; never negative. */
  readonly minorUnits: number;
}

/** A card may be charged. */
export interface PaymentEventsCardRegistered {
  readonly type: 'CardRegistered';
  /** Token. */
  readonly cardToken: string;
  /** What may be held and taken in all. */
  readonly creditLimit: PaymentEventsMoney;
}

/** The amount is held. */
export interface PaymentEventsPaymentAuthorized {
  readonly type: 'PaymentAuthorized';
  /** Token. */
  readonly cardToken: string;
  /** How much. */
  readonly amount: PaymentEventsMoney;
}

/** Nothing is held. */
export interface PaymentEventsPaymentDeclined {
  readonly type: 'PaymentDeclined';
  /** Code of the error registry. */
  readonly reason: string;
}

/** The hold was given up. */
export interface PaymentEventsPaymentVoided {
  readonly type: 'PaymentVoided';
  /** False when there was nothing to undo: it came before the step, or again. */
  readonly effective: boolean;
  /** What came free; null when not effective. */
  readonly amount: null | PaymentEventsMoney;
}

/** The amount was taken. */
export interface PaymentEventsPaymentCaptured {
  readonly type: 'PaymentCaptured';
  /** How much. */
  readonly amount: PaymentEventsMoney;
}

/** The acquirer could not take the amount this time. */
export interface PaymentEventsPaymentCaptureFailed {
  readonly type: 'PaymentCaptureFailed';
  /** Which attempt. */
  readonly attempt: number;
  /** Code of the error registry. */
  readonly reason: string;
}

/** The amount was given back. */
export interface PaymentEventsPaymentRefunded {
  readonly type: 'PaymentRefunded';
  /** False when there was nothing to undo: it came before the step, or again. */
  readonly effective: boolean;
  /** What went back; null when not effective. */
  readonly amount: null | PaymentEventsMoney;
}

/** What happened in payment; also its replies to the saga. Keyed by order, or by card token when about none. */
export interface PaymentEventsPaymentEvent {
  /** Identity of the message: a consumer has at most one effect for it. Equals the header `id`. */
  readonly messageId: string;
  /** The job that reports on it; null when no job led to it. */
  readonly jobId: null | string;
  /** The order it is about; null when it is about none. */
  readonly orderId: null | string;
  /** The command that led to it: what a reply answers. */
  readonly causationId: null | string;
  /** When it happened, by the publisher's clock. */
  readonly occurredAt: number;
  /** What it says; the branch is its type and equals the header `eventType`. */
  readonly payload: PaymentEventsCardRegistered | PaymentEventsPaymentAuthorized | PaymentEventsPaymentDeclined | PaymentEventsPaymentVoided | PaymentEventsPaymentCaptured | PaymentEventsPaymentCaptureFailed | PaymentEventsPaymentRefunded;
}

/** Where a shipment goes. */
export interface ShippingCommandsAddress {
  /** Who receives it. */
  readonly recipient: string;
  /** Street and number. */
  readonly street: string;
  /** City. */
  readonly city: string;
  /** Postal code. */
  readonly postalCode: string;
  /** ISO 3166-1 alpha-2 code. */
  readonly country: string;
}

/** One product and how many of it. */
export interface ShippingCommandsOrderLine {
  /** Stock-keeping unit. */
  readonly sku: string;
  /** 1 to 1000. */
  readonly quantity: number;
}

/** Plan the shipment. */
export interface ShippingCommandsScheduleShipment {
  readonly type: 'ScheduleShipment';
  /** Where to. */
  readonly address: ShippingCommandsAddress;
  /** What. */
  readonly lines: ReadonlyArray<ShippingCommandsOrderLine>;
}

/** Cancel the shipment, unless it was dispatched. Safe before, during and after ScheduleShipment; once it came, a later ScheduleShipment of the order is refused. */
export interface ShippingCommandsCancelShipment {
  readonly type: 'CancelShipment';
}

/** What the order sagas ask of shipping. */
export interface ShippingCommandsShippingCommand {
  /** Identity of the message: a consumer has at most one effect for it. Equals the header `id`. */
  readonly messageId: string;
  /** The job that reports on it. */
  readonly jobId: string;
  /** The order it is about; the record's key. */
  readonly orderId: string;
  /** The message or stored event that led to it. */
  readonly causationId: string;
  /** When it happened, by the publisher's clock. */
  readonly occurredAt: number;
  /** What it says; the branch is its type and equals the header `eventType`. */
  readonly payload: ShippingCommandsScheduleShipment | ShippingCommandsCancelShipment;
}

/** The shipment is planned. */
export interface ShippingEventsShipmentScheduled {
  readonly type: 'ShipmentScheduled';
  /** The carrier's number. */
  readonly trackingNumber: string;
}

/** The shipment cannot be made. */
export interface ShippingEventsShipmentRefused {
  readonly type: 'ShipmentRefused';
  /** Code of the error registry. */
  readonly reason: string;
}

/** The shipment will not happen. */
export interface ShippingEventsShipmentCancelled {
  readonly type: 'ShipmentCancelled';
  /** False when there was nothing to undo: it came before the step, or again. */
  readonly effective: boolean;
}

/** Too late: it was dispatched. */
export interface ShippingEventsShipmentCancellationRefused {
  readonly type: 'ShipmentCancellationRefused';
  /** Code of the error registry. */
  readonly reason: string;
}

/** The carrier has it. */
export interface ShippingEventsShipmentDispatched {
  readonly type: 'ShipmentDispatched';
}

/** What happened in shipping; also its replies to the sagas. */
export interface ShippingEventsShippingEvent {
  /** Identity of the message: a consumer has at most one effect for it. Equals the header `id`. */
  readonly messageId: string;
  /** The job that reports on it; null when no job led to it. */
  readonly jobId: null | string;
  /** The order it is about; null when it is about none. */
  readonly orderId: null | string;
  /** The command that led to it: what a reply answers. */
  readonly causationId: null | string;
  /** When it happened, by the publisher's clock. */
  readonly occurredAt: number;
  /** What it says; the branch is its type and equals the header `eventType`. */
  readonly payload: ShippingEventsShipmentScheduled | ShippingEventsShipmentRefused | ShippingEventsShipmentCancelled | ShippingEventsShipmentCancellationRefused | ShippingEventsShipmentDispatched;
}

/** What happened. */
export type WebsocketConnectionsConnectionEventKind = 'CONNECTED' | 'DISCONNECTED';

/** A socket came or went. Keyed by userId. */
export interface WebsocketConnectionsConnectionEvent {
  /** Identity of the message. Equals the header `id`. */
  readonly messageId: string;
  /** The socket. */
  readonly socketId: string;
  /** Whose it is; the record's key. */
  readonly userId: string;
  /** The instance that holds it. */
  readonly nodeId: string;
  /** What happened. */
  readonly kind: WebsocketConnectionsConnectionEventKind;
  /** RFC 6455 close code, when it went. */
  readonly closeCode: null | number;
  /** When. */
  readonly occurredAt: number;
}

/** The value of a record, by topic. */
export interface TopicValues {
  readonly 'inventory.commands': InventoryCommandsInventoryCommand;
  readonly 'inventory.events': InventoryEventsInventoryEvent;
  readonly 'job.updates': JobUpdatesJobUpdate;
  readonly 'order.events': OrderEventsOrderEvent;
  readonly 'payment.commands': PaymentCommandsPaymentCommand;
  readonly 'payment.events': PaymentEventsPaymentEvent;
  readonly 'shipping.commands': ShippingCommandsShippingCommand;
  readonly 'shipping.events': ShippingEventsShippingEvent;
  readonly 'websocket.connections': WebsocketConnectionsConnectionEvent;
}
