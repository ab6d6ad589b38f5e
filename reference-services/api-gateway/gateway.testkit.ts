import { createGrpcPorts } from './adapters/grpc.ts';
import { readOpenapi } from './adapters/openapi.ts';
import { createGateway } from './app.ts';
import { GOOD_TOKEN, startFakeProviders, testContext } from './providers.testkit.ts';
import { createServer, type ServerOptions } from './server.ts';

export const ORDER = {
  lines: [{ sku: 'blue-teapot', quantity: 2, unitPrice: { currency: 'EUR', minorUnits: 2_450 } }],
  cardToken: 'card-4242',
  address: {
    recipient: 'Ada Lovelace',
    street: 'St James Square 12',
    city: 'London',
    postalCode: 'SW1Y 4JH',
    country: 'GB',
  },
};

/** A gateway as `main.ts` composes it, in this process, with fake providers behind it. */
export async function startTestGateway(
  options: {
    readonly unreachable?: readonly string[];
    readonly perUser?: number;
    readonly perAddress?: number;
    readonly commandsAtOnce?: number;
    readonly arrival?: ServerOptions['limits']['arrival'];
  } = {},
) {
  const logLines: string[] = [];
  const context = testContext(logLines);
  const providers = await startFakeProviders();
  const addressOf = (name: string) =>
    options.unreachable?.includes(name) === true ? '127.0.0.1:1' : providers.address;
  const outside = createGrpcPorts(context, {
    auth: addressOf('auth'),
    jobs: addressOf('jobs'),
    order: addressOf('order'),
    inventory: addressOf('inventory'),
    payment: addressOf('payment'),
    shipping: addressOf('shipping'),
    query: addressOf('query'),
  });
  const withdrawalsFailed: string[] = [];
  const server = await createServer({
    context,
    gateway: createGateway({
      ...outside,
      ids: context.ids,
      onWithdrawalFailed: (jobId) => void withdrawalsFailed.push(jobId),
    }),
    document: await readOpenapi(),
    limits: {
      perUser: options.perUser ?? 10_000,
      perAddress: options.perAddress ?? 10_000,
      commandsAtOnce: options.commandsAtOnce ?? 10,
      ...(options.arrival ? { arrival: options.arrival } : {}),
    },
  });
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  return {
    url,
    logLines,
    metrics: () => context.metrics.metrics(),
    drain: () => server.close(),
    withdrawalsFailed,
    ...providers,
    async [Symbol.asyncDispose]() {
      await server.close();
      await context.end();
      await providers.end();
    },
    request: (path: string, init: RequestInit = {}) =>
      fetch(`${url}${path}`, {
        ...init,
        headers: { authorization: `Bearer ${GOOD_TOKEN}`, ...init.headers },
      }),
    postOrder(body: unknown = ORDER, headers: Record<string, string> = {}) {
      return this.request('/v1/orders', {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      });
    },
  };
}
