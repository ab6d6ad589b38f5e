import { orderBody } from '../../../scenario/user.ts';
import type { FictionName, Names } from '../../fiction.ts';
import { WEB_ORDER } from '../../fictional-order.ts';
import { addressOf } from '../rpc-clients.ts';
import { exclusive, type StateContext, type StateHandler, type States } from '../state.ts';
import { accepted } from './outage.ts';

type Json = Readonly<Record<string, unknown>>;

const REQUEST_MS = 10_000;
/** Longer than the gateway waits for any service. */
const SLOW_MS = 6_000;
const RECEIVED = 10;
const CREDIT_JPY = 1_000_000n;
interface Answer {
  readonly status: number;
  readonly body: Json;
}

/** Asks the gateway as the user of the contract, or with another token. */
async function ask(
  { names, stack }: StateContext,
  path: string,
  command?: { readonly key: string; readonly body?: unknown },
  token = names.of('accessToken'),
): Promise<Answer> {
  const base = `http://${addressOf(stack.addressBook, 'api-gateway', 'http')}`;
  const response = await fetch(`${base}${path}`, {
    method: command === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      ...(command === undefined ? {} : { 'idempotency-key': command.key }),
      ...(command?.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(command?.body === undefined ? {} : { body: JSON.stringify(command.body) }),
    signal: AbortSignal.timeout(REQUEST_MS),
  });
  return { status: response.status, body: (await response.json()) as Json };
}

const signedIn =
  (claims: Json = {}): StateHandler =>
  async ({ mint, names }) => {
    names.bind('accessToken', await mint({ sub: names.of('userId'), ...claims }));
  };

/** There are ten pieces of both products, and whatever card can be charged. */
async function stocked(
  { names, rpc }: StateContext,
  card: FictionName = 'cardToken',
): Promise<void> {
  for (const sku of [names.of('sku'), names.of('otherSku')]) {
    const receipt = { receiptId: crypto.randomUUID(), sku, quantity: RECEIVED };
    accepted('a goods receipt', await rpc.inventory.call('receiveStock', receipt));
  }
  const creditLimit = { currency: 'JPY', minorUnits: CREDIT_JPY };
  const registration = { cardToken: names.of(card), creditLimit };
  accepted('a card', await rpc.payment.call('registerCard', registration));
}

/** Which of the contract's names a placed order, or its cancellation, gets. */
interface Named {
  readonly key: FictionName;
  readonly job: FictionName;
  readonly order: FictionName;
}
const USED_KEY: Named = { key: 'idempotencyKey', job: 'jobId', order: 'orderId' };
const OTHER_KEY: Named = { ...USED_KEY, key: 'otherIdempotencyKey' };

interface Order {
  readonly named?: Named;
  readonly card?: FictionName;
  readonly country?: string;
  readonly token?: string;
}

async function place(context: StateContext, order: Order = {}): Promise<void> {
  const { named = OTHER_KEY, card = 'cardToken', country, token } = order;
  const { names } = context;
  const options = { ...names.toReal(WEB_ORDER), cardToken: names.of(card) };
  const body = orderBody({ ...options, ...(country === undefined ? {} : { country }) });
  bind(names, named, await ask(context, '/v1/orders', { key: names.of(named.key), body }, token));
}

function bind(names: Names, named: Named, { status, body }: Answer): void {
  const { jobId, orderId } = body;
  if (status !== 202 || typeof jobId !== 'string' || typeof orderId !== 'string') {
    throw new Error(`the gateway took no command: HTTP ${status} ${JSON.stringify(body)}`);
  }
  names.bind(named.job, jobId);
  names.bind(named.order, orderId);
}

/** Waits until the job says how it ended, and the order and the read model show the same. */
async function ended(
  context: StateContext,
  status: 'APPROVED' | 'REJECTED' | 'CANCELLED',
  { job, order }: Named = OTHER_KEY,
): Promise<void> {
  const { names, until } = context;
  const state = status === 'REJECTED' ? 'FAILED' : 'SUCCEEDED';
  const orderId = names.of(order);
  await until(`the job to have ${state}`, async () => {
    const { body } = await ask(context, `/v1/jobs/${names.of(job)}`);
    return body['state'] === state;
  });
  await until(`the order to be ${status} in the read model`, async () => {
    const { body } = await ask(context, '/v1/customers/me/orders');
    const orders = (body['orders'] ?? []) as readonly Json[];
    return orders.some((one) => one['orderId'] === orderId && one['status'] === status);
  });
  await until('the order to be there with all its parts', async () => {
    const { body } = await ask(context, `/v1/orders/${orderId}`);
    return body['status'] === status && (body['missing'] as readonly unknown[]).length === 0;
  });
}

const approved =
  (named: Named): StateHandler =>
  async (context) => {
    await stocked(context);
    await place(context, { named });
    await ended(context, 'APPROVED', named);
  };

const cancelled: StateHandler = async (context) => {
  await approved(OTHER_KEY)(context, {});
  const { names } = context;
  const path = `/v1/orders/${names.of('orderId')}/cancel`;
  bind(names, USED_KEY, await ask(context, path, { key: names.of('idempotencyKey') }));
  await ended(context, 'CANCELLED', USED_KEY);
};

/** Everything is done that comes before the last step, which fails again and again. */
const stuck: StateHandler = async (context) => {
  await stocked(context, 'stuckCardToken');
  await place(context, { card: 'stuckCardToken' });
  await context.until('the parcel to be scheduled, and the job to say so', async () => {
    const job = await ask(context, `/v1/jobs/${context.names.of('jobId')}`);
    const { body } = await ask(context, `/v1/orders/${context.names.of('orderId')}`);
    const reached = ['SCHEDULE_SHIPMENT', 'CAPTURE_PAYMENT'].includes(String(job.body['step']));
    return body['shipment'] !== null && reached;
  });
};

/** Both fail at once, since there are no such products. */
const two: StateHandler = async (context) => {
  const other = { key: 'idempotencyKey', job: 'otherJobId', order: 'otherOrderId' } as const;
  for (const named of [other, OTHER_KEY]) {
    await place(context, { named });
    await ended(context, 'REJECTED', named);
  }
};

const secondPage =
  (path: string): StateHandler =>
  async (context) => {
    const { body } = await ask(context, `${path}?pageSize=1`);
    context.names.bind('pageToken', String(body['nextPageToken']));
  };

/** What the gateway answers differently when it cannot reach a service. */
const PROBES = {
  auth: '/v1/jobs',
  'job-management': '/v1/jobs',
  order: '/v1/orders/{orderId}',
  payment: '/v1/orders/{orderId}',
  shipping: '/v1/orders/{orderId}',
  query: '/v1/customers/me/orders',
  inventory: '/v1/stock/{sku}',
} as const;
type Behind = keyof typeof PROBES;

async function isMissed(context: StateContext, service: Behind, token: string): Promise<boolean> {
  const { names } = context;
  const path = PROBES[service]
    .replace('{orderId}', names.of('orderId'))
    .replace('{sku}', names.of('sku'));
  const { status, body } = await ask(context, path, undefined, token);
  const part = service === 'shipping' ? 'shipment' : service;
  return status === 503 || ((body['missing'] ?? []) as readonly unknown[]).includes(part);
}

/** Takes services away from the gateway; afterwards it has to find them again by itself. */
const without = (...services: readonly Behind[]): StateHandler =>
  exclusive(async (context) => {
    const token = context.names.of('accessToken');
    for (const service of services) {
      const missed = () => isMissed(context, service, token);
      const found = async () => !(await missed());
      context.defer(async () => void (await context.until(`${service} to be found`, found)));
      await context.cut(`api-gateway→${service}`);
      await context.until(`${service} to be missed`, missed);
    }
  });

/** Has answers of a service come later than the gateway waits for them. */
const slow = (service: Behind): StateHandler =>
  exclusive(async (context) => {
    const token = context.names.of('accessToken');
    const found = async () => !(await isMissed(context, service, token));
    context.defer(async () => void (await context.until(`${service} to be fast again`, found)));
    await context.slow(`api-gateway→${service}`, SLOW_MS);
  });

/** No stock is reserved until the interaction is over. */
const withoutStock = exclusive(async (context) => {
  await stocked(context);
  context.defer(() => ended(context, 'APPROVED'));
  await context.cut('inventory→kafka');
  await place(context);
});

/** Sets up the provider states of the gateway, on the whole system. */
export const gatewayStates: States = {
  'the user is signed in': signedIn(),
  'the token is not valid': async () => undefined,
  'the token has expired': signedIn({ expiresInSeconds: -3_600 }),
  'there is no such job': async () => undefined,
  'there is no such order': async () => undefined,
  'there is no such product': async () => undefined,
  'the user has no orders': async () => undefined,
  'the products are in stock and the card is good': (context) => stocked(context),
  'the order is approved': approved(USED_KEY),
  'the order is approved, with another key': approved(OTHER_KEY),
  'the order is approved, and its parcel is dispatched': async (context) => {
    await approved(OTHER_KEY)(context, {});
    const parcel = { orderId: context.names.of('orderId') };
    accepted('a hand-over', await context.rpc.shipping.call('dispatchShipment', parcel));
  },
  'the order is cancelled by the job': cancelled,
  'the order waits for its stock': withoutStock,
  'the order waits for its payment to be captured': stuck,
  'the order is rejected since the card was declined': async (context) => {
    await stocked(context);
    await place(context, { card: 'declinedCardToken' });
    await ended(context, 'REJECTED');
  },
  'the order is rejected since no carrier goes there': async (context) => {
    await stocked(context);
    await place(context, { country: 'AQ' });
    await ended(context, 'REJECTED');
  },
  'the order is another user’s': async (context) => {
    const token = await context.mint({ sub: context.names.of('strangerId') });
    await place(context, { token });
  },
  'the other order is placed, and then the order': two,
  'there is a token of the second page of jobs': secondPage('/v1/jobs'),
  'there is a token of the second page of orders': secondPage('/v1/customers/me/orders'),
  ...Object.fromEntries(
    (Object.keys(PROBES) as Behind[]).map((service) => [
      `the gateway cannot reach ${service}`,
      without(service),
    ]),
  ),
  'the gateway can reach neither payment nor shipping': without('payment', 'shipping'),
  'order is slow to answer the gateway': slow('order'),
  'shipping is slow to answer the gateway': slow('shipping'),
};
