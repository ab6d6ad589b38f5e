import avsc, { type Type } from 'avsc';
import { directionsOf, isTransitive } from '../../harness/gate/avro/compatibility.ts';
import { unqualified } from '../../harness/gate/avro/oracle.ts';
import { type AvroNode, parseAvro } from '../../harness/gate/avro/schema.ts';
import { avroSamples } from './avro-samples.ts';
import type { AvroCase } from './corpus.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Writes messages with one schema and reads them with the other, in every direction that the mode
 * promises. Returns the first message that cannot be read, or that is read as another value.
 */
export function avroCounterexample({ mode, before, after, earlier }: AvroCase): string | undefined {
  const kept = isTransitive(mode) ? [before, ...earlier] : [before];
  for (const direction of directionsOf(mode)) {
    for (const old of kept) {
      const [reader, writer] = direction === 'backward' ? [after, old] : [old, after];
      const found = unread(reader, writer);
      if (found !== undefined) return `${direction}: ${found}`;
    }
  }
  return undefined;
}

function unread(reader: object, writer: object): string | undefined {
  let writerType: Type;
  try {
    writerType = typeOf(writer);
  } catch (error) {
    return `no writer can use it: ${(error as Error).message}`;
  }
  const writerNode = parseAvro(JSON.stringify(writer), 'writer');
  const readerNode = parseAvro(JSON.stringify(reader), 'reader');
  for (const value of avroSamples(writerNode)) {
    const bytes = writerType.toBuffer(value);
    try {
      const [readerType, resolver] = resolverOf(reader, writer, writerType);
      const read: unknown = readerType.fromBuffer(bytes, resolver);
      // Encoded once more with the reader's type: JavaScript alone would not round a float.
      const kept: unknown = readerType.fromBuffer(readerType.toBuffer(read));
      const change = arrival(writerNode, value, readerNode, kept);
      if (change !== undefined) return `${JSON.stringify(value)}: ${change}`;
    } catch (error) {
      return `${JSON.stringify(value)}: ${(error as Error).message}`;
    }
  }
  return undefined;
}

/** Readers that follow the specification ignore namespaces; the library does not. */
function resolverOf(reader: object, writer: object, writerType: Type): [Type, Resolver] {
  const readerType = typeOf(reader);
  try {
    return [readerType, readerType.createResolver(writerType)];
  } catch (error) {
    const [own, other] = [reader, writer].map((it) => unqualified(JSON.stringify(it)));
    if (own === undefined || other === undefined) throw error;
    const plain = typeOf(JSON.parse(own) as object);
    return [plain, plain.createResolver(typeOf(JSON.parse(other) as object))];
  }
}
type Resolver = ReturnType<Type['createResolver']>;

const typeOf = (schema: object): Type =>
  avsc.Type.forSchema(schema as avsc.Schema, { wrapUnions: 'always' });

/** How a value differs from the written one; fields with a default of the reader may differ. */
function arrival(
  writer: AvroNode,
  written: unknown,
  reader: AvroNode,
  read: unknown,
): string | undefined {
  if (writer.kind === 'union' || reader.kind === 'union') {
    const [from, value] = unwrapped(writer, written);
    const [to, got] = unwrapped(reader, read);
    return arrival(from, value, to, got);
  }
  if (writer.kind === 'record' && reader.kind === 'record') {
    for (const field of reader.fields) {
      const source = writer.fields.find(
        ({ name }) => name === field.name || field.aliases.includes(name),
      );
      if (source === undefined) continue;
      const [sent, got] = [(written as Values)[source.name], (read as Values)[field.name]];
      const change = arrival(source.type, sent, field.type, got);
      if (change !== undefined) return `${field.name} ${change}`;
    }
    return undefined;
  }
  if (
    (writer.kind === 'array' && reader.kind === 'array') ||
    (writer.kind === 'map' && reader.kind === 'map')
  ) {
    const items = Object.entries(written as Values).map(([key, item]) =>
      arrival(writer.items, item, reader.items, (read as Values)[key]),
    );
    return items.find((change) => change !== undefined);
  }
  if (writer.kind === 'enum' && reader.kind === 'enum') {
    // A symbol that the reader lacks becomes its default, as intended.
    if (!reader.symbols.includes(String(written))) return undefined;
  }
  // When only one side has a time type, both sides see the plain number.
  const plain = unitOf(writer) === undefined || unitOf(reader) === undefined;
  const [sent, got] = [meaning(writer, written, plain), meaning(reader, read, plain)];
  if (reader.kind === 'primitive' && reader.logical?.name === 'uuid' && !UUID.test(String(read))) {
    return `is no UUID: ${String(read)}`;
  }
  return sent === got ? undefined : `was written as ${sent} and read as ${got}`;
}

type Values = Readonly<Record<string, unknown>>;

function unwrapped(node: AvroNode, value: unknown): [AvroNode, unknown] {
  if (node.kind !== 'union') return [node, value];
  const [name, inner] =
    value === null ? ['null', null] : (Object.entries(value as object)[0] ?? []);
  const branch =
    node.branches.find((it) => branchName(it) === name) ??
    node.branches.find((it) => branchName(it).split('.').at(-1) === name);
  if (branch === undefined) throw new Error(`no branch ${name}`);
  return [branch, inner];
}

const branchName = (node: AvroNode): string => {
  if (node.kind === 'primitive') return node.type;
  return 'fullName' in node ? node.fullName : node.kind;
};

const TO_NANOS: Readonly<Record<string, bigint>> = {
  date: 86_400_000_000_000n,
  millis: 1_000_000n,
  micros: 1_000n,
  nanos: 1n,
};

function unitOf(node: AvroNode): bigint | undefined {
  const name = 'logical' in node ? node.logical?.name : undefined;
  return TO_NANOS[name?.split('-').at(-1) ?? ''];
}

/** The meaning of a value, so that the same bytes under two logical types differ. */
function meaning(node: AvroNode, value: unknown, plain: boolean): string {
  const logical = 'logical' in node ? node.logical : undefined;
  const unit = unitOf(node);
  if (unit !== undefined && !plain) return `${BigInt(Number(value)) * unit} ns`;
  if (logical?.name === 'decimal') {
    const hex = Buffer.from(value as Uint8Array).toString('hex');
    return `${BigInt(`0x${hex || '0'}`)}e-${logical.scale}`;
  }
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (node.kind === 'primitive' && node.type === 'string') {
    return Buffer.from(String(value), 'utf8').toString('base64');
  }
  return JSON.stringify(value);
}
