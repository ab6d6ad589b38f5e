/** The running service among participants that a test controls, on real servers. */
import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { vi } from 'vitest';
import type { TopicValues } from '#avro/types.generated.ts';
import { bootStack, type Stack } from '#harness/testbed/stack.ts';
import { registryCodec } from '#kit/avro.ts';
import { type GrpcClient, grpcClient } from '#kit/grpc.ts';
import { kafkaConsumer, kafkaProducer, type Producer } from '#kit/kafka.ts';
import { createContext, type OwnedContext } from '#kit/service.ts';
import { startTelemetry } from '#kit/telemetry.ts';
import { OrderService } from '#proto/sagaproof/order/v1/order_pb.js';
import { SAID, type Said } from './domain.testkit.ts';

const COMMAND_TOPICS = ['inventory.commands', 'payment.commands', 'shipping.commands'] as const;
const CALL_TIMEOUT_MS = 6_000;
const WITHIN = { timeout: 30_000, interval: 5 };

const USUAL_ANSWERS: Readonly<Record<string, Said>> = {
  ReserveStock: 'StockReserved',
  ReleaseStock: 'StockReleased',
  RestockItems: 'StockRestocked',
  AuthorizePayment: 'PaymentAuthorized',
  VoidPayment: 'PaymentVoided',
  CapturePayment: 'PaymentCaptured',
  RefundPayment: 'PaymentRefunded',
  ScheduleShipment: 'ShipmentScheduled',
  CancelShipment: 'ShipmentCancelled',
};

type OrderEvent = TopicValues['order.events'];
type Command = TopicValues[(typeof COMMAND_TOPICS)[number]];

/** What Kafka has of one order. */
export interface Seen {
  readonly events: OrderEvent[];
  readonly commands: Command[];
  readonly traceparents: string[];
}

export class World implements AsyncDisposable {
  readonly stack: Stack;
  readonly #context: OwnedContext;
  readonly #producer: Producer;
  readonly #seen = new Map<string, Seen>();
  /** By order and command: what the participant says instead; nothing when null. */
  readonly #answers = new Map<string, Said | null>();

  private constructor(stack: Stack, context: OwnedContext, producer: Producer) {
    this.stack = stack;
    this.#context = context;
    this.#producer = producer;
  }

  /** Boots what the order service needs, and the service. */
  static async boot(): Promise<World> {
    const only = ['kafka', 'registry', 'eventstore', 'order'] as const;
    const stack = await bootStack({ only, fresh: true });
    const context = createContext(
      {
        SERVICE_NAME: 'order-test',
        SERVICE_INSTANCE: `order-test-${randomUUID()}`,
        LOG_LEVEL: 'silent',
        ADMIN_PORT: 0,
        LISTEN_HOST: '127.0.0.1',
      },
      pino({ level: 'silent' }),
    );
    context.resources.use(
      startTelemetry({ service: context.name, instance: context.instance, url: undefined }),
    );
    const { kafka, registry } = stack.addressBook;
    const topics = [...COMMAND_TOPICS, 'order.events'] as const;
    const replies = ['inventory.events', 'payment.events', 'shipping.events'] as const;
    const codec = await registryCodec({
      url: registry.url,
      topics: [...topics, ...replies],
      log: context.log,
    });
    const producer = await kafkaProducer(context, { brokers: kafka.bootstrap, codec });
    const world = new World(stack, context, producer);
    await kafkaConsumer(context, {
      brokers: kafka.bootstrap,
      group: context.instance,
      topics,
      codec,
      producer,
      handle: async (message) => {
        const seen = world.seen(message.value.orderId);
        seen.traceparents.push(message.headers['traceparent'] ?? '');
        if (message.topic === 'order.events') seen.events.push(message.value);
        else {
          seen.commands.push(message.value);
          await world.#answer(message.value);
        }
      },
    });
    return world;
  }

  /** A client of an instance of the service. */
  client(instance = 0): GrpcClient<typeof OrderService> {
    const address = this.stack.addressBook.services['order']?.instances[instance];
    if (address === undefined) throw new Error(`there is no instance ${instance}`);
    return grpcClient(this.#context, OrderService, `${address.host}:${address.ports['grpc']}`, {
      deadlineMs: CALL_TIMEOUT_MS,
    });
  }

  /** Says beforehand what a participant answers to an order's command: null is silence. */
  answer(orderId: string, command: string, said: Said | null): void {
    this.#answers.set(`${orderId} ${command}`, said);
  }

  /** Answers a command now. */
  async say(command: Command, said: Said): Promise<void> {
    const { jobId, orderId, messageId: causationId } = command;
    const value = { messageId: randomUUID(), jobId, orderId, causationId, occurredAt: Date.now() };
    const topic = topicOf(said);
    await this.#producer.publish([
      { topic, key: orderId, value: { ...value, payload: SAID[said] } as never },
    ]);
  }

  seen(orderId: string): Seen {
    const seen = this.#seen.get(orderId) ?? { events: [], commands: [], traceparents: [] };
    this.#seen.set(orderId, seen);
    return seen;
  }

  /** Waits until `order.events` has this type of the order. */
  async until(orderId: string, type: OrderEvent['payload']['type']): Promise<OrderEvent> {
    return vi.waitFor(() => {
      const found = this.seen(orderId).events.find(({ payload }) => payload.type === type);
      if (found === undefined) throw new Error(`order.events has no ${type} of ${orderId} yet`);
      return found;
    }, WITHIN);
  }

  async untilCommand(orderId: string, type: string): Promise<Command> {
    return vi.waitFor(() => {
      const found = this.seen(orderId).commands.find(({ payload }) => payload.type === type);
      if (found === undefined) throw new Error(`no ${type} for ${orderId} yet`);
      return found;
    }, WITHIN);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.end();
    await this.stack[Symbol.asyncDispose]();
  }

  async #answer(command: Command): Promise<void> {
    const { type } = command.payload;
    const said = this.#answers.get(`${command.orderId} ${type}`);
    const usual = USUAL_ANSWERS[type];
    if (said === null || usual === undefined) return;
    await this.say(command, said ?? usual);
  }
}

function topicOf(said: Said) {
  if (said.startsWith('Stock')) return 'inventory.events';
  return said.startsWith('Shipment') ? 'shipping.events' : 'payment.events';
}

/** A request that is in order, for a new order. */
export function aRequest(change: { orderId?: string; userId?: string } = {}) {
  return {
    jobId: randomUUID(),
    orderId: randomUUID(),
    userId: 'user-1',
    lines: [{ sku: 'tea', quantity: 2, unitPrice: { currency: 'EUR', minorUnits: 1_250n } }],
    cardToken: 'card-1',
    address: { recipient: 'A', street: 'B 1', city: 'C', postalCode: '1', country: 'DE' },
    contactEmail: 'a@example.org',
    requestHash: 'ab'.repeat(32),
    ...change,
  };
}
