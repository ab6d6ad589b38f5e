import type { DescService } from '@bufbuild/protobuf';
import { v7 as uuidv7 } from 'uuid';
import { InventoryService } from '#proto/sagaproof/inventory/v1/inventory_pb.js';
import { PaymentService } from '#proto/sagaproof/payment/v1/payment_pb.js';
import { askOwnServer } from '../../clients/own-server.ts';
import { RpcClient, type RpcResult } from '../../clients/rpc.ts';
import { Publisher } from '../../contracts/provider/publisher.ts';
import type { AddressBook, ServiceName } from '../../kernel/address-book.ts';

/** Access to a service's dependencies, to prepare the data that its calls need. */
export class RecipeWorld implements AsyncDisposable {
  readonly #book: AddressBook;
  #publisher: Promise<Publisher> | undefined;
  #product: Promise<string> | undefined;
  #card: Promise<string> | undefined;

  constructor(book: AddressBook) {
    this.#book = book;
  }

  /** A name that nothing else has. */
  name(kind: string): string {
    return `${kind}-${uuidv7()}`;
  }

  /** Has the issuer mint an access token for a user. */
  async mint(userId: string): Promise<string> {
    const response = await askOwnServer(this.#book.oidc.mintUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ sub: userId, groups: ['customers'] }),
    });
    const body = (await response.json()) as { access_token?: string };
    if (!response.ok || body.access_token === undefined) {
      throw new Error(`the OIDC issuer minted no token: HTTP ${response.status}`);
    }
    return body.access_token;
  }

  /** A product of which there is some, where there is an inventory to tell. */
  product(): Promise<string> {
    this.#product ??= this.#newProduct();
    return this.#product;
  }

  /** A card that can be charged, where there is a payment service to tell. */
  card(): Promise<string> {
    this.#card ??= this.#newCard();
    return this.#card;
  }

  async #newProduct(): Promise<string> {
    const sku = this.name('sku');
    await this.#tell('inventory', InventoryService, (inventory) =>
      inventory.call('receiveStock', { receiptId: uuidv7(), sku, quantity: 1_000 }),
    );
    return sku;
  }

  async #newCard(): Promise<string> {
    const cardToken = `tok_ok_${this.name('card')}`;
    const creditLimit = { currency: 'JPY', minorUnits: 1_000_000n };
    await this.#tell('payment', PaymentService, (payment) =>
      payment.call('registerCard', { cardToken, creditLimit }),
    );
    return cardToken;
  }

  async #tell<S extends DescService>(
    name: ServiceName,
    service: S,
    call: (client: RpcClient<S>) => Promise<RpcResult<unknown>>,
  ): Promise<void> {
    const [instance] = this.#book.services[name]?.instances ?? [];
    if (instance === undefined) return;
    const client = new RpcClient(service, `${instance.host}:${instance.ports['grpc']}`);
    try {
      await mustAnswer(name, call(client));
    } finally {
      client.close();
    }
  }

  /** Publishes a message of an order as the service does that it usually comes from. */
  async publish(
    topic: string,
    orderId: string,
    payload: { readonly type: string } & Readonly<Record<string, unknown>>,
    more: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    this.#publisher ??= Publisher.connect(this.#book.kafka.bootstrap, this.#book.registry.url);
    const publisher = await this.#publisher;
    await publisher.publish({
      topic,
      key: orderId,
      eventType: payload.type,
      value: {
        messageId: uuidv7(),
        jobId: uuidv7(),
        orderId,
        causationId: uuidv7(),
        occurredAt: Date.now(),
        payload,
        ...more,
      },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#publisher)?.[Symbol.asyncDispose]();
  }
}

/** What a preparation was answered with; one that is refused is no preparation. */
export async function mustAnswer<T>(what: string, call: Promise<RpcResult<T>>): Promise<T> {
  const result = await call;
  if (result.ok) return result.message;
  throw new Error(`${what} was refused: ${result.status} ${result.code ?? result.details}`);
}

/** The answer of a call that has to be answered, or how it was refused. */
export function refusalOf<T>(result: RpcResult<T>): string {
  return result.ok ? 'OK' : `${result.status} ${result.code ?? result.details}`;
}
