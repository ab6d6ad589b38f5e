import { PaymentStatus } from '#proto/sagaproof/payment/v1/payment_pb.js';
import type { StateContext, StateHandler, States } from '../state.ts';
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

async function authorise(context: StateContext): Promise<void> {
  const { cardToken, total } = recordedOrder(context.names);
  const creditLimit = { currency: total.currency, minorUnits: BigInt(total.minorUnits) };
  const { rpc } = context;
  accepted('a card', await rpc.payment.call('registerCard', { cardToken, creditLimit }));
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

/** How the states of payment come about that callers ask for. */
export const paymentPaymentStates: States = {
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
  'payment cannot reach Postgres': unreachable('payment', 'postgres', probe),
  'Postgres is slow': slow('payment', 'postgres', probe),
};
