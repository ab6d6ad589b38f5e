/** Payments: held, taken and given back at most once, in whatever order messages come. */

import type { TopicValues } from '#avro/types.generated.ts';
import { LIMITS } from '#contracts/spec/limits.generated.ts';

export type PaymentCommand = TopicValues['payment.commands']['payload'];
export type PaymentReply = Exclude<
  TopicValues['payment.events']['payload'],
  { type: 'CardRegistered' }
>;

export interface Money {
  readonly currency: string;
  readonly minorUnits: number;
}

interface Charge {
  readonly cardToken: string;
  readonly amount: Money;
}

/** An order's payment. `voided` may have nothing to it: the void came before the authorisation. */
export type Payment =
  | { readonly status: 'none' }
  | { readonly status: 'voided'; readonly charge?: Charge }
  | { readonly status: 'authorized' | 'captured' | 'refunded'; readonly charge: Charge };

export const initialState: Payment = { status: 'none' };

export interface Card {
  readonly cardToken: string;
  readonly creditLimit: Money;
  /** Authorised and not yet captured or voided. */
  readonly held: number;
  /** Captured and not refunded. */
  readonly captured: number;
}

/** What a decision needs to know besides the payment itself. */
export interface Facts {
  /** The card of an authorisation; undefined when it is not registered. */
  readonly card?: Card | undefined;
  /** The acquirer's verdict; undefined when it was not asked. */
  readonly verdict?: 'ok' | 'declined' | 'unavailable' | undefined;
}

const TOKEN_LENGTH_MAX = LIMITS.payment.cardTokenChars;
export const CURRENCY_PATTERN = /^[A-Z]{3}$/;
/** A card's highest limit. Sums of two such amounts are exact as numbers. */
export const AMOUNT_MAX = LIMITS.payment.amount;

/** What is wrong with a command, which the sender could have known; undefined when nothing is. */
export function flawOf(command: PaymentCommand): string | undefined {
  if (command.type === 'CapturePayment') {
    return command.attempt >= 1 ? undefined : 'attempt is less than 1';
  }
  if (command.type !== 'AuthorizePayment') return undefined;
  const { cardToken, amount } = command;
  if (cardToken === '' || cardToken.length > TOKEN_LENGTH_MAX) return 'cardToken is empty or long';
  if (!CURRENCY_PATTERN.test(amount.currency)) return 'amount.currency is not an ISO 4217 code';
  // One above every limit is meant: it is declined as any other that exceeds its card's limit.
  return amount.minorUnits >= 0 ? undefined : 'amount.minorUnits is negative';
}

/** Answers a command. */
export function decide(state: Payment, command: PaymentCommand, facts: Facts): PaymentReply {
  switch (command.type) {
    case 'AuthorizePayment':
      return authorize(state, command, facts);
    case 'VoidPayment':
      return state.status === 'authorized'
        ? { type: 'PaymentVoided', effective: true, amount: state.charge.amount }
        : { type: 'PaymentVoided', effective: false, amount: null };
    case 'CapturePayment':
      return capture(state, command.attempt, facts);
    case 'RefundPayment':
      return state.status === 'captured'
        ? { type: 'PaymentRefunded', effective: true, amount: state.charge.amount }
        : { type: 'PaymentRefunded', effective: false, amount: null };
    default:
      return command satisfies never;
  }
}

function authorize(state: Payment, charge: Charge, { card, verdict }: Facts): PaymentReply {
  switch (state.status) {
    case 'authorized':
    case 'captured':
      return { type: 'PaymentAuthorized', ...state.charge };
    case 'voided':
    case 'refunded':
      return { type: 'PaymentDeclined', reason: 'payment-voided' };
    case 'none':
      break;
    default:
      return state satisfies never;
  }
  const { cardToken, amount } = charge;
  if (card === undefined || card.creditLimit.currency !== amount.currency) {
    return { type: 'PaymentDeclined', reason: 'card-declined' };
  }
  if (verdict !== 'ok') return { type: 'PaymentDeclined', reason: 'card-declined' };
  if (card.held + card.captured + amount.minorUnits > card.creditLimit.minorUnits) {
    return { type: 'PaymentDeclined', reason: 'credit-limit-exceeded' };
  }
  return { type: 'PaymentAuthorized', cardToken, amount };
}

function capture(state: Payment, attempt: number, { verdict }: Facts): PaymentReply {
  switch (state.status) {
    case 'captured':
      return { type: 'PaymentCaptured', amount: state.charge.amount };
    case 'authorized':
      return verdict === 'ok'
        ? { type: 'PaymentCaptured', amount: state.charge.amount }
        : { type: 'PaymentCaptureFailed', attempt, reason: 'acquirer-unavailable' };
    case 'voided':
    case 'refunded':
      return { type: 'PaymentCaptureFailed', attempt, reason: 'payment-voided' };
    case 'none':
      return { type: 'PaymentCaptureFailed', attempt, reason: 'payment-not-found' };
    default:
      return state satisfies never;
  }
}

/** The payment after an answer. */
export function evolve(state: Payment, reply: PaymentReply): Payment {
  switch (reply.type) {
    case 'PaymentAuthorized': {
      const { cardToken, amount } = reply;
      return state.status === 'none'
        ? { status: 'authorized', charge: { cardToken, amount } }
        : state;
    }
    case 'PaymentVoided':
      // Also when there was nothing to void: the authorisation may still be on its way.
      if (state.status === 'authorized') return { status: 'voided', charge: state.charge };
      return state.status === 'none' ? { status: 'voided' } : state;
    case 'PaymentCaptured':
      return state.status === 'authorized' ? { ...state, status: 'captured' } : state;
    case 'PaymentRefunded':
      return state.status === 'captured' ? { ...state, status: 'refunded' } : state;
    case 'PaymentDeclined':
    case 'PaymentCaptureFailed':
      return state;
    default:
      return reply satisfies never;
  }
}

/** What an answer changes on a card. */
export interface CardChange {
  readonly cardToken: string;
  readonly held: number;
  readonly captured: number;
}

/** What an answer changes on the payment's card; undefined when nothing. */
export function cardChange(before: Payment, after: Payment): CardChange | undefined {
  if (!('charge' in after) || after.charge === undefined) return undefined;
  const { cardToken, amount } = after.charge;
  const had = shareOf(before);
  const has = shareOf(after);
  const held = (has.held - had.held) * amount.minorUnits;
  const captured = (has.captured - had.captured) * amount.minorUnits;
  return held === 0 && captured === 0 ? undefined : { cardToken, held, captured };
}

const shareOf = ({ status }: Payment) => ({
  held: status === 'authorized' ? 1 : 0,
  captured: status === 'captured' ? 1 : 0,
});
