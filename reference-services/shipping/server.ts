import { z } from 'zod';
import { type Implementation, implement } from '#kit/grpc.ts';
import { parseRequest } from '#kit/request.ts';
import { ShipmentStatus, ShippingService } from '#proto/sagaproof/shipping/v1/shipping_pb.js';
import type { Shipping } from './app.ts';
import type { Shipment } from './domain.ts';

const OrderOnly = z.object({ orderId: z.guid() });

const STATUS: Readonly<Record<Shipment['status'], ShipmentStatus>> = {
  none: ShipmentStatus.UNSPECIFIED,
  scheduled: ShipmentStatus.SCHEDULED,
  dispatched: ShipmentStatus.DISPATCHED,
  cancelled: ShipmentStatus.CANCELLED,
};

/** Shipping over gRPC. */
export function shippingServer(shipping: Shipping): Implementation {
  return implement(ShippingService, {
    getShipment: async (request) => {
      const { orderId } = parseRequest(OrderOnly, request);
      return { shipment: toWire(orderId, await shipping.shipment(orderId)) };
    },
    dispatchShipment: async (request) => {
      const { orderId } = parseRequest(OrderOnly, request);
      return { shipment: toWire(orderId, await shipping.dispatch(orderId)) };
    },
  });
}

const toWire = (orderId: string, shipment: Shipment) => ({
  orderId,
  status: STATUS[shipment.status],
  trackingNumber: ('trackingNumber' in shipment ? shipment.trackingNumber : undefined) ?? '',
});
