import type { ReplyUnit } from '#kit/participant.ts';
import type { Availability, Line, Reservation } from './domain.ts';

export interface Stock {
  readonly sku: string;
  readonly received: number;
  readonly reserved: number;
}

export interface Receipt {
  readonly receiptId: string;
  readonly sku: string;
  readonly quantity: number;
}

/** What happens together or not at all. */
export interface InventoryUnit extends ReplyUnit<'inventory'> {
  /** The order's reservation, locked until the unit ends. */
  lockReservation(orderId: string): Promise<Reservation>;
  saveReservation(orderId: string, reservation: Reservation): void;
  /** What is available of products, locked until the unit ends. */
  lockAvailable(skus: readonly string[]): Promise<Availability>;
  /** Adds to what is held of each product. */
  changeReserved(changes: readonly Line[]): void;
  /** Keeps a receipt; gives back the one that has its id already, if one has. */
  keepReceipt(receipt: Receipt): Promise<Receipt | undefined>;
  /** Adds to what was received of a product. */
  addReceived(sku: string, quantity: number): Promise<void>;
  stock(sku: string): Promise<Stock | undefined>;
}

/** Where stock and reservations are kept. */
export interface InventoryStore {
  transaction<T>(work: (unit: InventoryUnit) => Promise<T>): Promise<T>;
  stock(sku: string): Promise<Stock | undefined>;
  reservation(orderId: string): Promise<Reservation>;
}
