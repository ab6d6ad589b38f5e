import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';

const INT32 = [1, -1, 2 ** 31 - 1, -(2 ** 31)];
const UINT32 = [1, 2 ** 32 - 1];
const INT64 = [1n, -1n, 2n ** 63n - 1n];
const UINT64 = [1n, 2n ** 64n - 1n];

/** Values at the edges of each scalar, none of them the default. */
const SCALARS: Readonly<Partial<Record<ScalarType, readonly unknown[]>>> = {
  [ScalarType.STRING]: ['text', 'ä漢'],
  [ScalarType.BYTES]: [new Uint8Array([1, 2]), new Uint8Array([0xff, 0xfe])],
  [ScalarType.BOOL]: [true],
  [ScalarType.INT32]: INT32,
  [ScalarType.SINT32]: INT32,
  [ScalarType.SFIXED32]: INT32,
  [ScalarType.UINT32]: UINT32,
  [ScalarType.FIXED32]: UINT32,
  [ScalarType.INT64]: INT64,
  [ScalarType.SINT64]: INT64,
  [ScalarType.SFIXED64]: INT64,
  [ScalarType.UINT64]: UINT64,
  [ScalarType.FIXED64]: UINT64,
  [ScalarType.FLOAT]: [1.5, -2.25],
  [ScalarType.DOUBLE]: [1.5, 1e300],
};
const DEPTH_MAX = 4;

/** Well-known types whose JSON takes part of the values only. */
const WELL_KNOWN: Readonly<Record<string, ReadonlyArray<Record<string, unknown>>>> = {
  'google.protobuf.Timestamp': [{ seconds: 1n }, { seconds: 1_700_000_000n, nanos: 5_000_000 }],
  'google.protobuf.Duration': [{ seconds: 1n }, { seconds: 90n, nanos: 5_000_000 }],
  'google.protobuf.FieldMask': [{ paths: ['a.b'] }],
};
const MAP_KEYS: Readonly<Partial<Record<ScalarType, readonly string[]>>> = {
  [ScalarType.STRING]: ['key'],
  [ScalarType.BOOL]: ['true'],
  [ScalarType.INT64]: ['1', '4294967297'],
  [ScalarType.UINT64]: ['1', '4294967297'],
};

/** Initial values of messages that together have every sample of every field. */
export function protobufSamples(type: DescMessage, depth = 0): Array<Record<string, unknown>> {
  const known = WELL_KNOWN[type.typeName];
  if (known !== undefined) return [...known];
  const loose = type.fields.filter(({ oneof }) => oneof === undefined);
  const samples = loose.map((field) => ({ field, values: fieldSamples(field, depth) }));
  const count = Math.max(1, ...samples.map(({ values }) => values.length));
  const messages = Array.from({ length: count }, (_, index) =>
    Object.fromEntries(
      samples.flatMap(({ field, values }) =>
        values.length === 0 ? [] : [[field.localName, values[index % values.length]]],
      ),
    ),
  );
  const chosen = type.oneofs.map((oneof) => ({
    name: oneof.localName,
    choices: oneof.fields.flatMap((field) =>
      fieldSamples(field, depth).map((value) => ({ case: field.localName, value })),
    ),
  }));
  // Every choice, with one of each other oneof: both may be set at once.
  const others = Object.fromEntries(chosen.map(({ name, choices }) => [name, choices[0]]));
  const choices = chosen.flatMap(({ name, choices: own }) =>
    own.map((choice) => ({ ...messages[0], ...others, [name]: choice })),
  );
  return [{}, ...messages, ...choices];
}

function fieldSamples(field: DescField, depth: number): unknown[] {
  const values = singleSamples(field, depth).map((value) =>
    // Two fields that changed places must not look the same.
    typeof value === 'string' ? `${value} of ${field.name}` : value,
  );
  if (field.fieldKind === 'list') return values.length === 0 ? [] : [[values[0]], values];
  if (field.fieldKind === 'map') {
    const keys = MAP_KEYS[field.mapKey] ?? ['1'];
    return values.flatMap((value) => keys.map((key) => ({ [key]: value })));
  }
  return values;
}

function singleSamples(field: DescField, depth: number): unknown[] {
  if (field.enum !== undefined) return field.enum.values.map(({ number }) => number);
  if (field.message !== undefined) {
    return depth > DEPTH_MAX ? [] : protobufSamples(field.message, depth + 1);
  }
  return field.scalar === undefined ? [] : [...(SCALARS[field.scalar] ?? [])];
}
