import type { ReplyUnit } from '#kit/participant.ts';
import type { Card, CardChange, Money, Payment } from './domain.ts';

/** Who moves the money. Both questions are idempotent by order. */
export interface Acquirer {
  /** Whether the card's issuer agrees to the charge. */
  authorize(orderId: string, cardToken: string, amount: Money): Promise<'ok' | 'declined'>;
  /** Takes the amount, unless the acquirer cannot right now. */
  capture(capture: {
    readonly orderId: string;
    readonly cardToken: string;
    readonly amount: Money;
    /** 1 for the first. */
    readonly attempt: number;
  }): Promise<'ok' | 'unavailable'>;
}

/** What happens together or not at all. */
export interface PaymentUnit extends ReplyUnit<'payment'> {
  /** The order's payment, locked until the unit ends. */
  lockPayment(orderId: string): Promise<Payment>;
  savePayment(orderId: string, payment: Payment): void;
  /** A card, locked until the unit ends. */
  lockCard(cardToken: string): Promise<Card | undefined>;
  /** Registers a card, or gives it another limit. False when it has that limit already. */
  saveCard(cardToken: string, creditLimit: Money): Promise<boolean>;
  changeCard(change: CardChange): void;
}

/** Where cards and payments are kept. */
export interface PaymentStore {
  transaction<T>(work: (unit: PaymentUnit) => Promise<T>): Promise<T>;
  card(cardToken: string): Promise<Card | undefined>;
  payment(orderId: string): Promise<Payment>;
}
