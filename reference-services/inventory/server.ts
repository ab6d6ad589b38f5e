import { z } from 'zod';
import { LIMITS } from '#contracts/spec/limits.generated.ts';
import { type Implementation, implement } from '#kit/grpc.ts';
import { parseRequest } from '#kit/request.ts';
import { InventoryService, ReservationStatus } from '#proto/sagaproof/inventory/v1/inventory_pb.js';
import type { Inventory } from './app.ts';
import { type Reservation, SKU_PATTERN } from './domain.ts';
import type { Stock } from './ports.ts';

const RECEIPT_QUANTITY_MAX = LIMITS.inventory.receiptPieces;

const Sku = z.string().regex(SKU_PATTERN, 'must be 1 to 64 characters of [A-Za-z0-9._-]');
const ReceiveStock = z.object({
  receiptId: z.guid(),
  sku: Sku,
  quantity: z.int().min(1).max(RECEIPT_QUANTITY_MAX),
});
const GetStock = z.object({ sku: Sku });
const GetReservation = z.object({ orderId: z.guid() });

const STATUS: Readonly<Record<Reservation['status'], ReservationStatus>> = {
  none: ReservationStatus.UNSPECIFIED,
  reserved: ReservationStatus.RESERVED,
  released: ReservationStatus.RELEASED,
  restocked: ReservationStatus.RESTOCKED,
};

/** Inventory over gRPC. */
export function inventoryServer(inventory: Inventory): Implementation {
  return implement(InventoryService, {
    receiveStock: async (request) => ({
      stock: toWire(await inventory.receive(parseRequest(ReceiveStock, request))),
    }),
    getStock: async (request) => ({
      stock: toWire(await inventory.stock(parseRequest(GetStock, request).sku)),
    }),
    getReservation: async (request) => {
      const { orderId } = parseRequest(GetReservation, request);
      const { status } = await inventory.reservation(orderId);
      return { orderId, status: STATUS[status] };
    },
  });
}

const toWire = ({ sku, received, reserved }: Stock) => ({
  sku,
  received: BigInt(received),
  reserved: BigInt(reserved),
  available: BigInt(received - reserved),
});
