import { readFileSync } from 'node:fs';

/** An Avro schema, as far as ours go. */
export type AvroSchema = string | readonly AvroSchema[] | NamedAvroSchema;

export interface NamedAvroSchema {
  readonly type: AvroSchema;
  readonly name?: string;
  readonly logicalType?: string;
  readonly fields?: ReadonlyArray<{ readonly name: string; readonly type: AvroSchema }>;
  readonly items?: AvroSchema;
  readonly values?: AvroSchema;
  readonly symbols?: readonly string[];
}

/** The schema of a topic's values, which its readers read with. */
export function readAvroSchema(topic: string): AvroSchema {
  const file = new URL(`../../avro/${topic}.avsc`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as AvroSchema;
}

const INT_MAX = 2 ** 31 - 1;

/**
 * The JSON Schema of an Avro schema's values as histories have them: plain JSON, in which a record
 * of a union of several records is `{type, ...fields}` and nothing is left out.
 */
export function jsonSchemaOf(avro: AvroSchema): object {
  return schemaOf(avro, new Map());
}

type Known = Map<string, NamedAvroSchema>;

function schemaOf(avro: AvroSchema, known: Known): object {
  if (Array.isArray(avro)) return unionOf(avro as readonly AvroSchema[], known);
  if (typeof avro === 'string') {
    const named = known.get(avro);
    return named === undefined ? primitiveOf(avro) : schemaOf(named, known);
  }
  const schema = avro as NamedAvroSchema;
  const { name, type, logicalType, items, values, symbols } = schema;
  if (name !== undefined) known.set(name, schema);
  if (logicalType === 'uuid') return { type: 'string', format: 'uuid' };
  switch (type) {
    case 'record':
      return recordOf(schema, known, {});
    case 'enum':
      return { enum: symbols };
    case 'array':
      return { type: 'array', items: schemaOf(items ?? 'null', known) };
    case 'map':
      return { type: 'object', additionalProperties: schemaOf(values ?? 'null', known) };
    default:
      return schemaOf(type, known);
  }
}

function recordOf({ fields = [] }: NamedAvroSchema, known: Known, more: object): object {
  const properties = fields.map(({ name, type }) => [name, schemaOf(type, known)] as const);
  return {
    type: 'object',
    additionalProperties: false,
    required: [...Object.keys(more), ...fields.map(({ name }) => name)],
    properties: { ...more, ...Object.fromEntries(properties) },
  };
}

function unionOf(branches: readonly AvroSchema[], known: Known): object {
  const records = branches.map((branch) => recordAt(branch, known)).filter((one) => one !== null);
  if (records.length <= 1) {
    return { anyOf: branches.map((branch) => schemaOf(branch, known)) };
  }
  // One look at the type decides, however many branches there are.
  const tagged = records.map((record) => recordOf(record, known, { type: { const: record.name } }));
  const discriminator = { propertyName: 'type' };
  return { type: 'object', required: ['type'], discriminator, oneOf: tagged };
}

function recordAt(branch: AvroSchema, known: Known): NamedAvroSchema | null {
  const schema = typeof branch === 'string' ? known.get(branch) : branch;
  if (schema === undefined || Array.isArray(schema)) return null;
  const named = schema as NamedAvroSchema;
  if (named.type !== 'record') return null;
  if (named.name !== undefined) known.set(named.name, named);
  return named;
}

function primitiveOf(type: string): object {
  switch (type) {
    case 'null':
      return { type: 'null' };
    case 'boolean':
      return { type: 'boolean' };
    case 'int':
      return { type: 'integer', minimum: -INT_MAX - 1, maximum: INT_MAX };
    case 'long':
      return { type: 'integer' };
    case 'float':
    case 'double':
      return { type: 'number' };
    case 'string':
    case 'bytes':
      return { type: 'string' };
    default:
      throw new Error(`an Avro schema names ${type}, which nothing before it defines`);
  }
}
