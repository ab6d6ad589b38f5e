import { v7 as uuidv7 } from 'uuid';
import { PaymentService } from '#proto/sagaproof/payment/v1/payment_pb.js';
import { RpcClient } from '../../clients/rpc.ts';
import { until } from '../../kernel/poll.ts';
import { command, query, type RecipesOf } from '../recipe.ts';
import { mustAnswer } from './world.ts';

const LIMIT = 1_000_000n;

/** Cards, and a payment by the command that the order service sends. */
export const paymentRecipes: RecipesOf = (world, address) => {
  const payments = new RpcClient(PaymentService, address);
  const card = () => ({
    cardToken: `tok_ok_${world.name('card')}`,
    creditLimit: { currency: 'JPY', minorUnits: LIMIT },
  });
  const registered = async () => {
    const { cardToken, creditLimit } = card();
    await mustAnswer('RegisterCard', payments.call('registerCard', { cardToken, creditLimit }));
    return { cardToken };
  };
  const authorized = async () => {
    const { cardToken } = await registered();
    const orderId = uuidv7();
    const amount = { currency: 'JPY', minorUnits: 1_200 };
    const payload = { type: 'AuthorizePayment', cardToken, amount };
    await world.publish('payment.commands', orderId, payload);
    await until(`order ${orderId} to have a payment`, async () => {
      const found = await payments.call('getPayment', { orderId });
      return found.ok;
    });
    return { orderId };
  };
  const { method } = PaymentService;
  return {
    service: PaymentService,
    end: () => payments.close(),
    recipes: [
      command(method.registerCard, {
        request: async () => card(),
        wrongEffect: async ({ cardToken }) => {
          const found = await mustAnswer('GetCard', payments.call('getCard', { cardToken }));
          const limit = found.card?.creditLimit?.minorUnits;
          return limit === LIMIT ? undefined : `the card's limit is ${limit}, not ${LIMIT}`;
        },
      }),
      query(method.getCard, registered),
      query(method.getPayment, authorized),
    ],
  };
};
