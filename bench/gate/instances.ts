import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { isJson, type Json } from '../../harness/gate/json-schema/document.ts';

const SEED = 20_261_122;
const TRIES = 300;
const STRINGS = 12;
const DEPTH_MAX = 6;
const ANY: readonly unknown[] = ['text', 0, 1.5, true, null, {}, []];
const FORMATS: Readonly<Record<string, readonly string[]>> = {
  uuid: ['018f3c1e-7b2a-7c3d-8e4f-5a6b7c8d9e0f'],
  'date-time': ['2026-11-22T10:00:00Z'],
  date: ['2026-11-22'],
  uri: ['https://example.org/a'],
  'uri-reference': ['/a/b'],
  email: ['ada@example.org'],
};

/** A validator of a schema whose references are written out. */
export function validatorOf(schema: unknown): (value: unknown) => boolean {
  const ajv = new Ajv2020({ strict: false, logger: false });
  addFormats.default(ajv);
  const validate = ajv.compile(schema === undefined ? true : (schema as object | boolean));
  return (value) => validate(value) === true;
}

/**
 * Instances that a sender of the schema may send: at the edges of every bound, every member of
 * every set, every optional property there and not. It sends properties that the schema names, and
 * others only where the schema describes them: by a pattern, or as additional ones.
 *
 * @param hints names and values that the other side treats specially
 */
export function instancesOf(schema: unknown, hints: Hints = NO_HINTS): unknown[] {
  const random = mulberry(SEED);
  const isValid = validatorOf(schema);
  const instances = new Map<string, unknown>();
  for (let index = 0; index < TRIES; index += 1) {
    const value = instance(schema, { random, hints }, 0);
    const text = JSON.stringify(value);
    if (!instances.has(text) && isValid(value)) instances.set(text, value);
  }
  return [...instances.values()];
}

/** The first instance of what is sent that the receiver's schema refuses. */
export function firstRefused(sender: unknown, receiver: unknown): string | undefined {
  const accepts = validatorOf(receiver);
  const values = instancesOf(sender, hintsOf(receiver));
  if (values.length === 0) throw new Error(`no instance of ${JSON.stringify(sender)}`);
  const refused = values.find((value) => !accepts(value));
  return refused === undefined ? undefined : JSON.stringify(refused);
}

/** What a receiver's schema mentions. */
export interface Hints {
  readonly names: readonly string[];
  readonly values: readonly unknown[];
}
const NO_HINTS: Hints = { names: [], values: [] };

function hintsOf(schema: unknown): Hints {
  const names = new Set<string>();
  const values = new Set<unknown>();
  const visit = (part: unknown): void => {
    if (Array.isArray(part)) for (const item of part) visit(item);
    if (!isJson(part)) return;
    if (isJson(part['properties']))
      for (const name of Object.keys(part['properties'])) names.add(name);
    if (isJson(part['patternProperties'])) {
      for (const pattern of Object.keys(part['patternProperties']))
        names.add(textLike(pattern)[0] ?? '');
    }
    for (const value of [part['const'], part['enum']].flat())
      if (value !== undefined) values.add(value);
    for (const own of Object.values(part)) visit(own);
  };
  visit(schema);
  return { names: [...names], values: [...values] };
}

interface Source {
  readonly random: Random;
  readonly hints: Hints;
}

type Random = () => number;

