import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import avsc from 'avsc';
import { expect, test } from 'vitest';
import { valueSubject } from '#contracts/topics.ts';
import { recordOperation } from '../../coverage/protocols.ts';
import {
  type ContractInMaking,
  type Described,
  exampleOf,
  type Outcome,
  outcomeOf,
  sameOutcome,
  statesOf,
} from './contract.ts';
import { at, leavesOf, merged, type Path, replacedAt, textOfPath } from './leaves.ts';
import { noteUnread } from './unread-record.ts';

type Json = Readonly<Record<string, unknown>>;

/** A record as a consumer's client library hands it over. */
export interface ContractRecord {
  readonly topic: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Avro in the Confluent wire format, by the repository's schema or by a newer one. */
  readonly bytes: Buffer;
}

/** Ids that {@link ContractRecord.bytes} name: what a consumer's registry has to know. */
export const SCHEMA_ID = 1;
/** Of the schema that {@link newerSchema} makes. */
export const NEWER_SCHEMA_ID = 2;

/** A record that a consumer reads. */
export interface RecordInteraction<T> extends Described<T> {
  readonly topic: string;
  readonly key: unknown;
  /** Headers that the consumer uses, with matchers. `eventType` tells the record from others. */
  readonly headers: { readonly eventType: string } & Json;
  /** Fields of the value that the consumer uses, with matchers. A union's branch is `{type, …}`. */
  readonly value: Json;
  /** What the schema wants besides, and the consumer does not look at: not promised. */
  readonly unread?: Json;
  /** Event types that the same key had before it on this topic since the state was made. */
  readonly after?: readonly string[];
  /** The consumer's own code: decode and handle. */
  readonly consume: (record: ContractRecord) => Promise<T>;
}

/**
 * Declares a record that a consumer reads. The test encodes the example by the repository's schema
 * and has the consumer's own code take it. Each field that the contract promises is then changed in
 * turn: the consumer has to make something else of it, or the contract asks for what nobody needs.
 * And it comes once more from a producer whose schema has fields that the consumer does not know.
 */
export function recordInteraction<T>(
  contract: ContractInMaking,
  about: RecordInteraction<T>,
): void {
  test(about.description, async () => {
    const headers = Object.entries(about.headers).map(([name, text]) => [`header:${name}`, text]);
    const metadata = {
      protocol: 'kafka',
      topic: about.topic,
      key: about.key,
      subject: valueSubject(about.topic),
      ...Object.fromEntries(headers),
      ...(about.after === undefined ? {} : { after: about.after.join(', ') }),
    };
    const interaction = contract.pact.addAsynchronousInteraction();
    for (const { state, params } of statesOf(about.given)) {
      interaction.given(state, params as never);
    }
    await interaction
      .expectsToReceive(about.description, (builder) =>
        builder.withMetadata(metadata as never).withJSONContent(about.value),
      )
      .executeTest(async ({ contents }) => {
        const promised = contents.content as unknown as Json;
        const outcome = await consumed(about, promised);
        await about.expect(outcome);
        const newer = await consumed(about, promised, newerSchemaOf(about.topic));
        if (!sameOutcome(newer, outcome)) {
          expect(newer, 'what a field does that the consumer does not know').toEqual(outcome);
        }
        expect(
          await unusedFields(about, promised, outcome),
          'fields that the contract promises and the consumer does not use',
        ).toEqual([]);
        await noteUnread(contract.unread, {
          operation: recordOperation(about.topic, exampleOf<string>(about.headers.eventType)),
          promised,
          headers: about.headers,
          ...probesOf(about, promised, outcome),
        });
      });
  });
}

async function consumed<T>(
  about: RecordInteraction<T>,
  promised: Json,
  schema: TopicSchema = schemaOf(about.topic),
): Promise<Outcome<T>> {
  const headers = exampleOf<Record<string, string>>(about.headers);
  const record: ContractRecord = {
    topic: about.topic,
    key: exampleOf<string>(about.key),
    headers,
    bytes: encode(schema, merged(exampleOf<Json>(about.unread ?? {}), promised)),
  };
  return outcomeOf(() => about.consume(record));
}

