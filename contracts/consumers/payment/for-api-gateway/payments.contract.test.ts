import { contractBetween, published } from '#harness/contracts/consumer/contract.ts';
import { answered, grpcInteraction, refused } from '#harness/contracts/consumer/grpc.ts';
import { FICTION } from '#harness/contracts/fiction.ts';
import { FICTIONAL_ORDER } from '#harness/contracts/fictional-order.ts';
import { PaymentService } from '#proto/sagaproof/payment/v1/payment_pb.js';
import { gatewayCalling } from '../../api-gateway.testkit.ts';
import { becomes } from '../../outcomes.testkit.ts';

const { orderId } = FICTION;

const contract = contractBetween({ consumer: 'api-gateway', provider: 'payment' });

const question = {
  method: PaymentService.method.getPayment,
  request: { orderId },
  consume: gatewayCalling('payment', ({ parts }) => parts.payment(orderId)),
};

const STATES = {
  AUTHORIZED: 'the payment is authorised',
  VOIDED: 'the payment was authorised and voided',
  CAPTURED: 'the payment is captured',
  REFUNDED: 'the payment is refunded',
};

for (const [status, given] of Object.entries(STATES)) {
  grpcInteraction(contract, {
    ...question,
    description: `a question for a payment that is ${status}`,
    given,
    answer: answered({ status: `PAYMENT_STATUS_${status}`, amount: FICTIONAL_ORDER.total }),
    expect: becomes({
      kind: 'present',
      value: { status, amount: { currency: 'JPY', minorUnits: 2780 } },
    }),
  });
}

grpcInteraction(contract, {
  ...question,
  description: 'a question for a payment that was voided before it was authorised',
  given: 'the payment was voided before it was authorised',
  answer: answered({ status: 'PAYMENT_STATUS_VOIDED' }),
  expect: becomes({ kind: 'present', value: { status: 'VOIDED', amount: null } }),
});

grpcInteraction(contract, {
  ...question,
  description: 'a question for the payment of an order that has none',
  given: 'the order has no payment',
  answer: refused('NOT_FOUND', 'payment-not-found'),
  expect: becomes({ kind: 'absent' }),
});

grpcInteraction(contract, {
  ...question,
  description: 'a question for a payment that was declined',
  given: 'the payment was declined',
  answer: refused('NOT_FOUND', 'payment-not-found'),
  expect: becomes({ kind: 'absent' }),
});

grpcInteraction(contract, {
  ...question,
  description: 'a question for a payment that cannot be read',
  given: 'payment cannot reach Postgres',
  answer: refused('UNAVAILABLE', 'unavailable'),
  expect: becomes({ kind: 'unavailable' }),
});

grpcInteraction(contract, {
  ...question,
  description: 'a question for a payment, with little time',
  given: 'Postgres is slow',
  deadlineMs: 250,
  answer: refused('DEADLINE_EXCEEDED'),
  expect: becomes({ kind: 'unavailable' }),
});

published(contract);
