import { v7 as uuidv7 } from 'uuid';
import { AuthService } from '#proto/sagaproof/auth/v1/auth_pb.js';
import { InventoryService } from '#proto/sagaproof/inventory/v1/inventory_pb.js';
import { JobService } from '#proto/sagaproof/jobs/v1/jobs_pb.js';
import { OrderService } from '#proto/sagaproof/order/v1/order_pb.js';
import { PaymentService } from '#proto/sagaproof/payment/v1/payment_pb.js';
import { QueryService } from '#proto/sagaproof/query/v1/query_pb.js';
import { ShippingService } from '#proto/sagaproof/shipping/v1/shipping_pb.js';
import { askOwnServer, mintToken } from '../clients/own-server.ts';
import { RestClient } from '../clients/rest.ts';
import { RpcClient, type RpcResult } from '../clients/rpc.ts';
import type { OperationName } from '../history/event.ts';
import type { Shard } from '../history/shard.ts';
import type { AddressBook, ServiceName } from '../kernel/address-book.ts';
import { until } from '../kernel/poll.ts';
import { Random } from '../kernel/random.ts';
import { Stranger } from './stranger.ts';
import { User } from './user.ts';

/** The origin that web clients come from; the services' manifests allow it. */
export const WEB_ORIGIN = 'http://localhost:3000';

/** A client of each service that speaks gRPC. */
const rpcClients = (addressOf: (service: ServiceName) => string) => ({
  auth: new RpcClient(AuthService, addressOf('auth')),
  jobs: new RpcClient(JobService, addressOf('job-management')),
  order: new RpcClient(OrderService, addressOf('order')),
  inventory: new RpcClient(InventoryService, addressOf('inventory')),
  payment: new RpcClient(PaymentService, addressOf('payment')),
  shipping: new RpcClient(ShippingService, addressOf('shipping')),
  query: new RpcClient(QueryService, addressOf('query')),
});

/** What a scenario is played in: the running stack, and actors with names of their own. */
export class World {
  readonly scenario: string;
  readonly run: string;
  readonly book: AddressBook;
  readonly shard: Shard;
  /** What the scenario chooses, it draws from here: the run's seed repeats it. */
  readonly random: Random;
  readonly rest: RestClient;
  readonly rpc;
  readonly stranger = new Stranger(this);
  readonly #sockets: Array<{ close: () => Promise<void> }> = [];
  #names = 0;

  constructor(options: {
    readonly scenario: string;
    readonly run: string;
    readonly book: AddressBook;
    readonly shard: Shard;
    readonly seed?: string;
  }) {
    this.scenario = options.scenario;
    this.run = options.run;
    this.book = options.book;
    this.shard = options.shard;
    this.random = new Random(options.seed ?? '', options.scenario);
    this.rest = new RestClient(
      `http://${this.address('api-gateway', 'http')}`,
      this.scenario,
      this.shard,
    );
    this.rpc = rpcClients((service) => this.address(service, 'grpc'));
  }

  /** host:port of an instance of a service, by default the first. */
  address(service: ServiceName, port: string, instance = 0): string {
    const found = this.book.services[service]?.instances[instance];
    const number = found?.ports[port];
    if (found === undefined || number === undefined) {
      throw new Error(`the stack has no ${service} instance ${instance + 1} with a port ${port}`);
    }
    return `${found.host}:${number}`;
  }

  /** A name that no other scenario and no other run uses. */
  name(kind: string): string {
    return `${kind}-${this.run.slice(-12)}-${this.scenario}-${++this.#names}`;
  }

  /** A new user with a valid access token. */
  async user(
    options: {
      readonly groups?: readonly string[];
      /** Opens the user's id, to make it an unusual one. */
      readonly prefix?: string;
    } = {},
  ): Promise<User> {
    const name = this.name('user');
    const userId = `${options.prefix ?? ''}${name}`;
    const email = `${name}@customers.example`;
    const token = await this.mint({ sub: userId, email, groups: options.groups ?? ['customers'] });
    return new User(this, userId, token, email);
  }

