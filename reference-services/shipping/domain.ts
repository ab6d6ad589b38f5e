/**
 * Shipments: scheduled and cancelled at most once, in whatever order messages come; dispatched is
 * final.
 */

import type { TopicValues } from '#avro/types.generated.ts';
import { LIMITS } from '#contracts/spec/limits.generated.ts';

export type ShippingCommand = TopicValues['shipping.commands']['payload'];
export type ShippingReply = Exclude<
  TopicValues['shipping.events']['payload'],
  { type: 'ShipmentDispatched' }
>;
type Schedule = Extract<ShippingCommand, { type: 'ScheduleShipment' }>;
export type Address = Schedule['address'];
export type Line = Schedule['lines'][number];

/** An order's shipment. `cancelled` may have no number: the cancellation came before the step. */
export type Shipment =
  | { readonly status: 'none' }
  | { readonly status: 'cancelled'; readonly trackingNumber?: string }
  | { readonly status: 'scheduled' | 'dispatched'; readonly trackingNumber: string };

export const initialState: Shipment = { status: 'none' };

/** Where the carriers deliver (ISO 3166-1 alpha-2). */
const COUNTRIES_SERVED: ReadonlySet<string> = new Set(['JP', 'US', 'DE', 'FR', 'GB']);
const LINES_MAX = LIMITS.order.lines;

/** What is wrong with a command, which the sender could have known; undefined when nothing is. */
export function flawOf(command: ShippingCommand): string | undefined {
  if (command.type !== 'ScheduleShipment') return undefined;
  if (command.lines.length === 0) return 'lines is empty';
  if (command.lines.length > LINES_MAX) return `lines has more than ${LINES_MAX} entries`;
  return command.lines.some(({ quantity }) => quantity < 1)
    ? 'a line has a bad quantity'
    : undefined;
}

/** Answers a command about an order. */
export function decide(state: Shipment, command: ShippingCommand, orderId: string): ShippingReply {
  switch (command.type) {
    case 'ScheduleShipment':
      return schedule(state, command.address, orderId);
    case 'CancelShipment':
      return state.status === 'dispatched'
        ? { type: 'ShipmentCancellationRefused', reason: 'shipment-dispatched' }
        : { type: 'ShipmentCancelled', effective: state.status === 'scheduled' };
    default:
      return command satisfies never;
  }
}

function schedule(state: Shipment, address: Address, orderId: string): ShippingReply {
  switch (state.status) {
    case 'scheduled':
    case 'dispatched':
      return { type: 'ShipmentScheduled', trackingNumber: state.trackingNumber };
    case 'cancelled':
      return { type: 'ShipmentRefused', reason: 'shipment-cancelled' };
    case 'none':
      return isDeliverable(address)
        ? { type: 'ShipmentScheduled', trackingNumber: trackingNumberOf(orderId) }
        : { type: 'ShipmentRefused', reason: 'address-undeliverable' };
    default:
      return state satisfies never;
  }
}

const isDeliverable = ({ country, postalCode }: Address): boolean =>
  COUNTRIES_SERVED.has(country) && postalCode.trim() !== '';

/** The same order always gets the same number, however often it is scheduled. */
const trackingNumberOf = (orderId: string): string =>
  `SP${orderId.replaceAll('-', '').toUpperCase()}`;

/** The shipment after an answer. */
export function evolve(state: Shipment, reply: ShippingReply): Shipment {
  switch (reply.type) {
    case 'ShipmentScheduled':
      return state.status === 'none'
        ? { status: 'scheduled', trackingNumber: reply.trackingNumber }
        : state;
    case 'ShipmentCancelled':
      // Also when there was nothing to cancel: the step may still be on its way.
      if (state.status === 'scheduled') return { ...state, status: 'cancelled' };
      return state.status === 'none' ? { status: 'cancelled' } : state;
    case 'ShipmentRefused':
    case 'ShipmentCancellationRefused':
      return state;
    default:
      return reply satisfies never;
  }
}

/** What the hand-over to the carrier does; undefined when there is nothing to hand over. */
export function dispatch(
  state: Shipment,
): { readonly after: Shipment; readonly isNew: boolean } | undefined {
  switch (state.status) {
    case 'scheduled':
      return { after: { ...state, status: 'dispatched' }, isNew: true };
    case 'dispatched':
      return { after: state, isNew: false };
    case 'none':
    case 'cancelled':
      return undefined;
    default:
      return state satisfies never;
  }
}
