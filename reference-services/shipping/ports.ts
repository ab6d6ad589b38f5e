import type { ReplyUnit } from '#kit/participant.ts';
import type { Address, Line, Shipment } from './domain.ts';

/** What happens together or not at all. */
export interface ShippingUnit extends ReplyUnit<'shipping'> {
  /** The order's shipment, locked until the unit ends. */
  lockShipment(orderId: string): Promise<Shipment>;
  saveShipment(orderId: string, shipment: Shipment): void;
  /** Keeps what the warehouse packs and where it goes. */
  saveParcel(orderId: string, address: Address, lines: readonly Line[]): void;
}

/** Where shipments are kept. */
export interface ShippingStore {
  transaction<T>(work: (unit: ShippingUnit) => Promise<T>): Promise<T>;
  shipment(orderId: string): Promise<Shipment>;
}
