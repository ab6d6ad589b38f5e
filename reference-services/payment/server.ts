import { z } from 'zod';
import { type Implementation, implement } from '#kit/grpc.ts';
import { parseRequest } from '#kit/request.ts';
import { PaymentService, PaymentStatus } from '#proto/sagaproof/payment/v1/payment_pb.js';
import type { Payments } from './app.ts';
import { AMOUNT_MAX, type Card, CURRENCY_PATTERN, type Payment } from './domain.ts';

const CardToken = z.string().min(1).max(128);
const RegisterCard = z.object({
  cardToken: CardToken,
  creditLimit: z.object({
    currency: z.string().regex(CURRENCY_PATTERN, 'must be an ISO 4217 code'),
    minorUnits: z.bigint().min(0n).max(BigInt(AMOUNT_MAX)).transform(Number),
  }),
});
const GetCard = z.object({ cardToken: CardToken });
const GetPayment = z.object({ orderId: z.guid() });

const STATUS: Readonly<Record<Payment['status'], PaymentStatus>> = {
  none: PaymentStatus.UNSPECIFIED,
  authorized: PaymentStatus.AUTHORIZED,
  voided: PaymentStatus.VOIDED,
  captured: PaymentStatus.CAPTURED,
  refunded: PaymentStatus.REFUNDED,
};

/** Payments over gRPC. */
export function paymentServer(payments: Payments): Implementation {
  return implement(PaymentService, {
    registerCard: async (request) => {
      const { cardToken, creditLimit } = parseRequest(RegisterCard, request);
      return { card: toWire(await payments.registerCard(cardToken, creditLimit)) };
    },
    getCard: async (request) => ({
      card: toWire(await payments.card(parseRequest(GetCard, request).cardToken)),
    }),
    getPayment: async (request) => {
      const { orderId } = parseRequest(GetPayment, request);
      const payment = await payments.payment(orderId);
      const amount = 'charge' in payment ? payment.charge?.amount : undefined;
      return {
        orderId,
        status: STATUS[payment.status],
        ...(amount === undefined ? {} : { amount: money(amount.currency, amount.minorUnits) }),
      };
    },
  });
}

const money = (currency: string, minorUnits: number) => ({
  currency,
  minorUnits: BigInt(minorUnits),
});

function toWire({ cardToken, creditLimit, held, captured }: Card) {
  const { currency, minorUnits } = creditLimit;
  return {
    cardToken,
    creditLimit: money(currency, minorUnits),
    held: money(currency, held),
    captured: money(currency, captured),
  };
}
