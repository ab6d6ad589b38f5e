/**
 * Reservations: all lines of an order or none, undone at most once, in whatever order messages
 * come.
 */

import type { TopicValues } from '#avro/types.generated.ts';
import { LIMITS } from '#contracts/spec/limits.generated.ts';

export type InventoryCommand = TopicValues['inventory.commands']['payload'];
export type InventoryReply = Exclude<
  TopicValues['inventory.events']['payload'],
  { type: 'StockReceived' }
>;
export interface Line {
  readonly sku: string;
  readonly quantity: number;
}

/**
 * An order's reservation. `released` and `restocked` are final: a step that comes later is refused.
 */
export type Reservation =
  | { readonly status: 'none' | 'released' | 'restocked' }
  | { readonly status: 'reserved'; readonly lines: readonly Line[] };

export const initialState: Reservation = { status: 'none' };

/** What can still be had of each product; a product that is absent was never received. */
export type Availability = ReadonlyMap<string, number>;

export const SKU_PATTERN = /^[A-Za-z0-9._-]{1,64}$/;
const QUANTITY_MAX = LIMITS.order.quantity;
const LINES_MAX = LIMITS.order.lines;

/** What is wrong with a command, which the sender could have known; undefined when nothing is. */
export function flawOf(command: InventoryCommand): string | undefined {
  if (command.type !== 'ReserveStock') return undefined;
  if (command.lines.length === 0) return 'lines is empty';
  if (command.lines.length > LINES_MAX) return `lines has more than ${LINES_MAX} entries`;
  const line = command.lines.find(
    ({ sku, quantity }) => !SKU_PATTERN.test(sku) || quantity < 1 || quantity > QUANTITY_MAX,
  );
  return line === undefined ? undefined : 'a line has a bad sku or quantity';
}

/** Products and quantities, each product once, in the order in which their rows are locked. */
export function totalsOf(lines: readonly Line[]): Line[] {
  const totals = new Map<string, number>();
  for (const { sku, quantity } of lines) totals.set(sku, (totals.get(sku) ?? 0) + quantity);
  return [...totals]
    .map(([sku, quantity]) => ({ sku, quantity }))
    .sort((a, b) => (a.sku < b.sku ? -1 : 1));
}

/** Answers a command. */
export function decide(
  state: Reservation,
  command: InventoryCommand,
  available: Availability,
): InventoryReply {
  switch (command.type) {
    case 'ReserveStock':
      return reserve(state, command.lines, available);
    case 'ReleaseStock':
      return { type: 'StockReleased', ...undo(state) };
    case 'RestockItems':
      return { type: 'StockRestocked', ...undo(state) };
    default:
      return command satisfies never;
  }
}

function reserve(
  state: Reservation,
  lines: readonly Line[],
  available: Availability,
): InventoryReply {
  switch (state.status) {
    case 'reserved':
      return { type: 'StockReserved', lines: state.lines };
    case 'released':
    case 'restocked':
      return { type: 'StockReservationRefused', reason: 'reservation-released', sku: null };
    case 'none': {
      const short = totalsOf(lines).find(
        ({ sku, quantity }) => (available.get(sku) ?? 0) < quantity,
      );
      return short === undefined
        ? { type: 'StockReserved', lines }
        : { type: 'StockReservationRefused', reason: 'out-of-stock', sku: short.sku };
    }
    default:
      return state satisfies never;
  }
}

const undo = (state: Reservation): { effective: boolean; lines: readonly Line[] } =>
  state.status === 'reserved'
    ? { effective: true, lines: state.lines }
    : { effective: false, lines: [] };

/** The reservation after an answer. */
export function evolve(state: Reservation, reply: InventoryReply): Reservation {
  switch (reply.type) {
    case 'StockReserved':
      return { status: 'reserved', lines: reply.lines };
    case 'StockReservationRefused':
      return state;
    case 'StockReleased':
      // Also when there was nothing to release: the step may still be on its way.
      return state.status === 'restocked' ? state : { status: 'released' };
    case 'StockRestocked':
      return reply.effective ? { status: 'restocked' } : state;
    default:
      return reply satisfies never;
  }
}

/** What an answer changes of what is held of each product, in the order of their rows' locks. */
export function stockChanges(before: Reservation, after: Reservation): Line[] {
  const taken = heldBy(after);
  const given = heldBy(before).map(({ sku, quantity }) => ({ sku, quantity: -quantity }));
  return totalsOf([...taken, ...given]).filter(({ quantity }) => quantity !== 0);
}

const heldBy = (state: Reservation): readonly Line[] =>
  state.status === 'reserved' ? state.lines : [];
