import { contractBetween, published } from '#harness/contracts/consumer/contract.ts';
import { answered, grpcInteraction, refused } from '#harness/contracts/consumer/grpc.ts';
import { opaque } from '#harness/contracts/consumer/matchers.ts';
import { FICTION } from '#harness/contracts/fiction.ts';
import { ShippingService } from '#proto/sagaproof/shipping/v1/shipping_pb.js';
import { gatewayCalling } from '../../api-gateway.testkit.ts';
import { becomes } from '../../outcomes.testkit.ts';

const { orderId } = FICTION;
const TRACKING = 'JP-0193B3A0';

const contract = contractBetween({ consumer: 'api-gateway', provider: 'shipping' });

const question = {
  method: ShippingService.method.getShipment,
  request: { orderId },
  consume: gatewayCalling('shipping', ({ parts }) => parts.shipment(orderId)),
};

const STATES = {
  SCHEDULED: 'the shipment is scheduled',
  DISPATCHED: 'the shipment is dispatched',
  CANCELLED: 'the shipment was scheduled and cancelled',
};

for (const [status, given] of Object.entries(STATES)) {
  grpcInteraction(contract, {
    ...question,
    description: `a question for a shipment that is ${status}`,
    given,
    answer: answered({
      shipment: { status: `SHIPMENT_STATUS_${status}`, trackingNumber: opaque(TRACKING) },
    }),
    expect: becomes({ kind: 'present', value: { status, trackingNumber: TRACKING } }),
  });
}

grpcInteraction(contract, {
  ...question,
  description: 'a question for a shipment that was cancelled before it was scheduled',
  given: 'the shipment was cancelled before it was scheduled',
  answer: answered({ shipment: { status: 'SHIPMENT_STATUS_CANCELLED', trackingNumber: '' } }),
  expect: becomes({ kind: 'present', value: { status: 'CANCELLED', trackingNumber: null } }),
});

grpcInteraction(contract, {
  ...question,
  description: 'a question for the shipment of an order that has none',
  given: 'the order has no shipment',
  answer: refused('NOT_FOUND', 'shipment-not-found'),
  expect: becomes({ kind: 'absent' }),
});

grpcInteraction(contract, {
  ...question,
  description: 'a question for a shipment that was refused',
  given: 'the shipment was refused',
  answer: refused('NOT_FOUND', 'shipment-not-found'),
  expect: becomes({ kind: 'absent' }),
});

grpcInteraction(contract, {
  ...question,
  description: 'a question for a shipment that cannot be read',
  given: 'shipping cannot reach Postgres',
  answer: refused('UNAVAILABLE', 'unavailable'),
  expect: becomes({ kind: 'unavailable' }),
});

grpcInteraction(contract, {
  ...question,
  description: 'a question for a shipment, with little time',
  given: 'Postgres is slow',
  deadlineMs: 250,
  answer: refused('DEADLINE_EXCEEDED'),
  expect: becomes({ kind: 'unavailable' }),
});

published(contract);
