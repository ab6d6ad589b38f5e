import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import avsc from 'avsc';
import type { Logger } from 'pino';
import type { TopicValues } from '#avro/types.generated.ts';
import { valueSubject } from '#contracts/spec/topics.ts';
import { PoisonMessage } from './errors.ts';
import { type SchemaRegistry, schemaRegistry } from './schema-registry.ts';
import { controlCharacterAt } from './text.ts';
import { untilAvailable } from './until-available.ts';

export type TopicName = keyof TopicValues;

/** Values of topics, to and from the Confluent wire format. */
export interface Codec {
  encode<T extends TopicName>(topic: T, value: TopicValues[T]): Promise<Buffer>;
  /**
   * Rejects with PoisonMessage for bytes that no reader can read, and with `unavailable` when the
   * registry is needed and does not answer.
   */
  decode<T extends TopicName>(topic: T, bytes: Uint8Array): Promise<TopicValues[T]>;
}

/** Magic byte 0, then the schema's id (big-endian), then the Avro body. */
const MAGIC_BYTE = 0;
const HEADER_BYTES = 5;

/** What each topic's readers are compiled for. */
interface Reader {
  readonly type: avsc.Type;
  readonly schema: string;
  /**
   * Fields whose type is a union of records: `{ type, ...fields }` to us, `{ <name>: fields }` to
   * avsc.
   */
  readonly tagged: readonly string[];
  readonly namespace: string;
}

/** The schema that this code was written for. */
export const schemaPath = (topic: TopicName): string =>
  fileURLToPath(new URL(`../../avro/${topic}.avsc`, import.meta.url));

/**
 * A codec that reads writer schemas from a Schema Registry and has its own compiled in. It looks up
 * the ids of the topics' schemas at start, and waits for those that are not registered yet.
 */
export async function registryCodec(options: {
  readonly url: string;
  readonly topics: readonly TopicName[];
  readonly log: Logger;
  readonly signal?: AbortSignal;
}): Promise<Codec> {
  const { url, topics, ...wait } = options;
  const registry = schemaRegistry(url);
  return createCodec(topics, {
    ...registry,
    idOf: (subject, schema) =>
      untilAvailable({ ...wait, what: 'the schema registry' }, () =>
        registry.idOf(subject, schema),
      ),
  });
}

/** A codec on any registry. */
export async function createCodec(
  topics: readonly TopicName[],
  registry: SchemaRegistry,
): Promise<Codec> {
  const readers = new Map(topics.map((topic) => [topic, readSchema(topic)] as const));
  const ids = new Map<TopicName, number>();
  for (const [topic, { schema }] of readers) {
    ids.set(topic, await registry.idOf(valueSubject(topic), schema));
  }
  return codecOf(readers, ids, registry);
}

/** Compiles a topic's schema. Throws when it does not parse: nothing can run without it. */
function readSchema(topic: TopicName): Reader {
  const schema = JSON.parse(readFileSync(schemaPath(topic), 'utf8')) as avsc.schema.RecordType & {
    namespace: string;
  };
  const tagged = schema.fields
    .filter(({ type }) => Array.isArray(type) && type.filter(isRecordSchema).length > 1)
    .map(({ name }) => name);
  return {
    type: avsc.Type.forSchema(schema),
    schema: JSON.stringify(schema),
    tagged,
    namespace: schema.namespace,
  };
}

const isRecordSchema = (schema: unknown): boolean =>
  typeof schema === 'object' && schema !== null && 'type' in schema && schema.type === 'record';

function codecOf(
  readers: ReadonlyMap<TopicName, Reader>,
  ids: ReadonlyMap<TopicName, number>,
  registry: SchemaRegistry,
): Codec {
  const readerOf = (topic: TopicName): Reader => {
    const reader = readers.get(topic);
    if (reader === undefined) throw new Error(`this codec was not made for topic ${topic}`);
    return reader;
  };
  const resolvers = new Map<string, Promise<avsc.Resolver | undefined>>();
  const resolverOf = (topic: TopicName, id: number): Promise<avsc.Resolver | undefined> => {
    if (ids.get(topic) === id) return Promise.resolve(undefined);
    const key = `${topic} ${id}`;
    const known = resolvers.get(key);
    if (known !== undefined) return known;
    const resolver = resolveWriter(readerOf(topic), registry, id);
    resolvers.set(key, resolver);
    // Only what worked is kept: the registry may be back, or know the id, the next time.
    resolver.catch(() => resolvers.delete(key));
    return resolver;
  };
  return {
    async encode(topic, value) {
      const reader = readerOf(topic);
      const header = Buffer.alloc(HEADER_BYTES);
      header.writeInt32BE(ids.get(topic) ?? 0, 1);
      return Buffer.concat([header, reader.type.toBuffer(untag(reader, value))]);
    },
    async decode(topic, bytes) {
      const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      if (buffer.length < HEADER_BYTES || buffer[0] !== MAGIC_BYTE) {
        throw new PoisonMessage('not-wire-format', {
          detail: `a value of ${buffer.length} bytes does not start with magic byte and schema id`,
        });
      }
      const resolver = await resolverOf(topic, buffer.readInt32BE(1));
      const reader = readerOf(topic);
      const value = readBody(topic, reader, buffer.subarray(HEADER_BYTES), resolver);
      const flaw = controlCharacterAt(value);
      if (flaw !== undefined) {
        throw new PoisonMessage('invalid-message', { detail: `${flaw} has a control character` });
      }
      return tag(reader, value);
    },
  };
}

function readBody(
  topic: TopicName,
  reader: Reader,
  body: Buffer,
  resolver: avsc.Resolver | undefined,
): object {
  try {
    return reader.type.fromBuffer(body, resolver) as object;
  } catch (error) {
    throw new PoisonMessage('undecodable', {
      detail: `not a value of ${topic}: ${(error as Error).message}`,
      cause: error,
    });
  }
}

/** How a writer's schema reads as the one we know; undefined when it is the same. */
async function resolveWriter(
  reader: Reader,
  registry: SchemaRegistry,
  id: number,
): Promise<avsc.Resolver | undefined> {
  const text = await registry.schemaById(id);
  if (text === undefined) {
    throw new PoisonMessage('unknown-schema-id', { detail: `no schema has the id ${id}` });
  }
  if (text === reader.schema) return undefined;
  try {
    const writer = avsc.Type.forSchema(JSON.parse(text) as avsc.Schema);
    return reader.type.createResolver(writer);
  } catch (error) {
    throw new PoisonMessage('undecodable', {
      detail: `schema ${id} cannot be read as ${reader.type.name}`,
      cause: error,
    });
  }
}

type Fields = Record<string, unknown>;

function untag(reader: Reader, value: object): Fields {
  const fields: Fields = { ...value };
  for (const name of reader.tagged) {
    const { type, ...rest } = fields[name] as { type: string };
    fields[name] = { [`${reader.namespace}.${type}`]: rest };
  }
  return fields;
}

function tag<T extends TopicName>(reader: Reader, value: object): TopicValues[T] {
  const fields: Fields = { ...value };
  for (const name of reader.tagged) {
    const [branch] = Object.entries(fields[name] as Record<string, object>);
    assert(branch !== undefined, `${name} of ${reader.type.name} is an empty union`);
    fields[name] = { type: branch[0].slice(branch[0].lastIndexOf('.') + 1), ...branch[1] };
  }
  return fields as unknown as TopicValues[T];
}
