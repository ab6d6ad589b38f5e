import { expect } from 'vitest';
import { contractBetween, published } from '#harness/contracts/consumer/contract.ts';
import {
  anId,
  aTraceparent,
  CANCELLATION_ASKED,
  PLACED,
  replied,
  TOTAL,
  TRACE_ID,
} from '#harness/contracts/consumer/examples.ts';
import { type ContractRecord, recordInteraction } from '#harness/contracts/consumer/record.ts';
import { FICTION } from '#harness/contracts/fiction.ts';
import { consumeRecord, currentTraceId } from '#kit/consumer.testkit.ts';
import { commandHandler } from '#kit/participant.ts';
import { sandboxAcquirer } from '../../../../reference-services/payment/adapters/sandbox-acquirer.ts';
import { createPayments } from '../../../../reference-services/payment/app.ts';
import {
  flawOf,
  type Payment,
  type PaymentCommand,
} from '../../../../reference-services/payment/domain.ts';
import type { PaymentUnit } from '../../../../reference-services/payment/ports.ts';

const { cardToken, jobId, orderId, otherJobId } = FICTION;
const slowCharge = { cardToken: FICTION.slowCardToken, amount: TOTAL };
const charge = { cardToken, amount: TOTAL };

const contract = contractBetween({ consumer: 'payment', provider: 'order' });

/** What payment makes of a command: its reply, and what it keeps. */
const paymentWith =
  (payment: Payment) =>
  async (record: ContractRecord): Promise<unknown> => {
    const made: unknown[] = [];
    const unit: PaymentUnit = {
      claim: async (messageId) => made.push({ claimed: messageId }) > 0,
      publish: async (key, event) => void made.push({ key, traceId: currentTraceId(), ...event }),
      lockPayment: async (locked) => {
        made.push({ locked });
        return payment;
      },
      savePayment: async (saved, after) => void made.push({ saved, after }),
      lockCard: async (token) =>
        token === cardToken ? { cardToken, creditLimit: TOTAL, held: 0, captured: 0 } : undefined,
      saveCard: async () => false,
      changeCard: async (change) => void made.push(change),
    };
    const { handle } = createPayments({
      store: {
        transaction: (work) => work(unit),
        card: async () => undefined,
        payment: async () => payment,
      },
      acquirer: sandboxAcquirer(),
      clock: { now: () => 0 },
      ids: { uuid: () => '' },
    });
    const take = commandHandler<'payment'>({ flawOf, handle });
    return { became: await consumeRecord(record, ['payment.commands'], take), made };
  };

const command = (payload: PaymentCommand, job: string = jobId) => ({
  topic: 'payment.commands',
  key: orderId,
  headers: { eventType: payload.type, traceparent: aTraceparent() },
  value: { messageId: anId(), jobId: job, orderId, payload },
  unread: { causationId: FICTION.causationId, occurredAt: 0 },
});

/** The reply says whose it is, and goes on in the command's trace. */
const replying =
  (payload: object, job: string = jobId) =>
  (outcome: unknown) =>
    expect(outcome).toMatchObject({
      kind: 'done',
      value: {
        became: 'handled',
        made: expect.arrayContaining([
          expect.objectContaining({
            ...{ key: orderId, traceId: TRACE_ID, jobId: job, orderId },
            payload,
          }),
        ]),
      },
    });

recordInteraction(contract, {
  description: 'a command to hold the amount on the card',
  given: [PLACED, replied('StockReserved')],
  ...command({ type: 'AuthorizePayment', ...charge }),
  consume: paymentWith({ status: 'none' }),
  expect: replying({ type: 'PaymentAuthorized', ...charge }),
});

recordInteraction(contract, {
  description: 'a command to give up what is held, after a refusal by shipping',
  given: [PLACED, replied('StockReserved', 'PaymentAuthorized', 'ShipmentRefused')],
  ...command({ type: 'VoidPayment' }),
  after: ['AuthorizePayment'],
  consume: paymentWith({ status: 'authorized', charge }),
  expect: replying({ type: 'PaymentVoided', effective: true, amount: TOTAL }),
});

recordInteraction(contract, {
  description: 'a command to take what is held',
  given: [PLACED, replied('StockReserved', 'PaymentAuthorized', 'ShipmentScheduled')],
  ...command({ type: 'CapturePayment', attempt: 1 }),
  after: ['AuthorizePayment'],
  consume: paymentWith({ status: 'authorized', charge: slowCharge }),
  expect: replying({ type: 'PaymentCaptureFailed', attempt: 1, reason: 'acquirer-unavailable' }),
});

recordInteraction(contract, {
  description: 'a command to take what is held, for the second time',
  given: [
    PLACED,
    replied('StockReserved', 'PaymentAuthorized', 'ShipmentScheduled', 'PaymentCaptureFailed'),
  ],
  ...command({ type: 'CapturePayment', attempt: 2 }),
  after: ['AuthorizePayment', 'CapturePayment'],
  consume: paymentWith({ status: 'authorized', charge: slowCharge }),
  expect: replying({ type: 'PaymentCaptured', amount: TOTAL }),
});

recordInteraction(contract, {
  description: 'a command to give the money of a cancelled order back',
  given: [
    PLACED,
    replied('StockReserved', 'PaymentAuthorized', 'ShipmentScheduled', 'PaymentCaptured'),
    CANCELLATION_ASKED,
    replied('ShipmentCancelled'),
  ],
  ...command({ type: 'RefundPayment' }, otherJobId),
  after: ['AuthorizePayment', 'CapturePayment'],
  consume: paymentWith({ status: 'captured', charge }),
  expect: replying({ type: 'PaymentRefunded', effective: true, amount: TOTAL }, otherJobId),
});

published(contract);
