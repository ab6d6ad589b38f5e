import { readFileSync } from 'node:fs';
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import avsc from 'avsc';
import { isDeadLetter } from '../history/records.ts';

/** Confluent wire format: a zero byte, then the schema's id as four bytes. */
const MAGIC = 0;
const PREFIX_BYTES = 5;
/** How many bytes of an undecodable value are kept. */
const RAW_BYTES_MAX = 1_024;

type AvroSchema =
  | string
  | readonly AvroSchema[]
  | {
      readonly type: AvroSchema;
      readonly name?: string;
      readonly fields?: ReadonlyArray<{ readonly name: string; readonly type: AvroSchema }>;
      readonly items?: AvroSchema;
      readonly values?: AvroSchema;
    };

/** How one topic is read: its own schema, ready for decoding. */
interface Reader {
  readonly schema: AvroSchema;
  readonly type: avsc.Type;
}

/** A record's value, or why it cannot be decoded. */
export interface Decoded {
  readonly schemaId?: number;
  readonly value?: Readonly<Record<string, unknown>>;
  readonly undecodable?: string;
  readonly raw?: string;
}

/**
 * Decodes the topics' Avro values, each with the reader's schema in `avro/`, so that values in
 * the history have that shape, whatever schema the writer used. A record in a union of records
 * becomes `{type, ...fields}`, as in the generated types.
 */
export class AvroDecoder {
  readonly #registry: SchemaRegistry;
  readonly #readers = new Map<string, Reader>();
  /** By topic and schema id: making one takes longer than reading hundreds of records. */
  readonly #resolvers = new Map<string, Promise<avsc.Resolver | undefined>>();

  /** @param topics topics that have a schema `avro/<topic>.avsc` */
  constructor(registryUrl: string, topics: readonly string[]) {
    this.#registry = new SchemaRegistry({ host: registryUrl });
    for (const topic of topics) {
      const file = new URL(`../../avro/${topic}.avsc`, import.meta.url);
      const schema = JSON.parse(readFileSync(file, 'utf8')) as AvroSchema;
      const type = avsc.Type.forSchema(schema as avsc.Schema);
      this.#readers.set(topic, { schema, type });
    }
  }

  /** Never rejects: the reason of a failure is in `undecodable`. */
  async decode(topic: string, bytes: Buffer | null): Promise<Decoded> {
    if (bytes === null) return { undecodable: 'it has no value' };
    const raw = bytes.subarray(0, RAW_BYTES_MAX).toString('base64');
    if (isDeadLetter(topic)) return { undecodable: 'a dead letter is kept as it is', raw };
    const reader = this.#readers.get(topic);
    if (reader === undefined) return { undecodable: `avro/ has no schema of ${topic}`, raw };
    if (bytes.length < PREFIX_BYTES || bytes[0] !== MAGIC) {
      return { undecodable: 'it is not in the Confluent wire format', raw };
    }
    const schemaId = bytes.readUInt32BE(1);
    try {
      const resolver = await this.#resolverOf(topic, schemaId, reader.type);
      const read: unknown = reader.type.fromBuffer(bytes.subarray(PREFIX_BYTES), resolver);
      return { schemaId, value: plain(reader.schema, read, new Map()) as Record<string, unknown> };
    } catch (error) {
      const undecodable = error instanceof Error ? error.message : String(error);
      return { schemaId, undecodable, raw };
    }
  }

  /** From the writer's schema to the reader's; undefined when they are equal. */
  #resolverOf(topic: string, schemaId: number, type: avsc.Type) {
    const key = `${topic} ${schemaId}`;
    let resolver = this.#resolvers.get(key);
    if (resolver === undefined) {
      resolver = this.#registry.getSchema(schemaId).then((writer) => {
        const written = avsc.Type.forSchema((writer as avsc.Type).schema());
        return type.equals(written) ? undefined : type.createResolver(written);
      });
      // A registry that did not answer is asked again.
      resolver.catch(() => this.#resolvers.delete(key));
      this.#resolvers.set(key, resolver);
    }
    return resolver;
  }
}

/** The value as plain JSON, by its schema; named types are known after their first mention. */
function plain(schema: AvroSchema, value: unknown, named: Map<string, AvroSchema>): unknown {
  if (Array.isArray(schema)) return plainUnion(schema, value, named);
  if (typeof schema === 'string') {
    const known = named.get(schema);
    return known === undefined ? value : plain(known, value, named);
  }
  const { type, name, fields, items } = schema as Exclude<
    AvroSchema,
    string | readonly AvroSchema[]
  >;
  if (name !== undefined) named.set(name, schema);
  if (type === 'record') {
    const record = value as Record<string, unknown>;
    return Object.fromEntries(
      (fields ?? []).map((field) => [field.name, plain(field.type, record[field.name], named)]),
    );
  }
  if (type === 'array' && items !== undefined) {
    // Names must be known to what comes later even when the array is empty.
    plainNames(items, named);
    return (value as unknown[]).map((item) => plain(items, item, named));
  }
  return value;
}

function plainUnion(
  branches: readonly AvroSchema[],
  value: unknown,
  named: Map<string, AvroSchema>,
): unknown {
  for (const branch of branches) plainNames(branch, named);
  if (value === null) return null;
  const records = branches.filter((branch) => recordOf(branch, named) !== undefined);
  const [only] = records;
  if (records.length === 0 || only === undefined) return value;
  if (records.length === 1) return plain(only, value, named);
  // The decoder wraps the branches of such a union: one key, the branch's full name.
  const [entry] = Object.entries(value as object);
  if (entry === undefined) return value;
  const [fullName, inner] = entry;
  const type = fullName.slice(fullName.lastIndexOf('.') + 1);
  const branch = records.find((known) => recordOf(known, named)?.name === type);
  if (branch === undefined) return value;
  return { type, ...(plain(branch, inner, named) as object) };
}

function plainNames(schema: AvroSchema, named: Map<string, AvroSchema>): void {
  if (Array.isArray(schema)) {
    for (const branch of schema as readonly AvroSchema[]) plainNames(branch, named);
    return;
  }
  if (typeof schema === 'string') return;
  const { name, fields, items } = schema as Exclude<AvroSchema, string | readonly AvroSchema[]>;
  if (name !== undefined) named.set(name, schema);
  for (const field of fields ?? []) plainNames(field.type, named);
  if (items !== undefined) plainNames(items, named);
}

function recordOf(
  schema: AvroSchema,
  named: ReadonlyMap<string, AvroSchema>,
): { readonly name?: string } | undefined {
  const known = typeof schema === 'string' ? named.get(schema) : schema;
  if (known === undefined || typeof known === 'string' || Array.isArray(known)) return undefined;
  const record = known as Exclude<AvroSchema, string | readonly AvroSchema[]>;
  return record.type === 'record' ? { ...(record.name === undefined ? {} : record) } : undefined;
}
