import { OperationalError } from '#kit/errors.ts';
import { announcement, answerOnce, type CommandOf } from '#kit/participant.ts';
import type { Clock, Ids } from '#kit/service.ts';
import {
  type Card,
  cardChange,
  decide,
  evolve,
  type Facts,
  type Money,
  type Payment,
  type PaymentCommand,
} from './domain.ts';
import type { Acquirer, PaymentStore, PaymentUnit } from './ports.ts';

export interface Payments {
  /** Gives a command its effect and its reply, once. */
  handle(command: CommandOf<'payment'>): Promise<void>;
  /** Registers a card; another limit replaces the first. */
  registerCard(cardToken: string, creditLimit: Money): Promise<Card>;
  card(cardToken: string): Promise<Card>;
  payment(orderId: string): Promise<Payment>;
}

export function createPayments(parts: {
  readonly store: PaymentStore;
  readonly acquirer: Acquirer;
  readonly clock: Clock;
  readonly ids: Ids;
}): Payments {
  const { store, acquirer, clock, ids } = parts;
  return {
    handle: (command) =>
      store.transaction((unit) =>
        answerOnce(unit, command, clock, {
          load: () => load(unit, command),
          decide: (loaded) => applyCommand(unit, acquirer, command, loaded),
        }),
      ),
    registerCard: (cardToken, creditLimit) =>
      store.transaction(async (unit) => {
        const known = await unit.lockCard(cardToken);
        assertCurrencyMayChange(known, creditLimit);
        if (await unit.saveCard(cardToken, creditLimit)) {
          const payload = { type: 'CardRegistered', cardToken, creditLimit } as const;
          const event = announcement<'payment'>(ids.uuid(), null, clock.now(), payload);
          await unit.publish(cardToken, event);
        }
        return { cardToken, creditLimit, held: known?.held ?? 0, captured: known?.captured ?? 0 };
      }),
    async card(cardToken) {
      const card = await store.card(cardToken);
      if (card === undefined) throw new OperationalError('card-not-found');
      return card;
    },
    async payment(orderId) {
      const payment = await store.payment(orderId);
      if (payment.status === 'none') throw new OperationalError('payment-not-found');
      return payment;
    },
  };
}

interface Loaded {
  readonly before: Payment;
  /** The card that a command to authorise names. */
  readonly card: Card | undefined;
}

/** The payment first, then the card: every unit locks in this order. */
async function load(
  unit: PaymentUnit,
  { orderId, payload }: CommandOf<'payment'>,
): Promise<Loaded> {
  const [before, card] = await Promise.all([
    unit.lockPayment(orderId),
    payload.type === 'AuthorizePayment' ? unit.lockCard(payload.cardToken) : undefined,
  ]);
  return { before, card };
}

/**
 * The acquirer is asked while the order's row is locked: a void cannot come between its answer and
 * what we keep of it. It answers within a deadline, and repeats its answer when we die in between.
 */
async function applyCommand(
  unit: PaymentUnit,
  acquirer: Acquirer,
  { orderId, payload }: CommandOf<'payment'>,
  loaded: Loaded,
) {
  const { before } = loaded;
  const reply = decide(before, payload, await factsFor(acquirer, orderId, loaded, payload));
  const after = evolve(before, reply);
  unit.savePayment(orderId, after);
  const change = cardChange(before, after);
  if (change !== undefined) unit.changeCard(change);
  return reply;
}

async function factsFor(
  acquirer: Acquirer,
  orderId: string,
  { before, card }: Loaded,
  command: PaymentCommand,
): Promise<Facts> {
  if (command.type === 'AuthorizePayment' && before.status === 'none') {
    if (card === undefined) return {};
    const { cardToken, amount } = command;
    return { card, verdict: await acquirer.authorize(orderId, cardToken, amount) };
  }
  if (command.type === 'CapturePayment' && before.status === 'authorized') {
    const { attempt } = command;
    return { verdict: await acquirer.capture({ orderId, ...before.charge, attempt }) };
  }
  return {};
}

/** What is charged in one currency cannot count against a limit in another. */
function assertCurrencyMayChange(known: Card | undefined, creditLimit: Money): void {
  if (known === undefined || known.creditLimit.currency === creditLimit.currency) return;
  if (known.held + known.captured === 0) return;
  throw new OperationalError('invalid-request', {
    detail: 'credit_limit.currency: the card is charged in another currency.',
  });
}
