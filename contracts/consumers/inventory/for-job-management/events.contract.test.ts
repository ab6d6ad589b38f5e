import { contractBetween, published } from '#harness/contracts/consumer/contract.ts';
import { commanded, IN_STOCK, LINES } from '#harness/contracts/consumer/examples.ts';
import { FICTION } from '#harness/contracts/fiction.ts';
import { joblessInteraction, participantInteraction } from '../../job-management.testkit.ts';

const { sku } = FICTION;

const contract = contractBetween({ consumer: 'job-management', provider: 'inventory' });

participantInteraction(contract, {
  description: 'stock that is held',
  given: [IN_STOCK, commanded('ReserveStock')],
  payload: { type: 'StockReserved' },
  unread: { lines: LINES },
});

for (const [reason, given, after] of [
  ['out-of-stock', commanded('ReserveStock'), []],
  ['reservation-released', commanded('ReleaseStock', 'ReserveStock'), ['StockReleased']],
] as const) {
  participantInteraction(contract, {
    description: `stock that is not held: ${reason}`,
    ...{ given, after },
    payload: { type: 'StockReservationRefused', reason },
    unread: { sku },
  });
}

for (const [description, type, command] of [
  ['stock that came free', 'StockReleased', 'ReleaseStock'],
  ['stock that is back', 'StockRestocked', 'RestockItems'],
] as const) {
  participantInteraction(contract, {
    description,
    given: [IN_STOCK, commanded('ReserveStock', command)],
    payload: { type },
    unread: { effective: true, lines: LINES },
    after: ['StockReserved'],
  });
}

joblessInteraction(contract, {
  description: 'goods that arrived, by no job',
  given: 'goods have arrived',
  key: sku,
  payload: { type: 'StockReceived' },
  unread: { sku, quantity: 10 },
});

published(contract);
