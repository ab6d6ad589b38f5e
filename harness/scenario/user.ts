import { v7 as uuidv7 } from 'uuid';
import { type RestResponse, sendWithRetry } from '../clients/rest.ts';
import { RecordedSocket } from '../clients/socket.ts';
import type { OperationName } from '../history/event.ts';
import { until } from '../kernel/poll.ts';
import { WEB_ORIGIN, type World } from './world.ts';

export interface OrderOptions {
  readonly lines: ReadonlyArray<{ readonly sku: string; readonly quantity: number }>;
  readonly cardToken: string;
  /** Price of one piece in JPY. */
  readonly unitPrice?: number;
  readonly country?: string;
  /** Instead of these parts of {@link ADDRESS}. */
  readonly address?: Partial<typeof ADDRESS>;
  readonly idempotencyKey?: string;
}

/** The body of `POST /v1/orders`; see contracts/spec/openapi.yaml. */
export type OrderBody = Readonly<Record<string, unknown>>;

/** A command that was taken: what to follow it by. */
export interface Accepted {
  readonly jobId: string;
  readonly orderId: string;
  readonly traceId: string;
}

/** Where parcels go. */
export const ADDRESS = {
  recipient: 'Aoi Tanaka',
  street: '1-2-3 Jingumae',
  city: 'Tokyo',
  postalCode: '150-0001',
  country: 'JP',
};

/** The body of `POST /v1/orders` for these options. */
export const orderBody = (options: OrderOptions): OrderBody => ({
  lines: options.lines.map((line) => ({
    ...line,
    unitPrice: { currency: 'JPY', minorUnits: options.unitPrice ?? 1_000 },
  })),
  cardToken: options.cardToken,
  address: { ...ADDRESS, country: options.country ?? ADDRESS.country, ...options.address },
});

/** A customer of the public API; every operation is recorded. */
export class User {
  readonly userId: string;
  readonly token: string;
  /** The e-mail address in the token. */
  readonly email: string;
  readonly #world: World;

  constructor(world: World, userId: string, token: string, email = '') {
    this.#world = world;
    this.userId = userId;
    this.token = token;
    this.email = email;
  }

  /** Sends the PlaceOrder command once, whatever the answer. */
  async tryPlaceOrder(options: OrderOptions): Promise<RestResponse> {
    return this.tryPlace(orderBody(options), options.idempotencyKey ?? uuidv7());
  }

