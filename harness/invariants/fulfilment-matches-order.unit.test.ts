import { describeInvariant } from '../checker/testing/judge.ts';
import { fulfilmentMatchesOrder } from './fulfilment-matches-order.ts';

const lines = [{ sku: 'sku-a', quantity: 1 }];

describeInvariant(
  fulfilmentMatchesOrder,
  [
    {
      anomaly: 'an order that costs less than its lines',
      edit: (to) =>
        to.edit('a.OrderPlaced', {
          value: {
            payload: {
              type: 'OrderPlaced',
              lines: [
                { sku: 'sku-a', quantity: 2, unitPrice: { currency: 'JPY', minorUnits: 1_000 } },
              ],
              total: { currency: 'JPY', minorUnits: 1_000 },
            },
          },
        }),
      says: /Order order-a costs 1000; its lines add up to 2000/,
      shows: ['a.OrderPlaced'],
    },
    {
      anomaly: 'a reservation of less than was ordered',
      edit: (to) =>
        to.edit('a.RESERVE_STOCK.event', { value: { payload: { type: 'StockReserved', lines } } }),
      says: /StockReserved of order order-a has another lines than was ordered/,
      shows: ['a.OrderPlaced', 'a.RESERVE_STOCK.event'],
    },
    {
      anomaly: 'a parcel that goes to another address',
      edit: (to) =>
        to.edit('a.SCHEDULE_SHIPMENT.command', {
          value: {
            payload: {
              type: 'ScheduleShipment',
              lines: [{ sku: 'sku-a', quantity: 2 }],
              address: { recipient: 'Another person' },
            },
          },
        }),
      says: /ScheduleShipment of order order-a has another address than was ordered/,
      shows: ['a.place.invoke', 'a.SCHEDULE_SHIPMENT.command'],
    },
    {
      anomaly: 'another card that is charged',
      edit: (to) =>
        to.edit('a.AUTHORIZE_PAYMENT.event', {
          value: {
            payload: {
              type: 'PaymentAuthorized',
              cardToken: 'card-r',
              amount: { currency: 'JPY', minorUnits: 2_000 },
            },
          },
        }),
      says: /PaymentAuthorized of order order-a has another card than was ordered/,
      shows: ['a.place.invoke', 'a.AUTHORIZE_PAYMENT.event'],
    },
    {
      anomaly: 'an approval of another amount',
      edit: (to) =>
        to.edit('a.OrderApproved', {
          value: {
            payload: {
              type: 'OrderApproved',
              contactEmail: '',
              total: { currency: 'JPY', minorUnits: 1 },
            },
          },
        }),
      says: /OrderApproved of order order-a has another amount than was ordered/,
      shows: ['a.OrderPlaced', 'a.OrderApproved'],
    },
  ],
  [
    {
      legal: 'lines that are put together by product',
      edit: (to) =>
        to.edit('a.RESERVE_STOCK.command', {
          value: { payload: { type: 'ReserveStock', lines: [...lines, ...lines] } },
        }),
    },
    {
      legal: 'a request that was too large to be kept',
      edit: (to) => to.edit('a.place.invoke', { request: { method: 'POST', path: '/v1/orders' } }),
    },
  ],
);
