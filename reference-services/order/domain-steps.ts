/** The two sagas as data: which steps, in which order, with which command, answers and undoing. */
import { broken } from './domain-invariant.ts';
import type {
  OrderDetails,
  ParticipantCommand,
  ParticipantEvent,
  Saga,
  Step,
} from './domain-model.ts';

type ReplyType = ParticipantEvent['type'];

export interface StepRule {
  readonly step: Step;
  command(order: OrderDetails, attempt: number): ParticipantCommand;
  readonly done: ReplyType;
  /** The participant's answer is no, for good. */
  readonly refused?: ReplyType;
  /** The participant could not do it this time. */
  readonly failed?: ReplyType;
  /** How to take it back; absent = it cannot be taken back, so it is repeated until it is done. */
  readonly undo?: UndoRule;
}

export interface UndoRule {
  readonly command: ParticipantCommand;
  readonly done: ReplyType;
  /** It took effect for good before it could be taken back. */
  readonly refused?: ReplyType;
}

const PLACE_ORDER: readonly StepRule[] = [
  {
    step: 'RESERVE_STOCK',
    command: (order) => ({
      to: 'inventory',
      payload: { type: 'ReserveStock', lines: unpriced(order) },
    }),
    done: 'StockReserved',
    refused: 'StockReservationRefused',
    undo: {
      command: { to: 'inventory', payload: { type: 'ReleaseStock' } },
      done: 'StockReleased',
    },
  },
  {
    step: 'AUTHORIZE_PAYMENT',
    command: (order) => ({
      to: 'payment',
      payload: { type: 'AuthorizePayment', cardToken: order.cardToken, amount: order.total },
    }),
    done: 'PaymentAuthorized',
    refused: 'PaymentDeclined',
    undo: {
      command: { to: 'payment', payload: { type: 'VoidPayment' } },
      done: 'PaymentVoided',
    },
  },
  {
    step: 'SCHEDULE_SHIPMENT',
    command: (order) => ({
      to: 'shipping',
      payload: { type: 'ScheduleShipment', address: order.address, lines: unpriced(order) },
    }),
    done: 'ShipmentScheduled',
    refused: 'ShipmentRefused',
    undo: {
      command: { to: 'shipping', payload: { type: 'CancelShipment' } },
      done: 'ShipmentCancelled',
      refused: 'ShipmentCancellationRefused',
    },
  },
  {
    step: 'CAPTURE_PAYMENT',
    command: (_order, attempt) => ({
      to: 'payment',
      payload: { type: 'CapturePayment', attempt },
    }),
    done: 'PaymentCaptured',
    failed: 'PaymentCaptureFailed',
  },
];

const CANCEL_ORDER: readonly StepRule[] = [
  {
    step: 'CANCEL_SHIPMENT',
    command: () => ({ to: 'shipping', payload: { type: 'CancelShipment' } }),
    done: 'ShipmentCancelled',
    refused: 'ShipmentCancellationRefused',
  },
  {
    step: 'REFUND_PAYMENT',
    command: () => ({ to: 'payment', payload: { type: 'RefundPayment' } }),
    done: 'PaymentRefunded',
  },
  {
    step: 'RESTOCK_ITEMS',
    command: () => ({ to: 'inventory', payload: { type: 'RestockItems' } }),
    done: 'StockRestocked',
  },
];

export const STEPS: Readonly<Record<Saga, readonly StepRule[]>> = { PLACE_ORDER, CANCEL_ORDER };

/** The rule of a step, and its place in the saga. Asserts that the saga has the step. */
export function ruleOf(saga: Saga, step: Step): { readonly rule: StepRule; readonly at: number } {
  const at = STEPS[saga].findIndex((rule) => rule.step === step);
  const rule = STEPS[saga][at];
  if (rule === undefined) return broken(`${saga} has no step ${step}`);
  return { rule, at };
}

function unpriced(order: OrderDetails): { sku: string; quantity: number }[] {
  return order.lines.map(({ sku, quantity }) => ({ sku, quantity }));
}
