import {
  create,
  type DescEnum,
  type DescExtension,
  type DescField,
  type DescMessage,
  type DescService,
  type FileRegistry,
  fromBinary,
  fromJson,
  toBinary,
  toJson,
} from '@bufbuild/protobuf';
import { reflect } from '@bufbuild/protobuf/reflect';
import { protobufSamples } from './protobuf-samples.ts';

/**
 * Encodes messages with one version and decodes them with the other, in bytes and in JSON, in both
 * directions, and looks up every old call in the new module. Returns the first failure.
 */
export function protobufCounterexample(
  before: FileRegistry,
  after: FileRegistry,
): string | undefined {
  const pairs: Array<readonly [DescMessage, DescMessage]> = [];
  const used = usedTypes(before);
  for (const type of before) {
    const found = lost(type, after, used);
    if (found !== undefined) return found;
    if (type.kind === 'service') {
      for (const method of type.methods) {
        const now = after
          .getService(type.typeName)
          ?.methods.find(({ name }) => name === method.name);
        const path = `/${type.typeName}/${method.name}`;
        if (now === undefined) return `${path} answers UNIMPLEMENTED`;
        if (now.methodKind !== method.methodKind) return `${path} is now ${now.methodKind}`;
        pairs.push([method.input, now.input], [method.output, now.output]);
      }
    }
    if (type.kind === 'message') {
      const now = after.getMessage(type.typeName);
      if (now !== undefined) pairs.push([type, now]);
    }
  }
  for (const [old, now] of pairs) {
    const found = misread(old, now) ?? misread(now, old);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Names of types that something in the module uses. */
function usedTypes(module: FileRegistry): Set<string> {
  const used = new Set<string>();
  for (const type of module) {
    if (type.kind === 'service') {
      for (const { input, output } of type.methods) used.add(input.typeName).add(output.typeName);
    }
    if (type.kind !== 'message') continue;
    for (const { message, enum: closed } of type.fields) {
      for (const name of [message?.typeName, closed?.typeName]) {
        if (name !== undefined && name !== type.typeName) used.add(name);
      }
    }
  }
  return used;
}

/**
 * What another module that imports this one no longer finds: a type that nothing here uses exists
 * for others. An extension is part of the message that it extends.
 */
function lost(
  type: DescMessage | DescEnum | DescExtension | DescService,
  after: FileRegistry,
  used: ReadonlySet<string>,
): string | undefined {
  if (type.kind === 'service') return undefined;
  const now = after.get(type.typeName);
  if (type.kind !== 'extension') {
    const isRoot = type.parent === undefined && !used.has(type.typeName);
    return now === undefined && isRoot ? `${type.typeName} cannot be imported` : undefined;
  }
  if (now?.kind !== 'extension') return `[${type.typeName}] is unknown`;
  const same = now.number === type.number && now.proto.type === type.proto.type;
  return same ? undefined : `[${type.typeName}] is another field`;
}

function misread(writer: DescMessage, reader: DescMessage): string | undefined {
  const absent = readAsDefault(writer, reader);
  if (absent !== undefined) return absent;
  for (const init of protobufSamples(writer)) {
    const message = create(writer, init as never);
    const ways = {
      bytes: () => fromBinary(reader, toBinary(writer, message)),
      JSON: () => fromJson(reader, toJson(writer, message), { ignoreUnknownFields: true }),
    };
    for (const [way, decode] of Object.entries(ways)) {
      try {
        const read = decode();
        for (const identity of ['number', 'jsonName'] as const) {
          const sent = plain(message, writer, reader, identity);
          const got = plain(read, reader, writer, identity);
          if (got !== sent) return `${writer.name} in ${way}: ${sent} was read as ${got}`;
        }
      } catch (error) {
        return `${writer.name} in ${way}: ${(error as Error).message}`;
      }
    }
  }
  return undefined;
}

/** A reader takes a field that is not sent for its default, which both sides must agree on. */
function readAsDefault(writer: DescMessage, reader: DescMessage): string | undefined {
  for (const field of writer.fields) {
    const twin = reader.fields.find(({ number }) => number === field.number);
    const [was, is] = [field, twin].map((it) => it?.proto.defaultValue);
    if (twin !== undefined && was !== is)
      return `${writer.name}.${field.name} was ${was}, is ${is}`;
  }
  return undefined;
}

/** What identifies a field: a renumbered field keeps its name, a renamed one its number. */
type Identity = 'number' | 'jsonName';

/** The values of the fields that both versions have. */
function plain(message: unknown, type: DescMessage, other: DescMessage, by: Identity): string {
  return JSON.stringify(valuesOf(message, type, other, by));
}

type Values = Record<string, unknown>;

function valuesOf(message: unknown, type: DescMessage, other: DescMessage, by: Identity): Values {
  const view = reflect(type, message as never);
  const values: Values = {};
  for (const field of type.fields.toSorted((a, b) => (a[by] < b[by] ? -1 : 1))) {
    const twin = other.fields.find((it) => it[by] === field[by]);
    if (twin === undefined || !view.isSet(field)) continue;
    const value: unknown = (view.message as unknown as Values)[field.localName];
    const chosen =
      field.oneof === undefined
        ? value
        : ((view.message as unknown as Values)[field.oneof.localName] as { value?: unknown }).value;
    const plainValue = plainOf(chosen, field, twin, by);
    // Without presence, a default is not sent.
    if (plainValue !== 0 && plainValue !== '' && plainValue !== undefined)
      values[String(field[by])] = plainValue;
  }
  return values;
}

function plainOf(value: unknown, field: DescField, twin: DescField, by: Identity): unknown {
  if (field.fieldKind === 'list')
    return (value as unknown[]).map((it) => oneOf(it, field, twin, by));
  if (field.fieldKind === 'map') {
    const entries = Object.entries(value as Values).sort(([a], [b]) => a.localeCompare(b));
    return entries.map(([key, it]) => [key, oneOf(it, field, twin, by)]);
  }
  return oneOf(value, field, twin, by);
}

function oneOf(value: unknown, field: DescField, twin: DescField, by: Identity): unknown {
  if (field.message !== undefined) {
    return valuesOf(value, field.message, twin.message ?? field.message, by);
  }
  if (field.enum !== undefined && twin.enum !== undefined) {
    const known = [field.enum, twin.enum].every((type) =>
      type.values.some(({ number }) => number === value),
    );
    // An enum is open: a value that one version lacks counts as unspecified.
    return known ? value : undefined;
  }
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (typeof value === 'string') return Buffer.from(value, 'utf8').toString('base64');
  return Number(value);
}