  /** Sends a PlaceOrder command with any body once, whatever the answer. */
  async tryPlace(json: OrderBody, idempotencyKey: string): Promise<RestResponse> {
    return this.#world.rest.send({
      name: 'place-order',
      method: 'POST',
      path: '/v1/orders',
      token: this.token,
      userId: this.userId,
      idempotencyKey,
      json,
    });
  }

  /**
   * Places an order as a well-behaved client does: it retries with the same key when no answer
   * comes, and after a 503 once Retry-After has passed. Fails the scenario unless the order is
   * accepted.
   */
  async placeOrder(options: OrderOptions): Promise<Accepted> {
    const idempotencyKey = options.idempotencyKey ?? uuidv7();
    const response = await sendWithRetry(() => this.tryPlaceOrder({ ...options, idempotencyKey }));
    return accepted('POST /v1/orders', response, this.userId, this.#world);
  }

  /** Sends the CancelOrder command once, whatever the answer. */
  async tryCancelOrder(orderId: string, idempotencyKey: string = uuidv7()): Promise<RestResponse> {
    return this.#world.rest.send({
      name: 'cancel-order',
      method: 'POST',
      path: `/v1/orders/${orderId}/cancel`,
      token: this.token,
      userId: this.userId,
      idempotencyKey,
    });
  }

  /** Cancels an order; retries as {@link placeOrder} does. */
  async cancelOrder(orderId: string, idempotencyKey: string = uuidv7()): Promise<Accepted> {
    const response = await sendWithRetry(() => this.tryCancelOrder(orderId, idempotencyKey));
    return accepted('POST …/cancel', response, this.userId, this.#world);
  }

  async getJob(jobId: string): Promise<RestResponse> {
    return this.#get('get-job', `/v1/jobs/${jobId}`);
  }

  async getOrder(orderId: string): Promise<RestResponse> {
    return this.#get('get-order', `/v1/orders/${orderId}`);
  }

  /** The composed order, once no part of it is missing. */
  async wholeOrder(orderId: string): Promise<Readonly<Record<string, unknown>>> {
    return until(`order ${orderId} to be composed without a missing part`, async () => {
      const { status, body } = await this.getOrder(orderId);
      const { missing } = body;
      return status === 200 && Array.isArray(missing) && missing.length === 0 ? body : undefined;
    });
  }

  async listOrders(query = ''): Promise<RestResponse> {
    return this.#get('list-orders', `/v1/customers/me/orders${query}`);
  }

  async listJobs(query = ''): Promise<RestResponse> {
    return this.#get('other', `/v1/jobs${query}`);
  }

  async getStock(sku: string): Promise<RestResponse> {
    return this.#get('other', `/v1/stock/${sku}`);
  }

  /** Asks once, whatever the answer. */
  async tryGet(name: OperationName, path: string): Promise<RestResponse> {
    const { token, userId } = this;
    return this.#world.rest.send({ name, method: 'GET', path, token, userId });
  }

  /** Opens a socket on a node of the WebSocket service. */
  async socket(
    options: { readonly node?: number; readonly via?: 'header' | 'subprotocol' } = {},
  ): Promise<RecordedSocket> {
    const opened = await this.trySocket({ ...options, token: this.token });
    if ('refused' in opened) throw new Error(`the handshake was refused: HTTP ${opened.refused}`);
    return opened;
  }

  /** Tries to open a socket with any token and origin. */
  async trySocket(options: {
    readonly token?: string;
    readonly node?: number;
    readonly origin?: string;
    readonly via?: 'header' | 'subprotocol';
  }): Promise<RecordedSocket | { refused: number }> {
    const node = options.node ?? 0;
    const { token, origin, via } = options;
    const browser = via === 'subprotocol';
    const opened = await RecordedSocket.open({
      url: `ws://${this.#world.address('websocket', 'ws', node)}/v1/updates`,
      node: `websocket-${node + 1}`,
      userId: this.userId,
      scenario: this.#world.scenario,
      shard: this.#world.shard,
      id: this.#world.name('socket'),
      ...(token === undefined ? {} : { token }),
      ...((origin ?? browser) ? { origin: origin ?? WEB_ORIGIN } : {}),
      ...(via === undefined ? {} : { via }),
    });
    if (!('refused' in opened)) this.#world.track(opened);
    return opened;
  }

  /** Waits until the job is terminal, seen by REST; answers it. */
  async jobEnded(jobId: string, deadlineMs = 60_000): Promise<Readonly<Record<string, unknown>>> {
    return until(
      `job ${jobId} to end`,
      async () => {
        const { body, status } = await this.getJob(jobId);
        const ended = body['state'] === 'SUCCEEDED' || body['state'] === 'FAILED';
        return status === 200 && ended ? body : undefined;
      },
      deadlineMs,
    );
  }

  /** A query; retries as {@link placeOrder} does. */
  async #get(name: OperationName, path: string): Promise<RestResponse> {
    return sendWithRetry(() => this.tryGet(name, path));
  }
}

/** What a command has made; another customer asks for it, too. */
function accepted(
  what: string,
  response: RestResponse,
  userId: string,
  { stranger }: World,
): Accepted {
  const { jobId, orderId } = response.body;
  if (response.status !== 202 || typeof jobId !== 'string' || typeof orderId !== 'string') {
    throw new Error(
      `${what} was not taken: HTTP ${response.status} ${JSON.stringify(response.body)}`,
    );
  }
  const location = response.headers.get('location');
  if (location !== `/v1/jobs/${jobId}`) {
    throw new Error(`${what} says that job ${jobId} is at ${location}`);
  }
  const made = { jobId, orderId, traceId: response.traceId };
  stranger.learn(made, userId);
  return made;
}
