import { addressOf } from '../contracts/provider/rpc-clients.ts';
import type { AddressBook, ServiceName } from '../kernel/address-book.ts';
import { REST_SERVICE } from '../kernel/system.ts';
import type { Stack } from '../testbed/stack.ts';
import { runGrpcConformance } from './grpc-conformance.ts';
import { runHttpFuzz } from './http-fuzz.ts';
import { RECIPES } from './recipes/all.ts';
import { RecipeWorld } from './recipes/world.ts';
import type { ConformanceResult } from './result.ts';

const REQUEST_TIMEOUT_MS = 10_000;

export interface ConformanceOptions {
  readonly seed: string;
  readonly signal?: AbortSignal;
  /** Receives one line per stage of the run. */
  readonly onLine?: (line: string) => void;
  /** Receives the results of each method or operation once all its checks have run. */
  readonly onResults?: (results: readonly ConformanceResult[]) => void;
}

/** Services that {@link conformanceOf} can check: those that answer requests. */
export const CONFORMANCE_PROVIDERS: readonly ServiceName[] = [
  ...(Object.keys(RECIPES) as ServiceName[]),
  REST_SERVICE,
];

/**
 * Checks that a service of a running stack answers every request, malformed ones included, as gRPC,
 * the proto files and the OpenAPI document specify. Any implementation can be checked.
 *
 * @throws when the service answers no requests, or when the data that its requests need cannot be
 *   prepared
 */
export async function conformanceOf(
  provider: ServiceName,
  stack: Pick<Stack, 'addressBook'>,
  options: ConformanceOptions,
): Promise<readonly ConformanceResult[]> {
  const book = stack.addressBook;
  await using world = new RecipeWorld(book);
  if (provider === REST_SERVICE) return fuzzGateway(world, book, options);
  const recipesOf = RECIPES[provider];
  if (recipesOf === undefined) {
    const known = CONFORMANCE_PROVIDERS.join(', ');
    throw new Error(`${provider} answers no requests; services with conformance checks: ${known}`);
  }
  const { seed, signal, onLine, onResults } = options;
  const address = addressOf(book, provider, 'grpc');
  const recipes = recipesOf(world, address);
  onLine?.(`${provider} at ${address}: valid and malformed requests over gRPC`);
  try {
    return await runGrpcConformance({
      service: provider,
      address,
      recipes,
      seed,
      ...(signal === undefined ? {} : { signal }),
      ...(onResults === undefined ? {} : { onResults }),
    });
  } finally {
    recipes.end?.();
  }
}

async function fuzzGateway(
  world: RecipeWorld,
  book: AddressBook,
  options: ConformanceOptions,
): Promise<readonly ConformanceResult[]> {
  const { seed, signal, onLine, onResults } = options;
  const baseUrl = `http://${addressOf(book, REST_SERVICE, 'http')}`;
  const token = await world.mint(world.name('fuzz'));
  const existing = await placeOrder(world, baseUrl, token);
  onLine?.(
    `${REST_SERVICE} at ${baseUrl}: requests that the OpenAPI document allows, and malformed ones`,
  );
  const results = await runHttpFuzz({
    service: REST_SERVICE,
    baseUrl,
    token,
    seed,
    existing,
    ...(signal === undefined ? {} : { signal }),
    ...(onLine === undefined ? {} : { onLine }),
  });
  for (const own of Map.groupBy(results, ({ rpc }) => rpc).values()) onResults?.(own);
  return results;
}

/** Creates an order, so that paths with an id have something to return besides 404. */
async function placeOrder(
  world: RecipeWorld,
  baseUrl: string,
  token: string,
): Promise<Readonly<Record<string, string>>> {
  const [sku, cardToken] = await Promise.all([world.product(), world.card()]);
  const order = {
    lines: [{ sku, quantity: 1, unitPrice: { currency: 'JPY', minorUnits: 1_200 } }],
    cardToken,
    address: {
      recipient: 'Ada Lovelace',
      street: 'Kanda 1-1',
      city: 'Tokyo',
      postalCode: '101-0047',
      country: 'JP',
    },
  };
  const response = await fetch(`${baseUrl}/v1/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(order),
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
  const { orderId, jobId } = (await response.json()) as { orderId?: string; jobId?: string };
  if (response.status !== 202 || orderId === undefined || jobId === undefined) {
    throw new Error(`the gateway did not accept the initial order: HTTP ${response.status}`);
  }
  return { orderId, jobId, sku };
}
