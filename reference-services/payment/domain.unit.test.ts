import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AMOUNT_MAX,
  type Card,
  cardChange,
  decide,
  evolve,
  type Facts,
  flawOf,
  initialState,
  type Payment,
  type PaymentCommand,
  type PaymentReply,
} from './domain.ts';

const AMOUNT = { currency: 'EUR', minorUnits: 500 };
const CHARGE = { cardToken: 'tok_1', amount: AMOUNT };
const AUTHORIZE: PaymentCommand = { type: 'AuthorizePayment', ...CHARGE };
const VOID: PaymentCommand = { type: 'VoidPayment' };
const CAPTURE: PaymentCommand = { type: 'CapturePayment', attempt: 1 };
const REFUND: PaymentCommand = { type: 'RefundPayment' };
const CARD: Card = {
  cardToken: 'tok_1',
  creditLimit: { currency: 'EUR', minorUnits: 1_000 },
  held: 0,
  captured: 0,
};
const WILLING: Facts = { card: CARD, verdict: 'ok' };

/** Given commands that came before, when one comes, then this is its answer and what it changes. */
function given(...earlier: readonly PaymentCommand[]) {
  const before = earlier.reduce<Payment>(
    (state, command) => evolve(state, decide(state, command, WILLING)),
    initialState,
  );
  return {
    when(command: PaymentCommand, facts: Facts = WILLING) {
      const reply = decide(before, command, facts);
      const after = evolve(before, reply);
      return { reply, status: after.status, change: cardChange(before, after) };
    },
  };
}

const charged = (held: number, captured: number) => ({ cardToken: 'tok_1', held, captured });

describe('an authorisation', () => {
  it('holds the amount on the card', () => {
    expect(given().when(AUTHORIZE)).toEqual({
      reply: { type: 'PaymentAuthorized', ...CHARGE },
      status: 'authorized',
      change: charged(500, 0),
    });
  });

  it.each<[string, Facts, string]>([
    ['is not registered', { verdict: 'ok' }, 'card-declined'],
    [
      'is in another currency',
      { card: { ...CARD, creditLimit: { currency: 'JPY', minorUnits: 9_999 } }, verdict: 'ok' },
      'card-declined',
    ],
    ['is declined by its issuer', { card: CARD, verdict: 'declined' }, 'card-declined'],
    ['has too much held', { card: { ...CARD, held: 501 }, verdict: 'ok' }, 'credit-limit-exceeded'],
    [
      'has too much captured',
      { card: { ...CARD, held: 1, captured: 500 }, verdict: 'ok' },
      'credit-limit-exceeded',
    ],
  ])('is refused when the card %s', (_what, facts, reason) => {
    expect(given().when(AUTHORIZE, facts)).toEqual({
      reply: { type: 'PaymentDeclined', reason },
      status: 'none',
      change: undefined,
    });
  });

  it('may use the limit to the last cent', () => {
    const card = { ...CARD, held: 250, captured: 250 };
    expect(given().when(AUTHORIZE, { card, verdict: 'ok' }).status).toBe('authorized');
  });

  it('answers a second request as the first, and holds nothing more', () => {
    expect(given(AUTHORIZE).when(AUTHORIZE, {})).toEqual({
      reply: { type: 'PaymentAuthorized', ...CHARGE },
      status: 'authorized',
      change: undefined,
    });
  });

  it('is refused after a void that came before it', () => {
    expect(given(VOID).when(AUTHORIZE)).toEqual({
      reply: { type: 'PaymentDeclined', reason: 'payment-voided' },
      status: 'voided',
      change: undefined,
    });
  });
});

describe('a void', () => {
  it('gives the hold up, once', () => {
    expect(given(AUTHORIZE).when(VOID)).toEqual({
      reply: { type: 'PaymentVoided', effective: true, amount: AMOUNT },
      status: 'voided',
      change: charged(-500, 0),
    });
    expect(given(AUTHORIZE, VOID).when(VOID)).toEqual({
      reply: { type: 'PaymentVoided', effective: false, amount: null },
      status: 'voided',
      change: undefined,
    });
  });

  it('loses no money that was taken', () => {
    expect(given(AUTHORIZE, CAPTURE).when(VOID)).toEqual({
      reply: { type: 'PaymentVoided', effective: false, amount: null },
      status: 'captured',
      change: undefined,
    });
  });
});

