import { contractBetween, published } from '#harness/contracts/consumer/contract.ts';
import {
  CARD,
  commanded,
  DECLINED_CARD,
  SLOW_CARD,
  TOTAL,
} from '#harness/contracts/consumer/examples.ts';
import { FICTION } from '#harness/contracts/fiction.ts';
import { joblessInteraction, participantInteraction } from '../../job-management.testkit.ts';

const { cardToken, declinedCardToken, slowCardToken } = FICTION;

const contract = contractBetween({ consumer: 'job-management', provider: 'payment' });

participantInteraction(contract, {
  description: 'an amount that is held',
  given: [CARD, commanded('AuthorizePayment')],
  payload: { type: 'PaymentAuthorized' },
  unread: { cardToken, amount: TOTAL },
});

participantInteraction(contract, {
  description: 'a card that is declined',
  given: [DECLINED_CARD, commanded({ type: 'AuthorizePayment', cardToken: declinedCardToken })],
  payload: { type: 'PaymentDeclined', reason: 'card-declined' },
});

participantInteraction(contract, {
  description: 'a card that has less left than the order costs',
  given: [
    CARD,
    commanded({
      type: 'AuthorizePayment',
      amount: { ...TOTAL, minorUnits: TOTAL.minorUnits + 1 },
    }),
  ],
  payload: { type: 'PaymentDeclined', reason: 'credit-limit-exceeded' },
});

participantInteraction(contract, {
  description: 'a hold that was given up',
  given: [CARD, commanded('AuthorizePayment', 'VoidPayment')],
  payload: { type: 'PaymentVoided' },
  unread: { effective: true, amount: TOTAL },
  after: ['PaymentAuthorized'],
});

participantInteraction(contract, {
  description: 'an amount that was taken',
  given: [CARD, commanded('AuthorizePayment', 'CapturePayment')],
  payload: { type: 'PaymentCaptured' },
  unread: { amount: TOTAL },
  after: ['PaymentAuthorized'],
});

participantInteraction(contract, {
  description: 'an amount that could not be taken this time',
  given: [
    SLOW_CARD,
    commanded({ type: 'AuthorizePayment', cardToken: slowCardToken }, 'CapturePayment'),
  ],
  payload: { type: 'PaymentCaptureFailed', reason: 'acquirer-unavailable' },
  unread: { attempt: 1 },
  after: ['PaymentAuthorized'],
});

participantInteraction(contract, {
  description: 'an amount that was given back',
  given: [CARD, commanded('AuthorizePayment', 'CapturePayment', 'RefundPayment')],
  payload: { type: 'PaymentRefunded' },
  unread: { effective: true, amount: TOTAL },
  after: ['PaymentAuthorized', 'PaymentCaptured'],
});

joblessInteraction(contract, {
  description: 'a card that may be charged, by no job',
  given: CARD,
  key: cardToken,
  payload: { type: 'CardRegistered' },
  unread: { cardToken, creditLimit: TOTAL },
});

published(contract);
