import { v4 as uuid } from 'uuid';
import { recordsSince } from '../harness/clients/kafka.ts';
import { Publisher } from '../harness/contracts/provider/publisher.ts';
import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';
import { ADDRESS } from '../harness/scenario/user.ts';

type Payload = { readonly type: string } & Readonly<Record<string, unknown>>;

/**
 * Claims: participants handle a step and its compensation in any order: compensated before it was
 * done, repeated, and done after it was compensated. Each command is answered and has its effect
 * once.
 * Checks: commands without a saga; the types of the replies in their order; stock and card at the
 * end.
 * Could be fooled: by correct replies without the effect; hence stock and card are read.
 */
export default defineScenario({
  name: 'undone-before-done',
  claims: 'steps and compensations are safe in any order',
  async play({ world }) {
    const beganMs = Date.now();
    const [sku, cardToken] = await Promise.all([world.sku(5), world.card(9_000)]);
    const lines = [{ sku, quantity: 2 }];
    const amount = { currency: 'JPY', minorUnits: 1_000 };
    const reserve = { type: 'ReserveStock', lines };
    const release = { type: 'ReleaseStock' };
    const authorize = { type: 'AuthorizePayment', cardToken, amount };
    const voided = { type: 'VoidPayment' };
    const capture = { type: 'CapturePayment', attempt: 1 };
    const refund = { type: 'RefundPayment' };
    const schedule = { type: 'ScheduleShipment', address: ADDRESS, lines };
    const recall = { type: 'CancelShipment' };
    const plays: ReadonlyArray<readonly [string, readonly Payload[], readonly string[]]> = [
      ['inventory', [release, reserve], ['StockReleased', 'StockReservationRefused']],
      [
        'inventory',
        [reserve, reserve, release, release, reserve],
        [
          ...['StockReserved', 'StockReserved', 'StockReleased', 'StockReleased'],
          'StockReservationRefused',
        ],
      ],
      ['payment', [voided, authorize], ['PaymentVoided', 'PaymentDeclined']],
      [
        'payment',
        [authorize, authorize, voided, voided, capture],
        [
          ...['PaymentAuthorized', 'PaymentAuthorized', 'PaymentVoided', 'PaymentVoided'],
          'PaymentCaptureFailed',
        ],
      ],
      [
        'payment',
        [authorize, capture, capture, refund, refund],
        [
          ...['PaymentAuthorized', 'PaymentCaptured', 'PaymentCaptured'],
          ...['PaymentRefunded', 'PaymentRefunded'],
        ],
      ],
      ['shipping', [recall, schedule], ['ShipmentCancelled', 'ShipmentRefused']],
      [
        'shipping',
        [schedule, schedule, recall, recall, schedule],
        [
          ...['ShipmentScheduled', 'ShipmentScheduled', 'ShipmentCancelled', 'ShipmentCancelled'],
          'ShipmentRefused',
        ],
      ],
    ];
    await using publisher = await Publisher.connect(
      world.book.kafka.bootstrap,
      world.book.registry.url,
    );
    const due = new Map<string, readonly string[]>();
    for (const [service, commands, answers] of plays) {
      const orderId = uuid();
      due.set(orderId, answers);
      const jobId = uuid();
      for (const payload of commands) {
        const about = { messageId: uuid(), jobId, orderId, causationId: jobId };
        await publisher.publish({
          topic: `${service}.commands`,
          key: orderId,
          eventType: payload.type,
          value: { ...about, occurredAt: Date.now(), payload },
        });
      }
    }
    const topics = ['inventory.events', 'payment.events', 'shipping.events'];
    const answers = await recordsSince(world, topics, beganMs, (found) => {
      const own = Map.groupBy(found, ({ key }) => key);
      return [...due].every(([orderId, { length }]) => (own.get(orderId)?.length ?? 0) >= length);
    });
    const said = Map.groupBy(answers, ({ key }) => key);
    for (const [orderId, types] of due) {
      expect(said.get(orderId)?.map(({ headers }) => headers['eventType'])).toEqual(types);
    }
    const stock = await world.rpc.inventory.call('getStock', { sku });
    expect(stock).toMatchObject({ message: { stock: { available: 5n, reserved: 0n } } });
    const card = await world.rpc.payment.call('getCard', { cardToken });
    expect(card).toMatchObject({
      message: { card: { held: { minorUnits: 0n }, captured: { minorUnits: 0n } } },
    });
  },
});
