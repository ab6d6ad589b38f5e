import { randomUUID } from 'node:crypto';
import { bootStack, type Stack } from '#harness/testbed/stack.ts';
import { type Codec, registryCodec } from './avro.ts';
import { testContext } from './context.testkit.ts';
import {
  kafkaConsumer,
  kafkaProducer,
  type Outgoing,
  type Producer,
  type Received,
} from './kafka.ts';
import type { OwnedContext } from './service.ts';

/** No service of the stack below consumes it. */
export const TOPIC = 'shipping.commands';
export type Taken = Received<typeof TOPIC>;

/** A real Kafka, a link to it that can be cut, and clients on either. */
export class KafkaWorld implements AsyncDisposable {
  readonly stack: Stack;
  readonly codec: Codec;
  /** Around the link that can be cut. */
  readonly producer: Producer;
  readonly #context: OwnedContext;

  private constructor(stack: Stack, context: OwnedContext, codec: Codec, producer: Producer) {
    this.stack = stack;
    this.#context = context;
    this.codec = codec;
    this.producer = producer;
  }

  static async boot(): Promise<KafkaWorld> {
    const stack = await bootStack({ only: ['inventory'], fresh: true });
    const context = testContext('witness-1');
    const { registry, kafka } = stack.addressBook;
    const codec = await registryCodec({ url: registry.url, topics: [TOPIC], log: context.log });
    const producer = await kafkaProducer(context, { brokers: kafka.bootstrap, codec });
    return new KafkaWorld(stack, context, codec, producer);
  }

  get direct(): string {
    return this.stack.addressBook.kafka.bootstrap;
  }

  /** Kafka's address behind the link. */
  get linked(): string {
    const link = this.stack.addressBook.links.find(({ name }) => name === 'inventory→kafka');
    if (link === undefined) throw new Error('there is no link to Kafka');
    return link.listen;
  }

  /** Consumes as a member of a group, until the context ends. */
  async consume(
    context: OwnedContext,
    options: {
      readonly group: string;
      readonly brokers?: string;
      handle(message: Taken): Promise<void>;
    },
  ): Promise<void> {
    const { codec } = this;
    const brokers = options.brokers ?? this.direct;
    const producer = await kafkaProducer(context, { brokers, codec });
    await kafkaConsumer(context, { ...options, brokers, topics: [TOPIC], codec, producer });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.end();
    await this.stack[Symbol.asyncDispose]();
  }
}

/** A message under a key, distinct from others by its id. */
export function message(key: string, messageId: string = randomUUID()): Outgoing<typeof TOPIC> {
  const [jobId, orderId, causationId] = [randomUUID(), randomUUID(), randomUUID()];
  const payload = { type: 'CancelShipment' } as const;
  const value = { messageId, jobId, orderId, causationId, occurredAt: 1, payload };
  return { topic: TOPIC, key, value };
}

export const idsOf = (messages: readonly Outgoing[]): string[] =>
  messages.map(({ value }) => value.messageId);
