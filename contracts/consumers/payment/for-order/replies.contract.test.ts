import { contractBetween, published } from '#harness/contracts/consumer/contract.ts';
import {
  CARD,
  commanded,
  DECLINED_CARD,
  SLOW_CARD,
  TOTAL,
} from '#harness/contracts/consumer/examples.ts';
import { FICTION } from '#harness/contracts/fiction.ts';
import {
  leadingTo,
  orderAfter,
  otherInteraction,
  replyInteraction,
  UNTIL_CANCELLATION,
  UNTIL_CAPTURE,
} from '../../order.testkit.ts';

const { cardToken, declinedCardToken, slowCardToken } = FICTION;

const contract = contractBetween({ consumer: 'order', provider: 'payment' });

replyInteraction(contract, {
  description: 'an amount that is held',
  given: [CARD, commanded('AuthorizePayment')],
  payload: { type: 'PaymentAuthorized' },
  unread: { cardToken, amount: TOTAL },
  consume: orderAfter('StockReserved'),
  leadsTo: leadingTo(['SagaStepCompleted', 'ScheduleShipment'], { step: 'AUTHORIZE_PAYMENT' }),
});

const DECLINED = [
  {
    description: 'a refusal since the card is not known',
    given: commanded('AuthorizePayment'),
    reason: 'card-declined',
  },
  {
    description: 'a refusal by the issuer of the card',
    given: [DECLINED_CARD, commanded({ type: 'AuthorizePayment', cardToken: declinedCardToken })],
    reason: 'card-declined',
  },
  {
    description: 'a refusal since the amount is more than the card has left',
    given: [
      CARD,
      commanded({
        type: 'AuthorizePayment',
        amount: { ...TOTAL, minorUnits: TOTAL.minorUnits + 1 },
      }),
    ],
    reason: 'credit-limit-exceeded',
  },
  {
    description: 'a refusal since the payment was voided before the command to authorise it came',
    given: [CARD, commanded('VoidPayment', 'AuthorizePayment')],
    after: ['PaymentVoided'],
    reason: 'payment-voided',
  },
] as const;

for (const { reason, ...about } of DECLINED) {
  replyInteraction(contract, {
    ...about,
    payload: { type: 'PaymentDeclined', reason },
    consume: orderAfter('StockReserved'),
    leadsTo: leadingTo(['SagaStepFailed', 'SagaCompensationStarted', 'ReleaseStock'], { reason }),
  });
}

replyInteraction(contract, {
  description: 'a hold that was given up',
  given: [CARD, commanded('AuthorizePayment', 'VoidPayment')],
  payload: { type: 'PaymentVoided', effective: true },
  unread: { amount: TOTAL },
  after: ['PaymentAuthorized'],
  consume: orderAfter('StockReserved', 'PaymentAuthorized', 'ShipmentRefused'),
  leadsTo: leadingTo(['SagaStepCompensated', 'ReleaseStock'], { effective: true }),
});

replyInteraction(contract, {
  description: 'a void that found nothing to give up',
  given: commanded('VoidPayment'),
  payload: { type: 'PaymentVoided', effective: false },
  unread: { amount: null },
  consume: orderAfter('StockReserved', 'PaymentAuthorized', 'ShipmentRefused'),
  leadsTo: leadingTo(['SagaStepCompensated', 'ReleaseStock'], { effective: false }),
});

replyInteraction(contract, {
  description: 'an amount that was taken',
  given: [CARD, commanded('AuthorizePayment', 'CapturePayment')],
  payload: { type: 'PaymentCaptured' },
  unread: { amount: TOTAL },
  after: ['PaymentAuthorized'],
  consume: orderAfter(...UNTIL_CAPTURE),
  leadsTo: leadingTo(['SagaStepCompleted', 'OrderApproved'], { step: 'CAPTURE_PAYMENT' }),
});

replyInteraction(contract, {
  description: 'an amount that was taken at the second attempt',
  given: [
    SLOW_CARD,
    commanded(
      { type: 'AuthorizePayment', cardToken: slowCardToken },
      { type: 'CapturePayment', attempt: 1 },
      { type: 'CapturePayment', attempt: 2 },
    ),
  ],
  payload: { type: 'PaymentCaptured' },
  unread: { amount: TOTAL },
  after: ['PaymentAuthorized', 'PaymentCaptureFailed'],
  consume: orderAfter(...UNTIL_CAPTURE),
  leadsTo: leadingTo(['SagaStepCompleted', 'OrderApproved']),
});

const NOT_CAPTURED = [
  {
    description: 'an amount that could not be taken this time',
    given: [
      SLOW_CARD,
      commanded({ type: 'AuthorizePayment', cardToken: slowCardToken }, 'CapturePayment'),
    ],
    after: ['PaymentAuthorized'],
    reason: 'acquirer-unavailable',
  },
  {
    description: 'an amount that cannot be taken since nothing was ever held',
    given: commanded('CapturePayment'),
    reason: 'payment-not-found',
  },
  {
    description: 'an amount that cannot be taken since the hold was given up',
    given: [CARD, commanded('AuthorizePayment', 'VoidPayment', 'CapturePayment')],
    after: ['PaymentAuthorized', 'PaymentVoided'],
    reason: 'payment-voided',
  },
] as const;

for (const { reason, ...about } of NOT_CAPTURED) {
  replyInteraction(contract, {
    ...about,
    payload: { type: 'PaymentCaptureFailed', reason },
    unread: { attempt: 1 },
    consume: orderAfter(...UNTIL_CAPTURE),
    leadsTo: leadingTo(['wait'], { reason }),
  });
}

for (const [description, given, effective] of [
  [
    'an amount that was given back',
    commanded('AuthorizePayment', 'CapturePayment', 'RefundPayment'),
    true,
  ],
  [
    'a refund that found nothing to give back',
    commanded('AuthorizePayment', 'RefundPayment'),
    false,
  ],
] as const) {
  replyInteraction(contract, {
    description,
    given: [CARD, given],
    payload: { type: 'PaymentRefunded' },
    unread: { effective, amount: effective ? TOTAL : null },
    after: effective ? ['PaymentAuthorized', 'PaymentCaptured'] : ['PaymentAuthorized'],
    consume: orderAfter(...UNTIL_CANCELLATION, 'ShipmentCancelled'),
    leadsTo: leadingTo(['SagaStepCompleted', 'RestockItems'], { step: 'REFUND_PAYMENT' }),
  });
}

otherInteraction(contract, {
  description: 'a card that may be charged, for no order',
  given: CARD,
  key: cardToken,
  payload: { type: 'CardRegistered', cardToken, creditLimit: TOTAL },
  value: { orderId: null },
  reason: 'not-about-an-order',
});

published(contract);
