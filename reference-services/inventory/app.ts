import { OperationalError } from '#kit/errors.ts';
import { announcement, answerOnce, type CommandOf } from '#kit/participant.ts';
import type { Clock, Ids } from '#kit/service.ts';
import {
  type Availability,
  decide,
  evolve,
  type Reservation,
  stockChanges,
  totalsOf,
} from './domain.ts';
import type { InventoryStore, InventoryUnit, Receipt, Stock } from './ports.ts';

export interface Inventory {
  /** Gives a command its effect and its reply, once. */
  handle(command: CommandOf<'inventory'>): Promise<void>;
  /** Books a goods receipt, once. */
  receive(receipt: Receipt): Promise<Stock>;
  stock(sku: string): Promise<Stock>;
  reservation(orderId: string): Promise<Reservation>;
}

export function createInventory(parts: {
  readonly store: InventoryStore;
  readonly clock: Clock;
  readonly ids: Ids;
}): Inventory {
  const { store, clock, ids } = parts;
  return {
    handle: (command) =>
      store.transaction((unit) =>
        answerOnce(unit, command, clock, {
          load: () => load(unit, command),
          decide: (loaded) => applyCommand(unit, command, loaded),
        }),
      ),
    receive: (receipt) =>
      store.transaction(async (unit) => {
        const earlier = await unit.keepReceipt(receipt);
        if (earlier === undefined) await book(unit, receipt, ids.uuid(), clock.now());
        else assertSame(earlier, receipt);
        return stockOf(unit, receipt.sku);
      }),
    stock: (sku) => stockOf(store, sku),
    async reservation(orderId) {
      const reservation = await store.reservation(orderId);
      if (reservation.status === 'none') throw new OperationalError('reservation-not-found');
      return reservation;
    },
  };
}

interface Loaded {
  readonly before: Reservation;
  readonly available: Availability;
}

/** The reservation first, then products: every unit locks in this order. */
async function load(
  unit: InventoryUnit,
  { orderId, payload }: CommandOf<'inventory'>,
): Promise<Loaded> {
  const wanted = payload.type === 'ReserveStock' ? totalsOf(payload.lines) : [];
  const [before, available] = await Promise.all([
    unit.lockReservation(orderId),
    unit.lockAvailable(wanted.map(({ sku }) => sku)),
  ]);
  return { before, available };
}

async function applyCommand(
  unit: InventoryUnit,
  { orderId, payload }: CommandOf<'inventory'>,
  { before, available }: Loaded,
) {
  const reply = decide(before, payload, available);
  const after = evolve(before, reply);
  unit.saveReservation(orderId, after);
  unit.changeReserved(stockChanges(before, after));
  return reply;
}

async function book(
  unit: InventoryUnit,
  { sku, quantity }: Receipt,
  messageId: string,
  occurredAt: number,
): Promise<void> {
  await unit.addReceived(sku, quantity);
  const payload = { type: 'StockReceived', sku, quantity } as const;
  await unit.publish(sku, announcement<'inventory'>(messageId, null, occurredAt, payload));
}

function assertSame(earlier: Receipt, receipt: Receipt): void {
  if (earlier.sku === receipt.sku && earlier.quantity === receipt.quantity) return;
  throw new OperationalError('idempotency-key-reused', {
    detail: 'This receipt_id was used for another receipt.',
  });
}

async function stockOf(from: Pick<InventoryStore, 'stock'>, sku: string): Promise<Stock> {
  const stock = await from.stock(sku);
  if (stock === undefined) throw new OperationalError('stock-not-found');
  return stock;
}