/** A small generator of numbers between 0 and 1; the same seed gives the same cases. */
function mulberry(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const pick = <T>(values: readonly T[], random: Random): T =>
  values[Math.floor(random() * values.length)] as T;

function instance(schema: unknown, from: Source, depth: number): unknown {
  const { random } = from;
  if (!isJson(schema)) return pick(ANY, random);
  if ('const' in schema) return schema['const'];
  if (Array.isArray(schema['enum'])) return pick(schema['enum'], random);
  const extra = conditional(schema, random);
  const { allOf = [], anyOf, oneOf, if: _, then: __, else: ___, ...own } = schema;
  const branches = [anyOf, oneOf].filter(Array.isArray).filter(({ length }) => length > 0);
  const parts = [
    ...(allOf as unknown[]),
    ...branches.map((all) => pick(all, random)),
    ...extra,
    own,
  ];
  if (parts.length > 1) {
    return together(parts.map((part) => instance(withType(part, parts), from, depth)));
  }
  const { type } = schema;
  const named = Array.isArray(type) ? pick(type, random) : (type ?? typeFrom(schema));
  return typed(String(named), schema, from, depth);
}

/** What a condition adds when it holds, or when it does not; the validator drops the wrong ones. */
function conditional(schema: Json, random: Random): unknown[] {
  const found: unknown[] = [];
  if ('if' in schema) {
    found.push(
      ...(random() < 0.5 ? [schema['if'], schema['then'] ?? true] : [schema['else'] ?? true]),
    );
  }
  for (const keyword of ['dependentSchemas', 'dependencies'] as const) {
    const all = isJson(schema[keyword]) ? Object.values(schema[keyword]) : [];
    found.push(...all.filter(isJson).filter(() => random() < 0.5));
  }
  return found.filter(isJson);
}

/** A part that names no type is of its siblings' type. */
function withType(part: unknown, siblings: readonly unknown[]): unknown {
  if (!isJson(part) || 'type' in part || 'const' in part || '$ref' in part) return part;
  const type = siblings.find((other): other is Json => isJson(other) && 'type' in other)?.['type'];
  return type === undefined ? part : { ...part, type };
}

function together(parts: readonly unknown[]): unknown {
  if (parts.every(isJson)) return Object.assign({}, ...parts) as unknown;
  const lists = parts.filter(Array.isArray);
  if (lists.length === parts.length) {
    const longest = lists.toSorted((a, b) => b.length - a.length)[0] ?? [];
    return longest.map(
      (item: unknown, index) => lists.find((list) => index in list)?.[index] ?? item,
    );
  }
  return parts.find((part) => !isJson(part)) ?? parts[0];
}

const OBJECT_KEYWORDS = ['properties', 'required', 'patternProperties', 'additionalProperties'];

function typeFrom(schema: Json): string {
  if (OBJECT_KEYWORDS.some((keyword) => keyword in schema)) return 'object';
  if ('items' in schema || 'prefixItems' in schema || 'contains' in schema) return 'array';
  if ('pattern' in schema || 'maxLength' in schema || 'format' in schema) return 'string';
  return Object.keys(schema).length === 0 ? 'object' : 'string';
}

function typed(type: string, schema: Json, from: Source, depth: number): unknown {
  const { random, hints } = from;
  const known = hints.values.filter((value) => typeof value === type);
  if (known.length > 0 && random() < 0.3) return pick(known, random);
  switch (type) {
    case 'null':
      return null;
    case 'boolean':
      return random() < 0.5;
    case 'integer':
      return Math.round(pick(numbers(schema), random));
    case 'number':
      return pick([...numbers(schema), 0.5, 1.25], random);
    case 'string':
      return pick(texts(schema), random);
    case 'array':
      return arrayOf(schema, from, depth);
    default:
      return objectOf(schema, from, depth);
  }
}

/** Fixed positions, then items, some of which match `contains`. */
function arrayOf(schema: Json, from: Source, depth: number): unknown[] {
  const { random } = from;
  const fixed = Array.isArray(schema['prefixItems']) ? schema['prefixItems'] : [];
  const rest = schema['items'] ?? schema['unevaluatedItems'];
  const [least, most] = [Number(schema['minItems'] ?? 0), Number(schema['maxItems'] ?? 4)];
  const longest = rest === false ? fixed.length : Math.max(least + 3, fixed.length + 2);
  const length =
    depth > DEPTH_MAX ? least : pick([least, fixed.length, Math.min(most, longest)], random);
  const wanted = Math.max(length, 'contains' in schema ? Number(schema['minContains'] ?? 1) : 0);
  return Array.from({ length: wanted }, (_, index) => {
    const own = fixed[index] ?? rest;
    const isWanted = 'contains' in schema && random() < 0.6;
    if (!isWanted) return instance(own, from, depth + 1);
    return instance(withType(schema['contains'], [own]), from, depth + 1);
  });
}

function objectOf(schema: Json, from: Source, depth: number): Json {
  const { random, hints } = from;
  const required = Array.isArray(schema['required']) ? schema['required'].map(String) : [];
  const properties = isJson(schema['properties']) ? schema['properties'] : {};
  const names = new Set([...required, ...Object.keys(properties)]);
  const value: Record<string, unknown> = {};
  for (const name of names) {
    const optional = !required.includes(name);
    if (optional && (depth > DEPTH_MAX || random() < 0.4)) continue;
    value[name] = instance(properties[name], from, depth + 1);
  }
  if (depth > DEPTH_MAX) return value;
  const patterns = isJson(schema['patternProperties']) ? schema['patternProperties'] : {};
  for (const [pattern, own] of Object.entries(patterns)) {
    const matching = hints.names.filter((name) => new RegExp(pattern, 'u').test(name));
    const name = pick([...textLike(pattern), ...matching], random);
    if (!names.has(name) && random() < 0.6) value[name] = instance(own, from, depth + 1);
  }
  const additional = schema['additionalProperties'] ?? schema['unevaluatedProperties'];
  const isMap = isJson(additional) && Object.keys(additional).length > 0;
  if ((isMap || additional === true) && random() < 0.7) {
    const { propertyNames } = schema;
    const key = propertyNames === undefined ? 'key' : String(instance(propertyNames, from, 9));
    const other = isMap ? hints.names.filter((name) => !names.has(name)) : [];
    const name = pick([key, ...other], random);
    if (!(name in value)) value[name] = instance(additional, from, depth + 1);
  }
  return value;
}

const textLike = (pattern: string): string[] =>
  fc.sample(fc.stringMatching(new RegExp(pattern, 'u')), { seed: SEED, numRuns: STRINGS });

function numbers(schema: Json): number[] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const edges = [minimum, maximum].filter((edge): edge is number => typeof edge === 'number');
  if (typeof exclusiveMinimum === 'number') edges.push(exclusiveMinimum + 1);
  if (typeof exclusiveMaximum === 'number') edges.push(exclusiveMaximum - 1);
  const step = typeof multipleOf === 'number' ? multipleOf : 1;
  return [...edges, 0, step, -step, 3 * step, 2 ** 40 * step];
}

function texts(schema: Json): string[] {
  const { pattern, format, minLength, maxLength } = schema;
  if (typeof pattern === 'string') {
    return textLike(pattern);
  }
  const known = typeof format === 'string' ? FORMATS[format] : undefined;
  if (known !== undefined) return [...known];
  const least = typeof minLength === 'number' ? minLength : 0;
  const most = typeof maxLength === 'number' ? maxLength : least + 80;
  return ['x'.repeat(least), 'y'.repeat(most), 'z'.repeat(Math.min(most, least + 3))];
}
