import { SpanKind, type SpanOptions } from '@opentelemetry/api';
import { Counter } from 'prom-client';
import type { TopicValues } from '#avro/types.generated.ts';
import { deadLetterTopic } from '#contracts/spec/topics.ts';
import type { Codec, TopicName } from './avro.ts';
import { crashOnBrokenAssertion, type PoisonMessage, poisonOf } from './errors.ts';
import type { RawMessage } from './kafka-lane.ts';
import type { Producer } from './kafka-producer.ts';
import type { ServiceContext } from './service.ts';
import {
  currentTraceparent,
  type OpenSpan,
  openSpan,
  withSpan,
  withTraceparent,
} from './telemetry.ts';

/** One record, decoded. */
export interface Received<T extends TopicName = TopicName> {
  readonly topic: T;
  readonly partition: number;
  readonly offset: bigint;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: TopicValues[T];
  readonly messageId: string;
  /** Where it is processed: what follows from it belongs there. */
  readonly traceparent: string;
}

/** A received record as a union that narrows by `topic`. */
export type AnyReceived<T extends TopicName> = { [K in T]: Received<K> }[T];

export interface ConsumerOptions<T extends TopicName> {
  readonly brokers: string;
  readonly group: string;
  readonly topics: readonly T[];
  readonly codec: Codec;
  /** Writes to the dead-letter topics. */
  readonly producer: Producer;
  /**
   * Handles one record; its offset is committed afterwards. PoisonMessage sends the record to the
   * dead-letter topic; any other failure is tried again until it succeeds, while its partition
   * waits.
   */
  handle(message: AnyReceived<T>): Promise<void>;
  /**
   * Handles several records of a partition in order, faster than one by one. When it rejects, each
   * of them is handled alone; so it must be idempotent, as `handle` is.
   */
  handleAll?(messages: ReadonlyArray<AnyReceived<T>>): Promise<void>;
}

type Outcome = 'handled' | 'retried' | 'dead-lettered';

/** Processes one record: it is handled, put aside, or fails and is tried again. */
export class Processor {
  readonly #context: ServiceContext;
  readonly #options: ConsumerOptions<TopicName>;
  readonly #messages: Counter;

  constructor(context: ServiceContext, options: ConsumerOptions<TopicName>) {
    this.#context = context;
    this.#options = options;
    const name = 'kafka_consumer_messages_total';
    // Several consumers of one process share it.
    this.#messages =
      (context.metrics.getSingleMetric(name) as Counter | undefined) ??
      new Counter({
        name,
        help: 'Messages by outcome.',
        labelNames: ['topic', 'outcome'],
        registers: [context.metrics],
      });
  }

  /** Handles a record or puts it aside; rejects when it shall be tried again. */
  async process(message: RawMessage): Promise<void> {
    const headers = headersOf(message);
    await withTraceparent(headers['traceparent'], () =>
      withSpan(`process ${message.topic}`, this.#spanOptions(message), async () => {
        try {
          const traceparent = currentTraceparent() ?? '';
          await this.#options.handle(await this.#decode(message, { headers, traceparent }));
          this.#count(message.topic, 'handled');
        } catch (error) {
          crashOnBrokenAssertion(error);
          const poison = poisonOf(error);
          if (poison === undefined) throw error;
          await this.#bury(message, poison);
        }
      }),
    );
  }

  /** Handles several records of a partition together; rejects when one of them cannot be. */
  async processAll(messages: readonly RawMessage[]): Promise<void> {
    const spans: OpenSpan[] = [];
    const received: Array<Promise<AnyReceived<TopicName>>> = messages.map((message) => {
      const headers = headersOf(message);
      const name = `process ${message.topic}`;
      const span = openSpan(name, this.#spanOptions(message), headers['traceparent']);
      spans.push(span);
      return this.#decode(message, { headers, traceparent: span.traceparent });
    });
    let failure: unknown;
    try {
      await this.#options.handleAll?.(await Promise.all(received));
      for (const { topic } of messages) this.#count(topic, 'handled');
    } catch (error) {
      crashOnBrokenAssertion(error);
      failure = error;
      throw error;
    } finally {
      for (const span of spans) span.end(failure);
    }
  }

  #spanOptions(message: RawMessage): SpanOptions {
    const attributes = {
      'messaging.system': 'kafka',
      'messaging.operation.name': 'process',
      'messaging.destination.name': message.topic,
      'messaging.consumer.group.name': this.#options.group,
      'messaging.kafka.offset': Number(message.offset),
    };
    return { kind: SpanKind.CONSUMER, attributes };
  }

  async #decode(
    message: RawMessage,
    along: { readonly headers: Record<string, string>; readonly traceparent: string },
  ): Promise<AnyReceived<TopicName>> {
    const topic = message.topic as TopicName;
    const value = await this.#options.codec.decode(topic, message.value ?? Buffer.alloc(0));
    return {
      topic,
      partition: message.partition,
      offset: message.offset,
      key: message.key?.toString() ?? '',
      ...along,
      value,
      messageId: value.messageId,
    } as AnyReceived<TopicName>;
  }

  /** Puts a record aside as it came, with why and from where. */
  async #bury(message: RawMessage, poison: PoisonMessage): Promise<void> {
    const added = {
      'dlq-cause': poison.reason,
      'dlq-detail': poison.message.slice(0, 500),
      'dlq-topic': message.topic,
      'dlq-partition': String(message.partition),
      'dlq-offset': String(message.offset),
      'dlq-group': this.#options.group,
    };
    await this.#options.producer.send([
      {
        topic: deadLetterTopic(message.topic),
        key: message.key ?? undefined,
        value: message.value ?? undefined,
        headers: [
          ...message.headerEntries.map(([name, text]) => [name.toString(), text] as const),
          ...Object.entries(added).map(([name, text]) => [name, Buffer.from(text)] as const),
        ],
      },
    ]);
    this.#count(message.topic, 'dead-lettered');
    this.#context.log.error(
      { reason: poison.reason, detail: poison.message, ...placeOf(message) },
      'a message went to the dead-letter topic',
    );
  }

  /** Takes note that a record will be tried again. */
  noteRetry(message: RawMessage, error: unknown, attempt: number): void {
    this.#count(message.topic, 'retried');
    this.#context.log.warn(
      { err: error, attempt, ...placeOf(message) },
      'a message will be tried again',
    );
  }

  #count(topic: string, outcome: Outcome): void {
    this.#messages.inc({ topic, outcome });
  }
}

/** Where a record is, for a log line. */
export const placeOf = ({ topic, partition, offset }: RawMessage) => ({
  topic,
  partition,
  offset: Number(offset),
});

function headersOf(message: RawMessage): Record<string, string> {
  return Object.fromEntries(
    message.headerEntries.map(([name, text]) => [name.toString(), text?.toString() ?? '']),
  );
}