async function unusedFields<T>(
  about: RecordInteraction<T>,
  promised: Json,
  outcome: Outcome<T>,
): Promise<string[]> {
  const schema = schemaOf(about.topic);
  const unused: string[] = [];
  for (const path of leavesOf(promised)) {
    const others = othersAt(schema, promised, path).filter((value) =>
      encodable(schema, merged(exampleOf<Json>(about.unread ?? {}), value)),
    );
    if (others.length === 0) {
      throw new Error(`${textOfPath(path)} has no other value: it need not be in the contract`);
    }
    const outcomes = await Promise.all(others.map((value) => consumed(about, value)));
    if (outcomes.every((other) => sameOutcome(other, outcome))) unused.push(textOfPath(path));
  }
  for (const name of Object.keys(about.headers)) {
    if (name === IDENTIFYING) continue;
    const { [name]: _, ...headers } = about.headers;
    const other = await consumed({ ...about, headers: headers as typeof about.headers }, promised);
    if (sameOutcome(other, outcome)) unused.push(`header ${name}`);
  }
  return unused;
}

/** Tells a record from others without a schema: for tools, not for consumers. */
const IDENTIFYING = 'eventType';

/** The promised value with something else at the path. */
function othersAt(schema: TopicSchema, promised: Json, path: Path): Json[] {
  const [union = '', leaf] = path.map(String);
  const isTag = path.length === 2 && leaf === 'type' && schema.tagged.includes(union);
  if (!isTag) {
    return otherValues(schema, at(promised, path)).map((o) => replacedAt(promised, path, o));
  }
  const { type, ...fields } = promised[union] as { type: string };
  return branchesOf(schema, union)
    .filter(({ name }) => name !== type)
    .map(({ name, sample }) => ({ ...promised, [union]: { ...sample, ...fields, type: name } }));
}

interface TopicSchema {
  readonly id: number;
  readonly type: avsc.Type;
  readonly namespace: string;
  /** Fields whose type is a union of records. */
  readonly tagged: readonly string[];
  readonly symbols: readonly string[];
}

/** Parsed once: each promised field has the consumer read a few more records. */
const schemas = new Map<string, TopicSchema>();

const schemaOf = (topic: string): TopicSchema =>
  parsedOnce(topic, () => [SCHEMA_ID, schemaText(topic)]);

const newerSchemaOf = (topic: string): TopicSchema =>
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
function branchesOf({ type, namespace }: TopicSchema, union: string) {
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

const encodable = (schema: TopicSchema, value: Json): boolean =>
  schema.type.isValid(avroValue(schema, value));

function encode(schema: TopicSchema, value: Json): Buffer {
  const header = Buffer.alloc(5);
  header.writeInt32BE(schema.id, 1);
  return Buffer.concat([header, schema.type.toBuffer(avroValue(schema, value))]);
}

/** What {@link noteUnread} has the consumer read. */
function probesOf<T>(about: RecordInteraction<T>, promised: Json, outcome: Outcome<T>) {
  const schema = schemaOf(about.topic);
  const whole = completed(schema, merged(exampleOf<Json>(about.unread ?? {}), promised));
  return {
    whole,
    othersAt: (path: Path) =>
      othersAt(schema, whole, path).filter((value) => encodable(schema, value)),
    changesNothing: async (value: Json, headers: Json = {}) => {
      const changed = { ...about, unread: {}, headers: { ...about.headers, ...headers } };
      return sameOutcome(await consumed(changed, value), outcome);
    },
  };
}

/** With what the schema puts where the value says nothing. */
function completed(schema: TopicSchema, value: Json): Json {
  const read = schema.type.fromBuffer(schema.type.toBuffer(avroValue(schema, value))) as Json;
  const plain = JSON.parse(JSON.stringify(read)) as Record<string, unknown>;
  for (const name of schema.tagged) {
    const [[full = '', fields] = []] = Object.entries(plain[name] as Record<string, object>);
    plain[name] = { type: full.slice(schema.namespace.length + 1), ...fields };
  }
  return plain;
}

/** Values of the same kind that are not this one: other text, id, number, member of a set. */
function otherValues({ symbols }: TopicSchema, value: unknown): unknown[] {
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
