import { contractBetween, published } from '#harness/contracts/consumer/contract.ts';
import { commanded, IN_STOCK, LINES } from '#harness/contracts/consumer/examples.ts';
import { FICTION } from '#harness/contracts/fiction.ts';
import {
  leadingTo,
  orderAfter,
  otherInteraction,
  replyInteraction,
  UNTIL_CANCELLATION,
} from '../../order.testkit.ts';

const { sku } = FICTION;

const contract = contractBetween({ consumer: 'order', provider: 'inventory' });

replyInteraction(contract, {
  description: 'stock that is held for an order',
  given: [IN_STOCK, commanded('ReserveStock')],
  payload: { type: 'StockReserved' },
  unread: { lines: LINES },
  consume: orderAfter(),
  leadsTo: leadingTo(['SagaStepCompleted', 'AuthorizePayment'], { step: 'RESERVE_STOCK' }),
});

replyInteraction(contract, {
  description: 'a refusal for want of stock',
  given: commanded('ReserveStock'),
  payload: { type: 'StockReservationRefused', reason: 'out-of-stock' },
  unread: { sku },
  consume: orderAfter(),
  leadsTo: leadingTo(['SagaStepFailed', 'OrderRejected'], { reason: 'out-of-stock' }),
});

replyInteraction(contract, {
  description: 'a refusal since the reservation was released before it came',
  given: [IN_STOCK, commanded('ReleaseStock', 'ReserveStock')],
  payload: { type: 'StockReservationRefused', reason: 'reservation-released' },
  unread: { sku: null },
  after: ['StockReleased'],
  consume: orderAfter(),
  leadsTo: leadingTo(['SagaStepFailed', 'OrderRejected'], { reason: 'reservation-released' }),
});

replyInteraction(contract, {
  description: 'stock that came free',
  given: [IN_STOCK, commanded('ReserveStock', 'ReleaseStock')],
  payload: { type: 'StockReleased', effective: true },
  unread: { lines: LINES },
  after: ['StockReserved'],
  consume: orderAfter('StockReserved', 'PaymentDeclined'),
  leadsTo: leadingTo(['SagaStepCompensated', 'OrderRejected'], { effective: true }),
});

replyInteraction(contract, {
  description: 'a release that found nothing to release',
  given: commanded('ReleaseStock'),
  payload: { type: 'StockReleased', effective: false },
  unread: { lines: [] },
  consume: orderAfter('StockReserved', 'PaymentDeclined'),
  leadsTo: leadingTo(['SagaStepCompensated', 'OrderRejected'], { effective: false }),
});

replyInteraction(contract, {
  description: 'stock that is back after a cancellation',
  given: [IN_STOCK, commanded('ReserveStock', 'RestockItems')],
  payload: { type: 'StockRestocked' },
  unread: { effective: true, lines: LINES },
  after: ['StockReserved'],
  consume: orderAfter(...UNTIL_CANCELLATION, 'ShipmentCancelled', 'PaymentRefunded'),
  leadsTo: leadingTo(['SagaStepCompleted', 'OrderCancelled'], { step: 'RESTOCK_ITEMS' }),
});

replyInteraction(contract, {
  description: 'the answer to a second command of the same kind',
  given: [IN_STOCK, commanded('ReserveStock', 'ReserveStock')],
  payload: { type: 'StockReserved' },
  unread: { lines: LINES },
  after: ['StockReserved'],
  consume: orderAfter(),
  leadsTo: leadingTo(['SagaStepCompleted', 'AuthorizePayment']),
});

otherInteraction(contract, {
  description: 'goods that arrived, for no order',
  given: 'goods have arrived',
  key: sku,
  payload: { type: 'StockReceived', sku, quantity: 10 },
  value: { orderId: null },
  reason: 'not-about-an-order',
});

published(contract);