describe('a capture', () => {
  it('takes what was held', () => {
    expect(given(AUTHORIZE).when(CAPTURE)).toEqual({
      reply: { type: 'PaymentCaptured', amount: AMOUNT },
      status: 'captured',
      change: charged(-500, 500),
    });
  });

  it('keeps the hold when the acquirer cannot take it', () => {
    const retry: PaymentCommand = { type: 'CapturePayment', attempt: 2 };
    expect(given(AUTHORIZE).when(retry, { verdict: 'unavailable' })).toEqual({
      reply: { type: 'PaymentCaptureFailed', attempt: 2, reason: 'acquirer-unavailable' },
      status: 'authorized',
      change: undefined,
    });
  });

  it('answers another attempt with the same amount, and takes nothing more', () => {
    expect(given(AUTHORIZE, CAPTURE).when({ type: 'CapturePayment', attempt: 2 }, {})).toEqual({
      reply: { type: 'PaymentCaptured', amount: AMOUNT },
      status: 'captured',
      change: undefined,
    });
  });

  it.each<[string, PaymentCommand[], string]>([
    ['nothing was authorised', [], 'payment-not-found'],
    ['it was voided', [AUTHORIZE, VOID], 'payment-voided'],
    ['it was refunded', [AUTHORIZE, CAPTURE, REFUND], 'payment-voided'],
  ])('fails for good when %s', (_what, earlier, reason) => {
    expect(given(...earlier).when(CAPTURE)).toMatchObject({
      reply: { type: 'PaymentCaptureFailed', reason },
      change: undefined,
    });
  });
});

describe('a refund', () => {
  it('gives back what was taken, once', () => {
    expect(given(AUTHORIZE, CAPTURE).when(REFUND)).toEqual({
      reply: { type: 'PaymentRefunded', effective: true, amount: AMOUNT },
      status: 'refunded',
      change: charged(0, -500),
    });
    expect(given(AUTHORIZE, CAPTURE, REFUND).when(REFUND)).toEqual({
      reply: { type: 'PaymentRefunded', effective: false, amount: null },
      status: 'refunded',
      change: undefined,
    });
  });

  it('does nothing to what was never taken', () => {
    expect(given(AUTHORIZE).when(REFUND)).toMatchObject({
      reply: { effective: false },
      status: 'authorized',
    });
  });
});

describe('whatever order messages come in, and however often', () => {
  const command = fc.constantFrom(AUTHORIZE, VOID, CAPTURE, REFUND);
  const verdict = fc.constantFrom('ok' as const, 'unavailable' as const);
  const steps = fc.array(fc.tuple(command, verdict), { maxLength: 10 });

  function run(given: ReadonlyArray<readonly [PaymentCommand, 'ok' | 'unavailable']>) {
    let state: Payment = initialState;
    const card = { held: 0, captured: 0 };
    const replies: PaymentReply[] = [];
    for (const [each, answer] of given) {
      const reply = decide(state, each, { card: CARD, verdict: answer });
      const after = evolve(state, reply);
      const change = cardChange(state, after);
      card.held += change?.held ?? 0;
      card.captured += change?.captured ?? 0;
      replies.push(reply);
      state = after;
    }
    return { state, card, replies };
  }

  it('charges the card exactly what the state says, and undoes it at most once', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const { state, card, replies } = run(sequence);
        expect(card).toEqual({
          held: state.status === 'authorized' ? 500 : 0,
          captured: state.status === 'captured' ? 500 : 0,
        });
        const undone = replies.filter((reply) => 'effective' in reply && reply.effective);
        expect(undone.length).toBeLessThanOrEqual(1);
      }),
      { verbose: true },
    );
  });

  it('holds nothing once a void has come', () => {
    fc.assert(
      fc.property(steps, steps, (before, after) => {
        expect(run([...before, [VOID, 'ok'], ...after]).card.held).toBe(0);
      }),
      { verbose: true },
    );
  });
});

describe('a command', () => {
  it.each<PaymentCommand>([
    { ...CHARGE, type: 'AuthorizePayment', cardToken: '' },
    { ...CHARGE, type: 'AuthorizePayment', cardToken: 'x'.repeat(129) },
    { ...CHARGE, type: 'AuthorizePayment', amount: { currency: 'eur', minorUnits: 1 } },
    { ...CHARGE, type: 'AuthorizePayment', amount: { currency: 'EUR', minorUnits: -1 } },
    { type: 'CapturePayment', attempt: 0 },
  ])('cannot be meant like this: %o', (command) => {
    expect(flawOf(command)).toBeDefined();
  });

  it('is declined when it asks for more than any card may have', () => {
    const amount = { currency: 'EUR', minorUnits: AMOUNT_MAX + 1 };
    const command: PaymentCommand = { ...CHARGE, type: 'AuthorizePayment', amount };
    expect(flawOf(command)).toBe(undefined);
    const richest = { ...CARD, creditLimit: { ...amount, minorUnits: AMOUNT_MAX } };
    expect(given().when(command, { card: richest, verdict: 'ok' }).reply).toEqual({
      type: 'PaymentDeclined',
      reason: 'credit-limit-exceeded',
    });
  });

  it('has no flaw when it is as it should be', () => {
    expect([AUTHORIZE, VOID, CAPTURE, REFUND].flatMap((each) => flawOf(each) ?? [])).toEqual([]);
  });
});
