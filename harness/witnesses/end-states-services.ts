import type { DescService } from '@bufbuild/protobuf';
import pMap from 'p-map';
import { InventoryService, ReservationStatus } from '#proto/sagaproof/inventory/v1/inventory_pb.js';
import { PaymentService, PaymentStatus } from '#proto/sagaproof/payment/v1/payment_pb.js';
import { ShipmentStatus, ShippingService } from '#proto/sagaproof/shipping/v1/shipping_pb.js';
import { RpcClient } from '../clients/rpc.ts';
import type { EndStateKind, EndStates } from '../history/end-state.ts';
import type { AddressBook } from '../kernel/address-book.ts';
import type { RunEntities } from './run-entities.ts';
import { IncompleteSource, type RecordEvent, snapshot } from './witness.ts';

/** Concurrent requests. */
const CONCURRENCY = 16;
/** In a run with more orders, only so many are asked for, to limit the time that it takes. */
const ENTITIES_MAX = 3_000;

export const participants = snapshot('participants', 'postgres', ({ book, entities, record }) =>
  recordParticipants(book, entities, record),
);

/**
 * Records what the participants hold for each order of the run, and its products and cards. They
 * are asked by gRPC, so that it works for any implementation.
 */
async function recordParticipants(
  book: AddressBook,
  entities: RunEntities,
  record: RecordEvent,
): Promise<number> {
  const clients = {
    inventory: clientOf(book, 'inventory', InventoryService),
    payment: clientOf(book, 'payment', PaymentService),
    shipping: clientOf(book, 'shipping', ShippingService),
  };
  let answers = 0;
  const recordState = <K extends EndStateKind>(
    service: string,
    kind: K,
    key: string,
    value: EndStates[K],
  ) => {
    answers++;
    record({ type: 'state', source: 'postgres', kind, service, key, value: { ...value } });
  };
  try {
    await each(entities.products, async (sku) => {
      const got = await clients.inventory.call('getStock', { sku });
      const stock = answerOf('inventory', got)?.stock;
      if (stock === undefined) return;
      recordState('inventory', 'stock', sku, {
        received: Number(stock.received),
        reserved: Number(stock.reserved),
        available: Number(stock.available),
      });
    });
    await each(entities.cards, async (cardToken) => {
      const got = await clients.payment.call('getCard', { cardToken });
      const card = answerOf('payment', got)?.card;
      if (card === undefined) return;
      recordState('payment', 'card', cardToken, {
        limit: Number(card.creditLimit?.minorUnits ?? 0),
        held: Number(card.held?.minorUnits ?? 0),
        captured: Number(card.captured?.minorUnits ?? 0),
      });
    });
    await each(entities.orders, async (orderId) => {
      const [reservation, payment, shipment] = await Promise.all([
        clients.inventory.call('getReservation', { orderId }),
        clients.payment.call('getPayment', { orderId }),
        clients.shipping.call('getShipment', { orderId }),
      ]);
      const held = answerOf('inventory', reservation);
      if (held) {
        recordState('inventory', 'reservation', orderId, {
          status: ReservationStatus[held.status],
        });
      }
      const paid = answerOf('payment', payment);
      if (paid) {
        const amount = Number(paid.amount?.minorUnits ?? 0);
        recordState('payment', 'payment', orderId, { status: PaymentStatus[paid.status], amount });
      }
      const parcel = answerOf('shipping', shipment)?.shipment;
      if (parcel) {
        recordState('shipping', 'shipment', orderId, { status: ShipmentStatus[parcel.status] });
      }
    });
  } finally {
    for (const client of Object.values(clients)) client.close();
  }
  return answers;
}

function clientOf<S extends DescService>(
  book: AddressBook,
  name: string,
  service: S,
): RpcClient<S> {
  const instance = book.services[name]?.instances[0];
  const port = instance?.ports['grpc'];
  if (instance === undefined || port === undefined) {
    throw new IncompleteSource(`the stack has no ${name} with a gRPC port`);
  }
  return new RpcClient(service, `${instance.host}:${port}`);
}

/** The answer; undefined for NOT_FOUND. Any other error makes the source incomplete. */
function answerOf<T>(
  service: string,
  result:
    | { readonly ok: true; readonly message: T }
    | { readonly ok: false; readonly status: string; readonly details: string },
): T | undefined {
  if (result.ok) return result.message;
  if (result.status === 'NOT_FOUND') return undefined;
  throw new IncompleteSource(`${service} answered ${result.status}: ${result.details}`);
}

async function each(ids: ReadonlySet<string>, ask: (id: string) => Promise<void>): Promise<void> {
  await pMap([...ids].slice(0, ENTITIES_MAX), ask, { concurrency: CONCURRENCY });
}
