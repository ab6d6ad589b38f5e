/** What examples of records are encoded with: the Avro schema of a topic, or a newer one. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import avsc from 'avsc';

type Json = Readonly<Record<string, unknown>>;

/** Ids that encoded records name: what a consumer's registry has to know. */
export const SCHEMA_ID = 1;
/** Of the schema that {@link newerSchema} makes. */
export const NEWER_SCHEMA_ID = 2;

export interface TopicSchema {
  readonly id: number;
  readonly type: avsc.Type;
  readonly namespace: string;
  /** Fields whose type is a union of records. */
  readonly tagged: readonly string[];
  readonly symbols: readonly string[];
}

/** Parsed once: each promised field has the consumer read a few more records. */
const schemas = new Map<string, TopicSchema>();

export const schemaOf = (topic: string): TopicSchema =>
  parsedOnce(topic, () => [SCHEMA_ID, schemaText(topic)]);

export const newerSchemaOf = (topic: string): TopicSchema =>
  parsedOnce(`${topic}, newer`, () => [NEWER_SCHEMA_ID, newerSchema(topic)]);

function parsedOnce(name: string, read: () => readonly [id: number, text: string]): TopicSchema {
  const schema = schemas.get(name) ?? parseSchema(...read());
  schemas.set(name, schema);
  return schema;
}

const schemaText = (topic: string): string =>
  readFileSync(fileURLToPath(new URL(`../../../avro/${topic}.avsc`, import.meta.url)), 'utf8');

type RecordSchema = avsc.schema.RecordType & { namespace: string };

const isRecord = (schema: unknown): schema is RecordSchema =>
  typeof schema === 'object' && schema !== null && 'fields' in schema;

/** What a field is called that no consumer knows, and what is in it. */
const UNKNOWN = 'addedLater';

/** The topic's schema with one more field wherever a value may have one. */
export function newerSchema(topic: string): string {
  const added = { name: UNKNOWN, type: 'string', default: UNKNOWN };
  const withAdded = (schema: RecordSchema): RecordSchema => ({
    ...schema,
    fields: [
      ...schema.fields.map((field) => ({
        ...field,
        type: (Array.isArray(field.type)
          ? field.type.map((branch: unknown) => (isRecord(branch) ? withAdded(branch) : branch))
          : field.type) as avsc.Schema,
      })),
      added,
    ],
  });
  return JSON.stringify(withAdded(JSON.parse(schemaText(topic)) as RecordSchema));
}

function parseSchema(id: number, text: string): TopicSchema {
  const schema = JSON.parse(text) as RecordSchema;
  return {
    id,
    type: avsc.Type.forSchema(schema),
    namespace: schema.namespace,
    tagged: schema.fields
      .filter(({ type }) => Array.isArray(type) && type.filter(isRecord).length > 1)
      .map(({ name }) => name),
    symbols: [...text.matchAll(/"symbols":\s*\[([^\]]*)\]/g)].flatMap((found) =>
      [...(found[1] ?? '').matchAll(/"([^"]+)"/g)].map((symbol) => symbol[1] ?? ''),
    ),
  };
}

/** The records of a union, each with the fields that its schema wants. */
export function branchesOf({ type, namespace }: TopicSchema, union: string) {
  const field = (type as avsc.types.RecordType).field(union)?.type as avsc.types.WrappedUnionType;
  return field.types.map((branch) => ({
    name: branch.name?.slice(namespace.length + 1) ?? '',
    sample: sampleOf(branch) as Json,
  }));
}

function sampleOf(type: avsc.Type): unknown {
  if (type instanceof avsc.types.RecordType) {
    return Object.fromEntries(type.fields.map((field) => [field.name, sampleOf(field.type)]));
  }
  if (type instanceof avsc.types.EnumType) return type.symbols[0];
  const [sample] = [null, 'text', 1, true, []].filter((value) => type.isValid(value));
  return sample;
}

function avroValue({ id, namespace, tagged }: TopicSchema, value: Json): Json {
  const more = id === NEWER_SCHEMA_ID ? { [UNKNOWN]: UNKNOWN } : {};
  const fields: Record<string, unknown> = { ...value, ...more };
  for (const name of tagged) {
    const { type, ...rest } = fields[name] as { type: string };
    fields[name] = { [`${namespace}.${type}`]: { ...rest, ...more } };
  }
  return fields;
}

export const encodable = (schema: TopicSchema, value: Json): boolean =>
  schema.type.isValid(avroValue(schema, value));

export function encode(schema: TopicSchema, value: Json): Buffer {
  const header = Buffer.alloc(5);
  header.writeInt32BE(schema.id, 1);
  return Buffer.concat([header, schema.type.toBuffer(avroValue(schema, value))]);
}

/** With what the schema puts where the value says nothing. */
export function completed(schema: TopicSchema, value: Json): Json {
  const read = schema.type.fromBuffer(schema.type.toBuffer(avroValue(schema, value))) as Json;
  const plain = JSON.parse(JSON.stringify(read)) as Record<string, unknown>;
  for (const name of schema.tagged) {
    const [[full = '', fields] = []] = Object.entries(plain[name] as Record<string, object>);
    plain[name] = { type: full.slice(schema.namespace.length + 1), ...fields };
  }
  return plain;
}

/** Values of the same kind that are not this one: other text, id, number, member of a set. */
export function otherValues({ symbols }: TopicSchema, value: unknown): unknown[] {
  switch (typeof value) {
    case 'string':
      return [...symbols.filter((symbol) => symbol !== value), `${value}x`, OTHER_UUID];
    case 'number':
      return [value + 1, value - 1];
    case 'boolean':
      return [!value];
    default:
      return ['other', 1, null];
  }
}

const OTHER_UUID = '0193b3a0-ffff-7fff-bfff-ffffffffffff';
