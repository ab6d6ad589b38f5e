import type { KafkaRecord } from '../../history/event.ts';
import { NEVER, type OrderFacts } from '../scope.ts';

/** What was authorised, captured and given back for one order, in minor units, and where. */
export interface Payment {
  cardToken: string;
  authorized: number;
  authorizedAt: number;
  authorizedMs: number;
  voided: number;
  voidedAt: number;
  captured: number;
  capturedAt: number;
  refunded: number;
  refundedAt: number;
  undoAskedMs: number;
}

/** A card as its events tell of it. */
export interface Card {
  /** Dense, from 0. */
  readonly number: number;
  readonly token: string;
  limit: number;
  registeredAt: number;
  registeredTwice: boolean;
  held: number;
  taken: number;
  lastAt: number;
}

/** What a history says of each order's payment, and of each card. */
export class Payments {
  readonly #payments: Payment[] = [];
  readonly #cards = new Map<string, Card>();

  card(token: string): Card | undefined {
    return this.#cards.get(token);
  }

  cards(): Iterable<Card> {
    return this.#cards.values();
  }

  /** A card is registered, the first time or again. */
  register(record: KafkaRecord, cardToken: string, limit: number): void {
    const card = this.#cards.get(cardToken);
    if (card === undefined) {
      this.#cards.set(cardToken, {
        number: this.#cards.size,
        token: cardToken,
        limit,
        registeredAt: record.index,
        registeredTwice: false,
        held: 0,
        taken: 0,
        lastAt: NEVER,
      });
      return;
    }
    // Which limit held when is not known, so the greatest one is taken.
    card.limit = Math.max(card.limit, limit);
    card.registeredTwice = true;
  }

  /** What is known of an order's payment: zeros when nothing was reported. */
  of(order: OrderFacts): Payment {
    let payment = this.#payments[order.number];
    if (payment === undefined) {
      payment = {
        cardToken: '',
        authorized: 0,
        authorizedAt: NEVER,
        authorizedMs: 0,
        voided: 0,
        voidedAt: NEVER,
        captured: 0,
        capturedAt: NEVER,
        refunded: 0,
        refundedAt: NEVER,
        undoAskedMs: Number.POSITIVE_INFINITY,
      };
      this.#payments[order.number] = payment;
    }
    return payment;
  }
}
