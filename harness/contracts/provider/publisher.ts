import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { COMPATIBILITY, SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import { Kafka, logLevel, type Producer } from 'kafkajs';
import { v7 as uuidv7 } from 'uuid';
import { readTopicTable, valueSubject } from '#contracts/spec/topics.ts';

type Json = Readonly<Record<string, unknown>>;

/** A record to publish as the service does whose part the harness plays. */
export interface Publication {
  readonly topic: string;
  readonly key: string;
  readonly eventType: string;
  /** By the topic's schema; the branch of a union of records is `{type, …}`. */
  readonly value: Json;
  /** Id of the message; a new one when absent. */
  readonly messageId?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Plays the producers that are not there while a provider is verified. */
export class Publisher implements AsyncDisposable {
  readonly #producer: Producer;
  readonly #registry: SchemaRegistry;
  readonly #ids = new Map<string, Promise<number>>();

  private constructor(producer: Producer, registry: SchemaRegistry) {
    this.#producer = producer;
    this.#registry = registry;
  }

  static async connect(bootstrap: string, registryUrl: string): Promise<Publisher> {
    const kafka = new Kafka({
      clientId: `sagaproof-contracts-${uuidv7()}`,
      brokers: [bootstrap],
      logLevel: logLevel.NOTHING,
    });
    const producer = kafka.producer({ allowAutoTopicCreation: false });
    await producer.connect();
    return new Publisher(producer, new SchemaRegistry({ host: registryUrl }));
  }

  async publish({ topic, key, eventType, value, messageId, headers }: Publication): Promise<void> {
    const schema = schemaOf(topic);
    const bytes = await this.#registry.encode(await this.#id(topic), tagged(schema, value));
    const trace = `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
    const id = messageId ?? String(value['messageId'] ?? uuidv7());
    await this.#producer.send({
      topic,
      messages: [{ key, value: bytes, headers: { id, eventType, traceparent: trace, ...headers } }],
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#producer.disconnect();
  }

  /** The schema's id; it is registered when no service has done so yet. */
  #id(topic: string): Promise<number> {
    const known = this.#ids.get(topic);
    if (known !== undefined) return known;
    const schema = { type: SchemaType.AVRO, schema: JSON.stringify(schemaOf(topic)) } as const;
    const id = this.#registry
      .register(schema, { subject: valueSubject(topic), compatibility: compatibilityOf(topic) })
      .then((registered) => registered.id);
    this.#ids.set(topic, id);
    return id;
  }
}

/** The library refuses to register with another mode than the subject has. */
function compatibilityOf(topic: string): COMPATIBILITY {
  const { topics } = readTopicTable();
  const mode = topics.find(({ name }) => name === topic)?.compatibility;
  if (mode === undefined) throw new Error(`contracts/spec/topics.yaml has no topic ${topic}`);
  return COMPATIBILITY[mode];
}

interface RecordSchema {
  readonly namespace: string;
  readonly fields: ReadonlyArray<{ readonly name: string; readonly type: unknown }>;
}

function schemaOf(topic: string): RecordSchema {
  const file = new URL(`../../../avro/${topic}.avsc`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as RecordSchema;
}

/** Names the branch of each union of records, which the encoder requires. */
function tagged({ namespace, fields }: RecordSchema, value: Json): Json {
  const unions = fields.filter(
    ({ type }) => Array.isArray(type) && type.filter(isRecord).length > 1,
  );
  const branches = unions.map(({ name }) => {
    const { type, ...rest } = value[name] as { type: string };
    return [name, { [`${namespace}.${type}`]: rest }] as const;
  });
  return { ...value, ...Object.fromEntries(branches) };
}

const isRecord = (branch: unknown): boolean =>
  typeof branch === 'object' && branch !== null && 'fields' in branch;
