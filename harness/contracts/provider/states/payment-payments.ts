import { PaymentStatus } from '#proto/sagaproof/payment/v1/payment_pb.js';
import type { StateContext, StateHandler, States } from '../state.ts';
import { commandStates } from './commanded.ts';
import { accepted, type Probe, slow, unreachable } from './outage.ts';
import { command, recordedOrder } from './played.ts';

const payment = ({ names, rpc }: StateContext) =>
  rpc.payment.call('getPayment', { orderId: names.of('orderId') });

const probe: Probe = payment;

async function is(context: StateContext, status: PaymentStatus): Promise<void> {
  await context.until(`the payment to be ${PaymentStatus[status]}`, async () => {
    const answer = await payment(context);
    return answer.ok && answer.message.status === status;
  });
}

type Card = 'cardToken' | 'declinedCardToken' | 'slowCardToken';

/** Registers a card that may be charged with what the order costs. */
const register =
  (card: Card) =>
  async ({ names, rpc }: StateContext) => {
    const { total } = recordedOrder(names);
    const creditLimit = { currency: total.currency, minorUnits: BigInt(total.minorUnits) };
    const cardToken = names.of(card);
    accepted('a card', await rpc.payment.call('registerCard', { cardToken, creditLimit }));
  };

async function authorise(context: StateContext): Promise<void> {
  await register('cardToken')(context);
  const { cardToken, total } = recordedOrder(context.names);
  await command(context, 'payment', { type: 'AuthorizePayment', cardToken, amount: total });
}

/** An authorised payment, and what came after. */
const after =
  (...steps: ReadonlyArray<readonly [type: string, status: PaymentStatus]>): StateHandler =>
  async (context) => {
    await authorise(context);
    await is(context, PaymentStatus.AUTHORIZED);
    for (const [type, status] of steps) {
      const attempt = type === 'CapturePayment' ? { attempt: 1 } : {};
      await command(context, 'payment', { type, ...attempt });
      await is(context, status);
    }
  };

const captured = ['CapturePayment', PaymentStatus.CAPTURED] as const;

/** Sets up the provider states of payment. */
export const paymentPaymentStates: States = {
  ...commandStates('payment'),
  'the order has no payment': async () => undefined,
  'the payment is authorised': after(),
  'the payment was authorised and voided': after(['VoidPayment', PaymentStatus.VOIDED]),
  'the payment is captured': after(captured),
  'the payment is refunded': after(captured, ['RefundPayment', PaymentStatus.REFUNDED]),
  'the payment was voided before it was authorised': async (context) => {
    await command(context, 'payment', { type: 'VoidPayment' });
    await is(context, PaymentStatus.VOIDED);
  },
  'the payment was declined': async (context) => {
    const { total } = recordedOrder(context.names);
    const cardToken = context.names.of('declinedCardToken');
    await command(context, 'payment', { type: 'AuthorizePayment', cardToken, amount: total });
    await context.crossed('PaymentDeclined');
  },
  'the card is registered with a limit of what the order costs': register('cardToken'),
  'the card that its issuer declines is registered': register('declinedCardToken'),
  'the card that cannot be charged at once is registered': register('slowCardToken'),
  'payment cannot reach Postgres': unreachable('payment', 'postgres', probe),
  'Postgres is slow': slow('payment', 'postgres', probe),
};