  /** Has the issuer mint a token; see `AddressBook.oidc.mintUrl`. */
  mint(claims: Readonly<Record<string, unknown>>): Promise<string> {
    return mintToken(this.book.oidc.mintUrl, claims);
  }

  /** A new product with this much stock. */
  async sku(quantity: number): Promise<string> {
    const sku = this.name('sku');
    await this.receive(sku, quantity);
    return sku;
  }

  /** A goods receipt. */
  async receive(sku: string, quantity: number): Promise<void> {
    await this.prepared('receive-stock', { sku, quantity }, () =>
      this.rpc.inventory.call('receiveStock', { receiptId: uuidv7(), sku, quantity }),
    );
  }

  /**
   * A new registered card.
   *
   * @param limitMinorUnits credit limit
   * @param prefix a documented prefix of the acquirer's sandbox, such as `tok_slow_2`
   */
  async card(
    limitMinorUnits = 1_000_000_000,
    prefix = 'tok_ok',
    currency = 'JPY',
  ): Promise<string> {
    const cardToken = `${prefix}_${this.name('card')}`;
    await this.registerCard(cardToken, limitMinorUnits, currency);
    return cardToken;
  }

  /** Registers a card, or changes the limit of one. */
  async registerCard(cardToken: string, limitMinorUnits: number, currency: string): Promise<void> {
    await this.prepared('register-card', { cardToken, limitMinorUnits }, () =>
      this.rpc.payment.call('registerCard', {
        cardToken,
        creditLimit: { currency, minorUnits: BigInt(limitMinorUnits) },
      }),
    );
  }

  /** The warehouse hands an order's parcel to the carrier. */
  async dispatch(orderId: string): Promise<void> {
    await this.prepared('dispatch-shipment', { orderId }, () =>
      this.rpc.shipping.call('dispatchShipment', { orderId }),
    );
  }

  /** Waits until the read model shows an order of a customer in a status. */
  async historyShows(user: User, orderId: string, status: string): Promise<void> {
    await until(`the read model to show order ${orderId} as ${status}`, async () => {
      const { body } = await user.listOrders();
      const orders = (body['orders'] ?? []) as ReadonlyArray<Record<string, unknown>>;
      return orders.some((order) => order['orderId'] === orderId && order['status'] === status);
    });
  }

  /** Names of the services that exported spans of a trace. */
  async servicesInTrace(traceId: string): Promise<ReadonlySet<string>> {
    const response = await askOwnServer(`${this.book.otlp.spansUrl}?traceId=${traceId}`);
    const { spans } = (await response.json()) as {
      spans: ReadonlyArray<{ traceId: string; service: string }>;
    };
    return new Set(spans.filter((span) => span.traceId === traceId).map((span) => span.service));
  }

  /** Closes the socket when the scenario ends, even if it fails. */
  track(socket: { close: () => Promise<void> }): void {
    this.#sockets.push(socket);
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#sockets.map((socket) => socket.close()));
    for (const client of Object.values(this.rpc)) client.close();
  }

  /** Runs a preparation through a public RPC, recorded; a refusal fails the scenario. */
  async prepared<T>(
    name: OperationName,
    request: unknown,
    call: () => Promise<RpcResult<T>>,
  ): Promise<T> {
    const operation = `${this.scenario}#${process.pid}.${uuidv7()}`;
    const about = { operation, name, scenario: this.scenario };
    this.shard.record({ type: 'invoke', ...about, request });
    const result = await call();
    if (result.ok) {
      this.shard.record({ type: 'ok', ...about });
      return result.message;
    }
    const definite = result.status !== 'DEADLINE_EXCEEDED' && result.status !== 'UNAVAILABLE';
    this.shard.record({ type: definite ? 'fail' : 'info', ...about, status: result.status });
    throw new Error(`${name} was refused: ${result.status} ${result.code ?? result.details}`);
  }
}
