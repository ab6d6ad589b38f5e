import { ADDRESS, type OrderStory, QUANTITY, TOTAL } from './story-types.ts';

export type Participant = 'inventory' | 'payment' | 'shipping';

type Payload = Record<string, unknown>;

/** A step of a saga as the story tells it. */
export interface Step {
  readonly step: string;
  readonly to: Participant;
  readonly command: (order: OrderStory) => Payload;
  readonly done: (order: OrderStory) => Payload;
  readonly refusal?: { readonly type: string; readonly reason: string; readonly sku?: null };
  readonly undo: (order: OrderStory) => Payload;
  readonly undone: (order: OrderStory) => Payload;
  /** What the participant holds after the step, and after its undoing. */
  readonly keep: (order: OrderStory) => void;
  readonly take: (order: OrderStory) => void;
}

const linesOf = ({ sku }: OrderStory) => [{ sku, quantity: QUANTITY }];
const nothing = (): Payload => ({});

const reserve: Step = {
  step: 'RESERVE_STOCK',
  to: 'inventory',
  command: (order) => ({ type: 'ReserveStock', lines: linesOf(order) }),
  done: (order) => ({ type: 'StockReserved', lines: linesOf(order) }),
  refusal: { type: 'StockReservationRefused', reason: 'out-of-stock', sku: null },
  undo: () => ({ type: 'ReleaseStock' }),
  undone: (order) => ({ type: 'StockReleased', effective: true, lines: linesOf(order) }),
  keep: (order) => {
    order.stock = 'held';
  },
  take: (order) => {
    order.stock = 'undone';
  },
};

const authorize: Step = {
  step: 'AUTHORIZE_PAYMENT',
  to: 'payment',
  command: ({ card }) => ({ type: 'AuthorizePayment', cardToken: card, amount: TOTAL }),
  done: ({ card }) => ({ type: 'PaymentAuthorized', cardToken: card, amount: TOTAL }),
  refusal: { type: 'PaymentDeclined', reason: 'card-declined' },
  undo: () => ({ type: 'VoidPayment' }),
  undone: () => ({ type: 'PaymentVoided', effective: true, amount: TOTAL }),
  keep: (order) => {
    order.money = 'held';
  },
  take: (order) => {
    order.money = 'voided';
  },
};

const schedule: Step = {
  step: 'SCHEDULE_SHIPMENT',
  to: 'shipping',
  command: (order) => ({ type: 'ScheduleShipment', address: ADDRESS, lines: linesOf(order) }),
  done: () => ({ type: 'ShipmentScheduled', trackingNumber: 'T1' }),
  refusal: { type: 'ShipmentRefused', reason: 'address-undeliverable' },
  undo: () => ({ type: 'CancelShipment' }),
  undone: () => ({ type: 'ShipmentCancelled', effective: true }),
  keep: (order) => {
    order.shipment = 'scheduled';
  },
  take: (order) => {
    order.shipment = 'cancelled';
  },
};

const capture: Step = {
  step: 'CAPTURE_PAYMENT',
  to: 'payment',
  command: () => ({ type: 'CapturePayment', attempt: 1 }),
  done: () => ({ type: 'PaymentCaptured', amount: TOTAL }),
  undo: nothing,
  undone: nothing,
  keep: (order) => {
    order.money = 'taken';
  },
  take: () => undefined,
};

export const PLACE_STEPS: readonly Step[] = [reserve, authorize, schedule, capture];

export const CANCEL_STEPS: readonly Step[] = [
  {
    ...schedule,
    step: 'CANCEL_SHIPMENT',
    command: () => ({ type: 'CancelShipment' }),
    keep: schedule.take,
  },
  {
    ...capture,
    step: 'REFUND_PAYMENT',
    command: () => ({ type: 'RefundPayment' }),
    undone: () => ({ type: 'PaymentRefunded', effective: true, amount: TOTAL }),
    keep: (order) => {
      order.money = 'refunded';
    },
  },
  {
    ...reserve,
    step: 'RESTOCK_ITEMS',
    command: () => ({ type: 'RestockItems' }),
    undone: (order) => ({ type: 'StockRestocked', effective: true, lines: linesOf(order) }),
    keep: reserve.take,
  },
];
